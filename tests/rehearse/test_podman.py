"""A stack of the sample, run for real: every sabotage is caught and its place named, and what fails is explained."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from berth.plan import Plan
from berth.rehearse import Options, RehearsalError, RehearsalFailed, clean, run
from berth.rehearse.images import Images
from berth.rehearse.podman import Podman
from berth.rehearse.session import Session
from berth.rehearse.workload import find_builds

from . import plans
from .running import CLOSED, OWN, ROOT, SCRATCH, SHELL_LESS, SOURCES, planned, rehearse

pytestmark = [
    pytest.mark.podman,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
    pytest.mark.usefixtures("nothing_is_left"),
]
BACKENDS = ("ecs-fargate", "ecs-ec2", "eks")
BASED = f"localhost/berth-{OWN}:based"


def test_once_the_images_exist_none_is_built(podman: Podman, image_with_python: str) -> None:
    said: list[str] = []
    builds = find_builds(planned("dev"), {image_with_python})
    before = podman.lines("image", "inspect", "--format", "{{.Id}} {{.Created}}", image_with_python)
    assert Images(podman, said.append).provide([image_with_python], builds, ROOT) == "there already"
    assert podman.lines("image", "inspect", "--format", "{{.Id}} {{.Created}}", image_with_python) == before


def definition(**changes: Any) -> Callable[[Plan], Plan]:
    """Change the container definition of the service."""
    return lambda plan: plans.edit_definition(plan, lambda one: one.update(changes), "biometric")


def every_definition(**changes: Any) -> Callable[[Plan], Plan]:
    """Change every container definition."""
    return lambda plan: plans.edit_definition(plan, lambda one: one.update(changes))


def sabotaged(plan: Plan, root: Path = ROOT) -> tuple[dict[tuple[str, str], str], str]:
    """Rehearse a plan that must fail; return what was seen of each broken promise, and what is said of them."""
    console = Console(file=io.StringIO(), width=200)
    with pytest.raises(RehearsalFailed) as error:
        run(plan, keep=False, console=console, project_root=root)
    assert isinstance(console.file, io.StringIO)
    print(console.file.getvalue())
    rows = [[cell.strip() for cell in line.split("│")] for line in console.file.getvalue().splitlines() if "│" in line]
    return {(row[1], row[2]): row[4] for row in rows if row[5] == "✗"}, "\n".join(error.value.broken)


def test_sabotage_on_fargate_is_seen_and_its_places_named() -> None:
    plan = definition(user="0", readonlyRootFilesystem=False, linuxParameters={})(planned("dev"))
    seen, error = sabotaged(plan)
    assert set(seen) == {("biometric", promise) for promise in ("user", "read-only root", "no capabilities")}
    assert seen["biometric", "user"].startswith("0:0, groups 0 in python")
    assert seen["biometric", "read-only root"] == "writable: a file can be made in /"
    assert "CapEff" in seen["biometric", "no capabilities"] and "CapBnd" in seen["biometric", "no capabilities"]
    assert error.splitlines() == [
        'biometric: user: containerDefinitions[biometric].user is "0"',
        "biometric: no capabilities: containerDefinitions[biometric].linuxParameters.capabilities is absent",
        "biometric: read-only root: containerDefinitions[biometric].readonlyRootFilesystem is false",
    ]


def test_sabotage_on_ec2_is_seen_and_its_places_named() -> None:
    service = definition(privileged=True, dockerSecurityOptions=[])(planned("ecs-ec2-dev"))
    plan = plans.edit_definition(service, lambda one: one.update(user="0:0"), "biometric-init")
    seen, error = sabotaged(plan)
    assert seen["biometric-init", "user"].startswith("0:0")
    assert "CapBnd" in seen["biometric", "no capabilities"]
    assert seen["biometric", "no new privileges"].startswith("not set")
    assert "containerDefinitions[biometric].privileged is true" in error
    assert "containerDefinitions[biometric].dockerSecurityOptions is absent" in error
    assert 'containerDefinitions[biometric-init].user is "0:0"' in error


def test_sabotage_on_elastic_beanstalk_is_seen_and_its_places_named() -> None:
    def change(inputs: dict[str, Any]) -> None:
        asset = inputs["source"]["archive"]["assets"]["docker-compose.yml"]["asset"]
        document = json.loads(asset["text"])
        own, init = (document["services"][name] for name in ("biometric", "biometric-init"))
        own |= {"read_only": False, "security_opt": [], "cap_drop": []}
        init["user"] = "0:0"
        asset["text"] = json.dumps(document)

    seen, error = sabotaged(plans.edit(planned("beanstalk-dev"), plans.BUNDLE, change))
    assert seen["biometric-init", "user"].startswith("0:0")
    assert seen["biometric", "read-only root"].startswith("writable")
    assert "CapBnd" in seen["biometric", "no capabilities"]
    assert seen["biometric", "no new privileges"].startswith("not set")
    assert 'docker-compose.yml services.biometric-init.user is "0:0"' in error
    assert "docker-compose.yml services.biometric.cap_drop is []" in error


def test_sabotage_on_eks_is_seen_and_its_places_named() -> None:
    def change(spec: dict[str, Any]) -> None:
        # What `runAsNonRoot: false` in the chart's values does, and a user who makes use of it.
        spec["securityContext"]["runAsNonRoot"] = False
        for one in (*spec["containers"], *spec["initContainers"]):
            one["securityContext"]["runAsNonRoot"] = False
        spec["initContainers"][0]["securityContext"]["runAsUser"] = 0
        spec["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
        spec["volumes"].append({"name": "run", "emptyDir": {}})
        spec["containers"][0]["volumeMounts"].append({"name": "run", "mountPath": "/run"})

    seen, error = sabotaged(plans.edit_pod(planned("eks-dev"), change))
    place = "Deployment/biometric spec.template.spec.containers[biometric]"
    assert seen["biometric-init", "user"].startswith("0:10001")
    assert seen["biometric", "user"] == "10001:10001, but not by declaration"
    assert seen["biometric", "no new privileges"].startswith("not set")
    assert seen["biometric", "writable paths"].startswith("/run, /tmp")
    for line in (
        f"user: {place}.securityContext.runAsNonRoot is false",
        f"no new privileges: {place}.securityContext.allowPrivilegeEscalation is true",
        f"writable paths: {place}.volumeMounts makes /run, /tmp writable",
    ):
        assert line in error


def without_commands(plan: Plan, image: str = SHELL_LESS) -> Plan:
    """A plan of the image from nothing, in which no command is run but the image's own."""

    def of_pod(spec: dict[str, Any]) -> None:
        del spec["initContainers"]
        spec["containers"][0]["image"] = image
        spec["containers"][0]["readinessProbe"]["httpGet"]["path"] = "/healthz"

    def of_task(inputs: dict[str, Any]) -> None:
        [service] = [one for one in json.loads(inputs["containerDefinitions"]) if one["name"] == "toy"]
        service = {key: value for key, value in service.items() if key not in ("healthCheck", "dependsOn")}
        inputs["containerDefinitions"] = json.dumps([{**service, "image": image}])

    plan = plans.edit(plan, plans.IMAGE_TOKEN, lambda inputs: inputs.update(imageName=image))
    return plans.edit_pod(plans.edit(plan, plans.TASK, of_task), of_pod)


