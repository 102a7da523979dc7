"""What the tests look for in a run: the containers of a plan, and secrets where none may stand."""

import json
from collections.abc import Iterator
from typing import Any

from berth.rehearse.drivers.ec2.units import parse
from policy.rules.machines.user_data import texts
from policy.rules.values import Field

from .cli import Checkout, Run

# The engine's mark of a secret in a state.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_PASSWORD = "random:index/randomPassword:RandomPassword"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"


def containers(run: Run) -> dict[str, list[dict[str, Any]]]:
    """Return the containers that a run shows, by the URN of what declares them."""
    found = {urn: _containers(_token(urn), inputs) for urn, inputs in run.inputs.items()}
    return {urn: items for urn, items in found.items() if items}


def changed_types(run: Run) -> dict[str, set[str]]:
    """Return what a run did to resources, by their type."""
    types: dict[str, set[str]] = {}
    for urn, steps in run.steps.items():
        types.setdefault(_token(urn), set()).update(steps)
    return types


def of_type(run: Run, token: str) -> list[dict[str, Any]]:
    """Return the inputs of all resources of one type."""
    return [inputs for urn, inputs in run.inputs.items() if _token(urn) == token]


def passwords(checkout: Checkout) -> set[str]:
    """Return the random passwords of the state.

    Not every secret of a state is one to look for: the engine also calls the database's name a secret, because it
    stands in a parameter whose value may be one.
    """
    state = json.loads(checkout.pulumi("stack", "export", "--show-secrets").output)
    resources = state["deployment"].get("resources", [])
    made = [resource["outputs"] for resource in resources if resource["type"] == _PASSWORD]
    return set(_secret_strings(made, inside=False))


def _containers(token: str, inputs: dict[str, Any]) -> list[dict[str, Any]]:
    if token == "aws:ecs/taskDefinition:TaskDefinition":
        items: list[dict[str, Any]] = json.loads(inputs["containerDefinitions"])
        return items
    if token == "aws:ec2/launchTemplate:LaunchTemplate":
        files = {one.path: one.content for one in texts(Field(inputs.get("userData")))}
        return [dict(parse(text)["Container"]) for path, text in files.items() if path.endswith(".container")]
    if token == "aws:s3/bucketObjectv2:BucketObjectv2":
        return [inputs["source"]["assets"]["docker-compose.yml"]]  # by its hash: events leave texts out
    if token == "aws:lambda/function:Function":
        return [{key: inputs.get(key) for key in ("imageUri", "imageConfig")}]
    if token.startswith("kubernetes:"):
        spec = inputs.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)  # a CronJob's is one further in
        pod = spec if token.endswith(":Pod") else spec.get("template", {}).get("spec", {})
        return [*pod.get("initContainers", []), *pod.get("containers", [])]
    return []


def _token(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", maxsplit=1)[-1]


def _secret_strings(value: Any, inside: bool) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            yield from _secret_strings(json.loads(value["plaintext"]), inside=True)
            return
        for item in value.values():
            yield from _secret_strings(item, inside)
    elif isinstance(value, list):
        for item in value:
            yield from _secret_strings(item, inside)
    elif inside and isinstance(value, str):
        yield value
