"""One good workload as each layer sees it, and who finds what in it when it is weakened. Pure: nothing is started."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from berth.rehearse.checks import Observation
from berth.rehearse.checks import judge as judge_observation
from berth.rehearse.drivers.ecs.security import declarations as ecs_declarations
from berth.rehearse.drivers.kubernetes.security import declarations as pod_declarations
from berth.rehearse.drivers.kubernetes.security import refusals
from berth.rehearse.proc import IdMap, parse_mounts, parse_status
from berth.rehearse.workload import Container, Declaration, Promise
from components.berths.ecs.definition import EcsPlace, LaunchType, container_definitions
from components.berths.eks.chart import Release, chart_values, render
from components.service.spec import ContainerSecurity
from policy.judge import judge

from ..components.specs import SITE, service
from ..policy.support import Planned

Found = dict[str, list[str]]
"""What was said, by who said it: a rule's id, `kubelet`, or `rehearsal: ` and the promise that is broken."""

ROOT: Final = Path(__file__).parents[2]
SECURITY: Final = ContainerSecurity()
_PLACE: Final = "the workload"
_SAME: Final = IdMap.parse("0 0 4294967295\n")


def rehearsal(promise: Promise) -> str:
    """Return how findings of `berth rehearse` are filed."""
    return f"rehearsal: {promise}"


# --- the Dockerfile: the sample service's own


def good_dockerfile() -> str:
    """Return the text."""
    return (ROOT / "services" / "biometric" / "Dockerfile").read_text()


def judge_dockerfile(text: str) -> Found:
    """Ask the policy pack."""
    return _pack(Planned("docker-build:index:Image", {"tags": ["example/app:1"], "dockerfile": {"inline": text}}))


# --- the image's config, as a registry gives it


def good_image() -> dict[str, Any]:
    """Return the config that the Dockerfile makes."""
    return {"User": "10001:10001", "Volumes": {"/tmp": {}}, "Cmd": ["python", "-m", "biometric"]}


def judge_image(config: Mapping[str, Any]) -> Found:
    """Ask what a kubelet would do with a pod that forbids root and leaves the uid to the image."""
    container = {"name": "app", "image": "example/app:1"}
    pod = {"securityContext": {"runAsNonRoot": True}, "containers": [container]}
    lines = refusals(pod, [(container, _PLACE)], _PLACE, {"example/app:1": str(config.get("User") or "")})
    return {"kubelet": lines} if lines else {}


# --- the ECS container definition, as the ECS backends write it


def good_definition(launch_type: LaunchType) -> dict[str, Any]:
    """Return the definition of the service's container."""
    place = EcsPlace(launch_type, SITE, "/berth/app", {})
    definition: dict[str, Any] = json.loads(container_definitions(service(), place))[0]
    return definition


def judge_definition(definition: Mapping[str, Any], launch_type: LaunchType) -> Found:
    """Ask the policy pack, and what `berth rehearse` says of the declarations."""
    inputs = {
        "family": "app",
        "networkMode": "awsvpc",
        "requiresCompatibilities": [launch_type],
        "containerDefinitions": json.dumps([definition]),
    }
    declared = ecs_declarations(definition, "containerDefinitions[app]", launch_type == "FARGATE", SECURITY)
    return _pack(Planned("aws:ecs/taskDefinition:TaskDefinition", inputs)) | _declared(declared)


# --- the pod, as the EKS backend renders it


def good_pod() -> dict[str, Any]:
    """Return the Deployment's pod template."""
    objects = render("app", "app", chart_values(service(), Release("", "", "", ["10.0.0.0/20"])))
    [template] = [item["spec"]["template"] for item in objects if item["kind"] == "Deployment"]
    return dict(template)


def judge_pod(template: Mapping[str, Any]) -> Found:
    """Ask the policy pack, and what `berth rehearse` says of the declarations."""
    spec = template["spec"]
    declared = pod_declarations(spec, spec["containers"][0], "containers[app]", "spec", SECURITY)
    return _pack(Planned("kubernetes:apps/v1:Deployment", {"spec": {"template": template}})) | _declared(declared)


# --- the running process, as the kernel tells of it

GOOD_STATUS: Final = """\
Name:\tpython
Pid:\t4711
Uid:\t10001\t10001\t10001\t10001
Gid:\t10001\t10001\t10001\t10001
Groups:\t10001
CapInh:\t0000000000000000
CapPrm:\t0000000000000000
CapEff:\t0000000000000000
CapBnd:\t0000000000000000
CapAmb:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
"""
GOOD_MOUNTS: Final = """\
123 65 0:53 / / ro,relatime - overlay overlay rw
124 123 0:46 / /proc rw,nosuid - proc proc rw
125 123 0:60 / /tmp rw,nosuid - tmpfs tmpfs rw
"""


def good_proc() -> str:
    """Return `/proc/<pid>/status` and `/proc/<pid>/mountinfo`, one after the other."""
    return f"{GOOD_STATUS}\n{GOOD_MOUNTS}"


def judge_proc(text: str) -> Found:
    """Ask `berth rehearse`."""
    status, _, mounts = text.partition("\n\n")
    process = parse_status(status, _SAME, _SAME)
    return judge_seen(Observation((process,), tuple(parse_mounts(mounts)), SECURITY.writable_paths))


def judge_seen(seen: Observation) -> Found:
    """Say which promises a container breaks whose declaration says nothing against it."""
    checks = judge_observation(Container("app", _PLACE, "example/app:1"), seen, SECURITY)
    return {rehearsal(Promise(check.promise)): [check.seen] for check in checks if not check.kept}


def _pack(resource: Planned) -> Found:
    found: Found = {}
    for one in judge([resource], root=ROOT):
        found.setdefault(one.policy, []).append(one.message)
    return found


def _declared(declared: Mapping[Promise, Declaration]) -> Found:
    return {rehearsal(promise): [one.text] for promise, one in declared.items() if one.possible and not one.kept}
