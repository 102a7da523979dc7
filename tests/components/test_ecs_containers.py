"""What else a task on ECS has: secrets that exist already, sidecars and files."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from berth.plan import Plan
from components.berths.ecs.definition import EcsPlace, LaunchType, container_definitions, volumes
from components.berths.ecs.settings import MOST_CONTAINERS
from components.berths.ecs.sources import value_from
from components.secret_rights import rights
from components.service.sources import MOST_FOLDERS
from components.service.spec import File, Job, Sidecar, Source
from policy.judge import judge
from tests.components.specs import SITE, service
from tests.policy.support import Planned
from tests.programs import ROOT, Record

SECRETS = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:"
WHOLE = f"{SECRETS}shop/tls-a1B2c3"
KEY, TOKEN, TLS = Source("shop/api-key", "key"), Source(parameter="/shop/token"), Source(WHOLE)
PROXY = Sidecar(
    name="proxy",
    image="123456789012.dkr.ecr.eu-central-1.amazonaws.com/proxy:1.4",
    cpu=64,
    memory=128,
    entrypoint=("/bin/proxy",),
    command=("--quiet",),
    port=9000,
    environment={"LEVEL": "info"},
    secrets={"PROXY_TOKEN": TOKEN},
    health_command=("/bin/proxy", "--check"),
)
AGENT = Sidecar(name="agent", image="registry.example/agent:2", cpu=32, memory=64, essential=False)
CHANGES: dict[str, Any] = {
    "command": ("serve",),
    "entrypoint": ("/bin/shop",),
    "secrets": {"API_KEY": KEY},
    "sidecars": (PROXY, AGENT),
    "files": (
        File("/etc/shop/app.yaml", "größe: 1\n"),
        File("/run/shop/key.pem", TLS),
        File("/etc/shop/more.yaml", ""),
    ),
}


def place(launch_type: LaunchType, **changes: Any) -> EcsPlace:
    parameters = {"DATABASE_HOST": "/berth/x/database-host", "DATABASE_PASSWORD": "/berth/x/database-password"}
    return EcsPlace(launch_type, SITE, "/berth/x", parameters, files_image="registry.example/files:1", **changes)


def containers(launch_type: LaunchType, **changes: Any) -> dict[str, dict[str, Any]]:
    found = json.loads(container_definitions(service(**{**CHANGES, **changes}), place(launch_type)))
    return {one["name"]: one for one in found}


@pytest.mark.parametrize("launch_type", ["FARGATE", "EC2"])
@pytest.mark.parametrize("exec_on", [False, True])
def test_definitions_fit_the_service_model(launch_type: LaunchType, exec_on: bool) -> None:
    model = botocore.session.get_session().get_service_model("ecs")
    where, spec = place(launch_type, exec=exec_on), service(**CHANGES)
    definitions = json.loads(container_definitions(spec, where))
    request = {"family": "x", "containerDefinitions": definitions, "volumes": volumes(spec, where)}
    report = ParamValidator().validate(request, model.operation_model("RegisterTaskDefinition").input_shape)
    assert not report.has_errors(), report.generate_report()
    declared = {one["name"] for one in request["volumes"]}
    assert {mount["sourceVolume"] for one in definitions for mount in one.get("mountPoints", [])} == declared


@pytest.mark.parametrize("launch_type", ["FARGATE", "EC2"])
def test_every_container_is_confined_alike(launch_type: LaunchType) -> None:
    found = containers(launch_type)
    assert list(found) == ["biometric", "biometric-init", "proxy", "agent", "biometric-files"]
    for one in found.values():
        assert (one["user"], one["readonlyRootFilesystem"]) == ("10001:10001", True)
        assert one["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
        assert ("dockerSecurityOptions" in one) == (launch_type == "EC2")
        assert not one.get("privileged")


def test_each_container_may_write_to_its_own_tmp_alone() -> None:
    writable: dict[str, str] = {}
    for name, one in containers("FARGATE").items():
        if name != "biometric-files":
            mounts = {mount["containerPath"]: mount for mount in one["mountPoints"] if not mount["readOnly"]}
            assert mounts.keys() == {"/tmp"}
            writable[name] = mounts["/tmp"]["sourceVolume"]
    assert writable == {"biometric": "tmp", "biometric-init": "tmp", "proxy": "proxy-tmp", "agent": "agent-tmp"}
    assert all(one["linuxParameters"].get("tmpfs") for one in list(containers("EC2").values())[:-1])


@pytest.mark.parametrize("launch_type", ["FARGATE", "EC2"])
def test_what_a_volume_is_given_first_is_a_folder_that_the_image_has(launch_type: LaunchType) -> None:
    """A volume has the owner and mode of what it is first mounted over; the image's own /tmp is not touched."""
    files = containers(launch_type)["biometric-files"]
    mounts = {mount["sourceVolume"]: mount["containerPath"] for mount in files["mountPoints"]}
    sidecars = {"proxy-tmp": "/volumes/2", "agent-tmp": "/volumes/3"} if launch_type == "FARGATE" else {}
    assert mounts == {"files-0": "/volumes/0", "files-1": "/volumes/1", **sidecars}
    dockerfile = (ROOT / "components" / "berths" / "ecs" / "files" / "Dockerfile").read_text()
    assert all(f'"{path}"' in dockerfile for path in mounts.values())