@pytest.mark.parametrize(
    "plan", [plans.ecs(True, SCRATCH), plans.ecs(False, SCRATCH), plans.eks(stack=SCRATCH)], ids=BACKENDS
)
def test_image_without_a_shell_is_rehearsed(plan: Plan, from_nothing: Path) -> None:
    rehearsal, _ = rehearse(without_commands(plan), from_nothing)
    assert rehearsal.ok
    assert {check.seen for check in rehearsal.checks if check.promise == "writable paths"} == {"/tmp"}


def test_image_without_a_shell_that_cannot_write_to_tmp_is_caught(from_nothing: Path) -> None:
    plan = without_commands(plans.ecs(False, SCRATCH), CLOSED)
    plan = plans.edit(plan, plans.IMAGE_TOKEN, lambda inputs: inputs["build"].update(target="closed"))
    seen, _ = sabotaged(plan, from_nothing)
    assert seen == {("toy", "writable paths"): "/tmp; no file can be made in /tmp"}


@pytest.mark.parametrize("base", ["node", "python", "golang"])
def test_service_on_a_usual_base_image_is_built_with_or_without_a_registry(
    base: str, tmp_path: Path, podman: Podman
) -> None:
    """Where no registry is reached, Debian's packages stand in for the base."""
    shutil.copytree(SOURCES, tmp_path / "toy")
    plan = plans.edit(
        without_commands(plans.ecs(False, SCRATCH), BASED),
        plans.IMAGE_TOKEN,
        lambda inputs: inputs["build"].update(dockerfile=f"toy/Dockerfile.{base}"),
    )
    try:
        rehearsal, _ = rehearse(plan, tmp_path)
    finally:
        podman.attempt("image", "rm", "--force", BASED)
    assert rehearsal.ok


