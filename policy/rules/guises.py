"""Definitions of containers under whatever token a program declares them, in one form.

An ECS task definition may come from the AWS provider, from AWS Cloud Control, from a Terraform provider that is bridged
at run time, from a CloudFormation template or as plain JSON: it is the same definition. A Batch job holds task
definitions and pods by other names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from .folding import read
from .rule import Resource
from .templates import resources
from .values import Field, Malformed, Unreadable

TASK: Final = "task definition"
JOB: Final = "job definition"
TEMPLATE: Final = "template"
TYPED: Final = "typed"
KINDS: Final = {
    "ecstaskdefinition": TASK,
    "batchjobdefinition": JOB,
    "cloudformationstack": TEMPLATE,
    "cloudformationstackset": TEMPLATE,
    "cloudcontrolresource": TYPED,
    "cloudcontrolapiresource": TYPED,
    "extensionresource": TYPED,
}
_TOKEN: Final = re.compile(r"(aws|aws-native|awscc):([\w-]+)(?:/\w+)?:(\w+)")
_WRITE: Final = "the type's name and its properties as plain data"


@cache
def kind_of(token: str) -> str | None:
    """Return what a resource of this type declares, or None where it is none of these.

    `aws:ecs/taskDefinition:TaskDefinition`, `aws-native:ecs:TaskDefinition` and, of a bridged provider,
    `aws:index/ecsTaskDefinition:EcsTaskDefinition` are one.
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    module = "" if match[2] == "index" else match[2]
    return KINDS.get((module + match[3]).lower())


def is_opaque(token: str) -> bool:
    """Tell whether a resource of this type holds others, as CloudFormation has them."""
    return kind_of(token) in (TEMPLATE, TYPED)


def has_jobs(token: str) -> bool:
    """Tell whether a resource of this type may declare a Batch job, and with it a pod."""
    return kind_of(token) not in (None, TASK)


@dataclass(frozen=True)
class Declared:
    """One definition."""

    kind: str
    inputs: Field


def declared(resource: Resource) -> tuple[list[Declared], list[Unreadable]]:
    """Return the definitions that a resource declares, and why others cannot be read."""
    found: list[Declared] = []
    errors: list[Unreadable] = []
    for one in _in(kind_of(resource.type), resource.inputs, native=not resource.type.startswith("aws:")):
        if isinstance(one, Unreadable):
            errors.append(one)
        else:
            found.append(one)
    return found, errors


def _in(kind: str | None, inputs: Field, *, native: bool = True) -> Iterator[Declared | Unreadable]:
    try:
        if kind in (TASK, JOB):
            # Cloud Control's names begin with a capital, and what it is given in another spelling is handed on.
            yield Declared(kind, read(inputs, "properties") if native else inputs)
        elif kind == TYPED:
            yield from _typed(inputs)
        elif kind == TEMPLATE:
            yield from _template(inputs)
    except Unreadable as error:
        yield error


def _typed(inputs: Field) -> Iterator[Declared | Unreadable]:
    name = inputs.at("typeName") if inputs.at("typeName").exists() else inputs.at("type")
    kind = _cloudformation(name.text() or "")
    if not name.exists():
        raise name.malformed(_WRITE)
    if kind is not None:
        state = inputs.at("desiredState") if inputs.at("desiredState").exists() else inputs.at("properties")
        if not state.exists():
            raise state.malformed(_WRITE)
        yield from _in(kind, read(state, "the JSON of a resource's properties"))


def _cloudformation(name: str) -> str | None:
    package, *rest = name.strip().casefold().split("::")
    return KINDS.get("".join(rest)) if package == "aws" else None


def _template(inputs: Field) -> Iterator[Declared | Unreadable]:
    named = {key.casefold(): field for key, field in inputs.entries()}
    body, url = named.get("templatebody"), named.get("templateurl")
    if url is not None and url.exists():
        raise Malformed(url.path, "a template elsewhere, which is not read here", "the template's text in templateBody")
    if body is None or not body.exists():
        raise Malformed(inputs.at("templateBody").path, "absent", "the template's text")
    for one in resources(body):
        if isinstance(one, Unreadable):
            yield one
        else:
            yield from _in(_cloudformation(one[0]), one[1])


def _readable(resource: Resource) -> list[Declared]:
    found, errors = declared(resource)
    # What a template hides is one finding, of the rule that is about just this.
    if errors and not is_opaque(resource.type):
        raise errors[0]
    return found


def tasks(resource: Resource) -> Iterator[Resource]:
    """Yield each task definition that a resource declares, and each part of a job that is like one, as a resource.

    Raises:
        Unreadable: A job's part cannot be read.
    """
    for one in _readable(resource):
        if one.kind == TASK:
            yield replace(resource, type=TASK, inputs=one.inputs)
        else:
            yield from (replace(resource, type=JOB, inputs=part) for part in _tasks_of_job(one.inputs))


def job_pods(resource: Resource) -> Iterator[Field]:
    """Yield each pod of the jobs that a resource declares, as a field with a ``spec``."""
    for one in _readable(resource):
        if one.kind == JOB:
            for node in _nodes(one.inputs):
                pod = read(node.at("eksProperties"), "the properties of a pod").at("podProperties")
                if pod.exists():
                    yield _pod(pod)


def _nodes(job: Field) -> Iterator[Field]:
    yield job
    yield from read(job.at("nodeProperties"), "the properties of nodes").at("nodeRangeProperties").items()


def _tasks_of_job(job: Field) -> Iterator[Field]:
    for node in _nodes(job):
        for key in ("containerProperties", "container"):
            container = read(node.at(key), "the properties of a container")
            if container.exists():
                yield _task(container, container.listed([container]))
        for part in read(node.at("ecsProperties"), "the properties of a task").at("taskProperties").items():
            yield _task(part, part.at("containers"))


def _task(field: Field, containers: Field) -> Field:
    keys = ("volumes", "pidMode", "ipcMode", "networkMode", "runtimePlatform")
    return field.made({"containerDefinitions": containers, **{key: field.at(key) for key in keys}})


def _pod(pod: Field) -> Field:
    spec = {key: pod.at(key) for key, _ in pod.entries()}
    if not pod.at("hostNetwork").exists():
        # Batch takes it for true where nothing is said (AWS Batch API Reference, EksPodProperties).
        spec["hostNetwork"] = Field(True, parent=pod, key="hostNetwork")
    return pod.made({"spec": pod.made(spec), "metadata": pod.at("metadata")})