def test_the_image_has_a_folder_for_each_volume_that_a_task_can_have() -> None:
    """So many folders of files, and so many sidecars beside the service's own container and this one."""
    dockerfile = (ROOT / "components" / "berths" / "ecs" / "files" / "Dockerfile").read_text()
    most = MOST_FOLDERS + MOST_CONTAINERS - 2
    made = dockerfile.partition("for number in ")[2].partition(";")[0].split()
    assert made == [str(number) for number in range(most)]
    assert all(f'"/volumes/{number}"' in dockerfile for number in made)


def test_what_comes_first() -> None:
    found = containers("EC2")
    waits = {
        name: {one["containerName"]: one["condition"] for one in container.get("dependsOn", [])}
        for name, container in found.items()
    }
    files = {"biometric-files": "SUCCESS"}
    beside = {**files, "proxy": "HEALTHY", "agent": "START"}
    assert waits == {
        "biometric": {**beside, "biometric-init": "SUCCESS"},
        "biometric-init": beside,
        "proxy": files,
        "agent": files,
        "biometric-files": {},
    }


def test_the_service_has_what_its_sidecars_leave_of_the_tasks_size() -> None:
    found = containers("FARGATE", cpu=512, memory=1024)
    sizes = {name: (one.get("cpu"), one.get("memory")) for name, one in found.items()}
    assert sizes["proxy"] == (64, 128) and sizes["agent"] == (32, 64)
    assert sizes["biometric"] == (512 - 96, 1024 - 192)
    alone = containers("FARGATE", sidecars=(), files=())
    assert list(alone) == ["biometric", "biometric-init"] and "memory" not in alone["biometric"]


def test_a_job_ends_with_its_own_container() -> None:
    essential = {name: one["essential"] for name, one in containers("FARGATE").items() if one["essential"]}
    assert essential == {"biometric": True, "proxy": True}
    found = containers("FARGATE", job=Job(), endpoints=(), health_command=None)
    assert [name for name, one in found.items() if one["essential"]] == ["biometric"]


def test_words_stand_in_place_of_the_images() -> None:
    found = containers("EC2")
    own, init, proxy = found["biometric"], found["biometric-init"], found["proxy"]
    assert (own["entryPoint"], own["command"]) == (["/bin/shop"], ["serve"])
    assert "entryPoint" not in init and init["command"] == ["python", "-m", "biometric.migrate"]
    assert (proxy["entryPoint"], proxy["command"]) == (["/bin/proxy"], ["--quiet"])
    assert proxy["healthCheck"]["command"] == ["CMD", "/bin/proxy", "--check"]
    assert not {"entryPoint", "command"} & containers("EC2", command=None, entrypoint=None)["biometric"].keys()