def test_wrong_health_path_is_told_while_it_lasts_and_given_up_early(from_nothing: Path) -> None:
    console = Console(file=io.StringIO(), width=160)
    plan = plans.edit(
        without_commands(plans.ecs(stack=SCRATCH)),
        "aws:lb/targetGroup:TargetGroup",
        lambda inputs: inputs["healthCheck"].update(path="/health"),
    )
    with pytest.raises(RehearsalError, match="refused its target group: /health answered 404") as error:
        run(plan, keep=False, console=console, project_root=from_nothing)
    assert "berth:service.healthPath" in str(error.value)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().count("target group: /health answered 404") == 1


def test_every_workload_of_a_plan_is_run_and_what_cannot_be_is_named(from_nothing: Path) -> None:
    both = [*plans.ecs(True).resources, *plans.eks().resources]
    lost = plans.resource("aws:lambda/function:Function", "thumbnails", {})
    plan = without_commands(Plan(SCRATCH, [*both, lost], {}))
    rehearsal, text = rehearse(plan, from_nothing)
    assert rehearsal.ok
    assert {check.container for check in rehearsal.checks} == {"image", "toy-task: toy", "toy: toy"}
    assert "Workloads that were not run: Function thumbnails." in text and "The rehearsal went well" not in text


ROOTED = f"localhost/berth-{OWN}:rooted"


@pytest.fixture(scope="module")
def root_image(tmp_path_factory: pytest.TempPathFactory, podman: Podman) -> Iterator[Path]:
    """The project with a Dockerfile that ends as root."""
    folder = tmp_path_factory.mktemp("rooted")
    shutil.copytree(ROOT / "services", folder / "services", ignore=shutil.ignore_patterns(".venv", "*_cache"))
    dockerfile = folder / "services/biometric/Dockerfile"
    text = dockerfile.read_text()
    assert "USER 10001:10001" in text
    dockerfile.write_text(text.replace("USER 10001:10001", "USER root"))
    yield folder
    podman.attempt("image", "rm", "--force", ROOTED)


def rooted(plan: Plan) -> Plan:
    """A plan whose image is built under another name."""

    def of_pod(spec: dict[str, Any]) -> None:
        for one in (*spec["containers"], *spec["initContainers"]):
            one["image"] = ROOTED

    plan = plans.edit(plan, plans.IMAGE_TOKEN, lambda inputs: inputs.update(imageName=ROOTED))
    if plan.of_type(plans.TASK):
        return every_definition(image=ROOTED)(plan)
    return plans.edit_pod(plan, of_pod)


def test_root_dockerfile_is_caught_and_named(root_image: Path) -> None:
    seen, error = sabotaged(every_definition(user=None)(rooted(planned("dev"))), root_image)
    assert seen["biometric", "user"].startswith("0:0") and seen["biometric-init", "user"].startswith("0:0")
    assert 'image: user: services/biometric/Dockerfile: USER is "root"' in error
    assert "biometric: user: containerDefinitions[biometric].user is absent" in error


def test_root_image_is_refused_as_a_kubelet_would(root_image: Path) -> None:
    def image_decides(spec: dict[str, Any]) -> None:
        del spec["securityContext"]["runAsUser"]
        for one in (*spec["containers"], *spec["initContainers"]):
            del one["securityContext"]["runAsUser"]

    with pytest.raises(RehearsalError, match="a kubelet does not start this container"):
        rehearse(rooted(plans.edit_pod(planned("eks-dev"), image_decides)), root_image)


# A line in two parts, as any unbuffered program may write it.
NO_LUCK = ["python", "-uc", "import time; print('no ', end=''); time.sleep(0.2); print('luck'); exit(3)"]


def test_failing_migration_shows_its_log_and_what_is_declared_wrongly() -> None:
    broken = plans.edit_definition(planned("dev"), lambda one: one.update(command=NO_LUCK), "biometric-init")
    with pytest.raises(RehearsalError) as error:
        rehearse(definition(user="0")(broken))
    assert "containerDefinitions[biometric-init] ended with exit status 3" in str(error.value)
    assert "no luck" in str(error.value)
    assert 'containerDefinitions[biometric].user is "0"' in str(error.value)


def test_failing_init_container_of_a_pod_shows_its_log() -> None:
    def fail(spec: dict[str, Any]) -> None:
        spec["initContainers"][0].update(args=NO_LUCK)

    with pytest.raises(
        RehearsalError, match=r"initContainers\[biometric-init\] ended with exit status 3(.|\n)*no luck"
    ):
        rehearse(plans.edit_pod(planned("eks-dev"), fail))