def test_files_are_written_where_the_service_reads_them() -> None:
    found = containers("FARGATE")
    files = found["biometric-files"]
    values = {one["name"]: one["value"] for one in files["environment"]}
    volume_at = {mount["containerPath"]: mount["sourceVolume"] for mount in files["mountPoints"]}
    for name in ("biometric", "biometric-init"):
        read = {mount["containerPath"]: mount for mount in found[name]["mountPoints"] if mount["readOnly"]}
        assert read.keys() == {"/etc/shop", "/run/shop"}
        for number in range(3):
            folder, _, file = values[f"FILE_{number}_PATH"].rpartition("/")
            written, _, same = values[f"FILE_{number}_AT"].rpartition("/")
            assert same == file and read[folder]["sourceVolume"] == volume_at[written]
    assert base64.b64decode(values["FILE_0_BASE64"]).decode() == "größe: 1\n"
    assert values["FILE_2_BASE64"] == "" and "FILE_1_BASE64" not in values
    assert files["secrets"] == [{"name": "FILE_1", "valueFrom": WHOLE}]


def test_secrets_are_named_and_never_written() -> None:
    found = containers("FARGATE")
    for name in ("biometric", "biometric-init"):
        named = {one["name"]: one["valueFrom"] for one in found[name]["secrets"]}
        assert named["API_KEY"] == f"{SECRETS}shop/api-key:key::"
        assert named["DATABASE_HOST"] == "/berth/x/database-host"
    assert found["proxy"]["secrets"] == [{"name": "PROXY_TOKEN", "valueFrom": "/shop/token"}]
    assert found["agent"]["secrets"] == []
    assert value_from(SITE, Source("shop/api-key")) == f"{SECRETS}shop/api-key"


def test_rights_are_on_these_secrets_alone() -> None:
    by_action = {
        action: one for one in rights(SITE, [KEY, TOKEN, TLS]) for action in one["Action"] if "kms" not in action
    }
    secrets = by_action["secretsmanager:GetSecretValue"]["Resource"]
    assert secrets == sorted([f"{SECRETS}shop/api-key-??????", WHOLE])
    for name, allowed in (("shop/api-key-Ab1cD2", True), ("shop/api-key-old-Ab1cD2", False), ("shop/tls-a1B2c3", True)):
        assert any(fnmatchcase(SECRETS + name, pattern) for pattern in secrets) == allowed
    parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/token"
    assert by_action["ssm:GetParameters"]["Resource"] == [parameter]
    decrypting = [one for one in rights(SITE, [KEY, TOKEN, TLS]) if one["Action"] == ["kms:Decrypt"]]
    keys = ["arn:aws:kms:eu-central-1:123456789012:key/*"]
    assert [(one["Resource"], one["Condition"]["StringLike"]) for one in decrypting] == [
        (keys, {"kms:EncryptionContext:SecretARN": secrets}),
        (keys, {"kms:EncryptionContext:PARAMETER_ARN": [parameter]}),
    ]
    assert rights(SITE, []) == []


CONFIG = """\
  berth:ecs-ec2: {maxInstances: 12}
  berth:services:
    shop:
      image: "registry.example.com/shop:1.4.2"
      architecture: arm64
      secrets: {API_KEY: {secret: shop/api-key, field: key}}
      files: [{path: /etc/shop/app.yaml, source: Pulumi.yaml}]
    plain: {image: "registry.example.com/plain:1", path: /plain}
    mail:
      kind: worker
      image: "registry.example.com/mail:1"
      sidecars: {proxy: {image: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/proxy:1.4"}}
"""


@pytest.fixture(scope="module")
def plan(record: Record) -> Plan:
    return record("ecs-fargate", CONFIG)