def test_prebuilt_image_that_cannot_be_pulled_says_what_to_do() -> None:
    plan = every_definition(image="localhost:9/none:1")(planned("dev"))
    with pytest.raises(RehearsalError, match=r"localhost:9/none:1 is prebuilt(.|\n)*podman login"):
        rehearse(plan)


def test_service_that_ends_shows_its_log() -> None:
    def no_port(spec: dict[str, Any]) -> None:
        spec["containers"][0]["env"] = [{"name": "PORT", "value": "none"}]

    with pytest.raises(RehearsalError, match=r"biometric ended with exit status 2(.|\n)*PORT"):
        rehearse(plans.edit_pod(planned("eks-dev"), no_port))


def test_service_that_is_never_well_is_given_up() -> None:
    sick = definition(healthCheck={"command": ["CMD-SHELL", "echo not today; exit 1"], "interval": 5, "retries": 2})
    with pytest.raises(
        RehearsalError, match=r"not well after \d+ s: healthCheck: exit 1: not today(.|\n)*Uvicorn running"
    ):
        rehearse(sick(planned("dev")))


def test_changed_record_is_noticed(tmp_path: Path) -> None:
    record = json.loads((ROOT / "services/biometric/sample/record.json").read_text())
    path = tmp_path / "record.json"
    path.write_text(json.dumps({**record, "nobodyKnowsThis": 1}))
    with pytest.raises(RehearsalFailed, match="one thing is not as promised") as error:
        rehearse(planned("dev"), options=Options(record=path))
    assert error.value.broken[0].startswith(
        ("record: POST /rest/records answered 422", "record: nobodyKnowsThis is missing")
    )


def test_keep_leaves_it_up_on_the_loopback_only_and_clean_removes_it(podman: Podman) -> None:
    plan = planned("eks-dev")
    try:
        rehearsal, text = rehearse(plan, keep=True)
        assert rehearsal.url is not None and rehearsal.url.startswith("http://127.0.0.1:")
        assert rehearsal.url in text and f"berth rehearse {plan.stack} --clean" in text
        with urllib.request.urlopen(f"{rehearsal.url}/readyz") as answer:
            assert answer.status == 200
        port = f":{int(rehearsal.url.rpartition(':')[2]):04X} "
        listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines() if f"{port}" in line]
        assert {address.partition(":")[0] for address in listening} <= {"0100007F"}
    finally:
        clean(plan.stack, console=Console(file=io.StringIO()))


@pytest.mark.parametrize(
    ("number", "step", "status"),
    [(signal.SIGINT, "database", 130), (signal.SIGTERM, "start", 143)],
)
def test_signal_ends_it_and_everything_is_removed(
    number: signal.Signals, step: str, status: int, podman: Podman
) -> None:
    plan = replace(planned("dev"), stack=f"signalled-{OWN}")
    process = started(plan)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(f"{step} ..."):
            break
    time.sleep(0.5)
    process.send_signal(number)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == status, rest
    assert number.name in rest and "Traceback" not in rest
    assert Session(podman, plan.stack).leftovers() == {}


def started(plan: Plan) -> subprocess.Popen[str]:
    """A rehearsal in a process of its own."""
    needed = (plans.TASK, plans.IMAGE_TOKEN)
    resources = [(one.type, one.name, kept(one.inputs)) for one in plan.resources if one.type in needed]
    code = f"""
import sys
from pathlib import Path
from rich.console import Console
from berth.plan import Plan, Resource
from berth.rehearse import RehearsalError, run
resources = [Resource("", type, name, None, inputs) for type, name, inputs in {resources!r}]
try:
    run(Plan({plan.stack!r}, resources, {{}}), keep=False, console=Console(width=160), project_root=Path({str(ROOT)!r}))
except RehearsalError as error:
    print(error)
    sys.exit(error.exit_code)
"""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def kept(inputs: Any) -> dict[str, Any]:
    """The inputs that can be written down, which are all that these two types need."""
    names = ("containerDefinitions", "volumes", "requiresCompatibilities", "imageName", "build", "cpu", "memory")
    return {name: inputs[name] for name in names if name in inputs}


@pytest.mark.usefixtures("image_with_python")
def test_two_stacks_at_once_do_not_meet() -> None:
    both = [started(replace(planned("dev"), stack=f"both-{index}-{OWN}")) for index in range(2)]
    for process in both:
        text, _ = process.communicate(timeout=180)
        assert process.returncode == 0, text


def test_same_stack_twice_at_once_is_refused(podman: Podman) -> None:
    plan = planned("dev")
    with Session(podman, plan.stack).locked(), pytest.raises(RehearsalError, match=f"another rehearsal of 'dev-{OWN}'"):
        rehearse(plan)