def test_the_image_that_writes_files_is_built_for_each_processor_that_needs_it(plan: Plan) -> None:
    built = {one.inputs["build"]["platform"]: one for one in plan.of_type("docker:index/image:Image")}
    assert built.keys() == {"linux/amd64", "linux/arm64"}
    for image in built.values():
        assert (ROOT / image.inputs["build"]["dockerfile"]).is_file()
    tasks = {
        one.inputs["family"].rpartition("-")[2]: one for one in plan.of_type("aws:ecs/taskDefinition:TaskDefinition")
    }
    used = {
        name: next(
            (c["image"] for c in json.loads(task.inputs["containerDefinitions"]) if c["name"].endswith("-files")), None
        )
        for name, task in tasks.items()
    }
    arm, x86 = (built[f"linux/{processor}"].inputs["imageName"] for processor in ("arm64", "amd64"))
    assert used == {"shop": arm, "mail": x86, "plain": None}
    services = {one.inputs["name"]: one for one in plan.of_type("aws:ecs/service:Service")}
    assert built["linux/arm64"].urn in services["shop"].dependencies
    assert "secrets" in services["shop"].inputs["triggers"] and "secrets" not in services["plain"].inputs["triggers"]


def test_every_image_may_be_pulled(plan: Plan) -> None:
    [role] = [
        one for one in plan.of_type("aws:iam/rolePolicy:RolePolicy") if one.name.endswith("mail-execution-policy")
    ]
    pulled = [
        one["Resource"]
        for one in json.loads(role.inputs["policy"])["Statement"]
        if "ecr:BatchGetImage" in one["Action"]
    ]
    repository = "arn:aws:ecr:eu-central-1:123456789012:repository/"
    assert pulled == [[f"{repository}berth/berth-same/ecs-fargate/files-amd64", f"{repository}proxy"]]


@pytest.mark.parametrize("shell", ["dash", "busybox"])
def test_the_script_writes_every_byte(shell: str, tmp_path: Path) -> None:
    """The image has BusyBox's shell; Debian's stands in for it where no registry is reached."""
    if not (program := shutil.which(shell)):
        pytest.skip(f"there is no {shell} here")
    script = ROOT / "components" / "berths" / "ecs" / "files" / "write"
    text, secret = 'größe: "$HOME" `id`\n\n', "-----BEGIN KEY-----\n\\n%s$x\n"
    environment = {
        "PATH": "/usr/bin:/bin",
        "FILE_0_AT": f"{tmp_path}/app.yaml",
        "FILE_0_BASE64": base64.b64encode(text.encode()).decode(),
        "FILE_1_AT": f"{tmp_path}/key.pem",
        "FILE_1": secret,
        "FILE_2_AT": f"{tmp_path}/empty",
        "FILE_2_BASE64": "",
    }
    words = [program, "sh"] if shell == "busybox" else [program]
    subprocess.run([*words, str(script)], env=environment, check=True)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {"app.yaml": text.encode(), "key.pem": secret.encode(), "empty": b""}
    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {"0o600"}
    # One that is missing ends the task before the service starts, and no shell tells its value.
    del environment["FILE_1"]
    assert subprocess.run([*words, str(script)], env=environment, capture_output=True).returncode != 0


@pytest.mark.parametrize("launch_type", ["FARGATE", "EC2"])
@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("user", "0", "ecs-non-root"),
        ("privileged", True, "ecs-not-privileged"),
        ("linuxParameters", {"capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]}}, "ecs-no-added-capabilities"),
        ("readonlyRootFilesystem", False, "ecs-read-only-root"),
        ("environment", [{"name": "DB_PASSWORD", "value": "x"}], "ecs-no-plain-secrets"),
    ],
)
def test_the_pack_judges_every_container(launch_type: LaunchType, key: str, value: Any, rule: str) -> None:
    """The service's own, of its init command, of its files and of each sidecar; of a job as of any other."""
    definitions = json.loads(container_definitions(service(**CHANGES, job=Job()), place(launch_type)))

    def found(changed: list[dict[str, Any]]) -> list[tuple[str, str]]:
        inputs = {
            "family": "x",
            "networkMode": "awsvpc",
            "requiresCompatibilities": [launch_type],
            "containerDefinitions": json.dumps(changed),
        }
        planned = Planned("aws:ecs/taskDefinition:TaskDefinition", inputs)
        return [(one.policy, one.message) for one in judge([planned], root=ROOT)]

    assert found(definitions) == []
    for one in definitions:
        weakened = [other if other is not one else {**one, key: value} for other in definitions]
        [(policy, message)] = found(weakened)
        assert policy == rule and f"'{one['name']}'" in message.replace('"', "'")
