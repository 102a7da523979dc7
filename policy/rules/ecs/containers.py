"""Rules on the containers of a task definition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from ..parts import Part, must_be, must_be_empty, must_be_off, must_be_on
from ..rule import Config, Finding, Level, NotApplicable, Resource, Rule, Severity, controls
from ..security_options import no_protection_off
from ..users import User, resolve
from ..values import Field, Unreadable, texts
from .definition import (
    EXEMPT_CONTAINERS,
    container_check,
    container_rule,
    is_task_definition,
    is_windows,
    is_windows_family,
    of_tasks,
)


def _is_root(user: Field) -> bool:
    return resolve(user.text() or "") is not User.OTHER


NON_ROOT = container_rule(
    must_be(_is_root, 'a non-root user such as "10001:10001"', "user"),
    id="ecs-non-root",
    description="Every container of a task definition names a user that is not root.",
    remediation='Set "user" to a numeric uid other than 0; without it the image decides, and most images say root.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=(
        "AWS Config: ecs-task-definition-linux-user-non-root",
        "AWS Security Hub: ECS.20",
        "CIS Docker: 4.1",
        "Well-Architected: Security",
    ),
    linux=True,
)

_ADMINISTRATOR: Final = re.compile(r"(container|domain|enterprise)?\s*administrators?|(local)?system|s-1-.*", re.ASCII)


def _administrator(user: Field) -> bool:
    # With or without a domain: `NT AUTHORITY\SYSTEM`, `Administrator@example.com`; or a security identifier.
    name = re.split(r"[\\/]", (user.text() or "").lower())[-1].split("@")[0].strip(" .")
    return bool(_ADMINISTRATOR.fullmatch(name)) or resolve(name) is User.ROOT


_no_administrator = container_check(
    must_be(_administrator, 'a user that is no administrator, such as "ContainerUser"', "user")
)


def _on_windows(resource: Resource, config: Config) -> Iterable[Finding]:
    platform = resource.inputs.at("runtimePlatform").peek()
    family = Field(platform.get("operatingSystemFamily")).peek() if isinstance(platform, dict) else platform
    # A family that is unknown may be Windows, and does a user no harm that is fine on either system.
    if family is None or (isinstance(family, str) and not is_windows_family(family)):
        raise NotApplicable
    return _no_administrator(resource, config)


WINDOWS_NON_ADMINISTRATOR = Rule(
    id="ecs-windows-non-administrator",
    description="Every container of a task definition for Windows names a user that is no administrator.",
    remediation='Set "user" to "ContainerUser"; without it most images of Windows say ContainerAdministrator.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=controls(config="ecs-task-definition-windows-user-non-admin", hub="ECS.21"),
    applies=is_task_definition,
    check=of_tasks(_on_windows),
    config=EXEMPT_CONTAINERS,
)

PRIVILEGED = container_rule(
    must_be_off("privileged"),
    id="ecs-not-privileged",
    description="No container of a task definition is privileged.",
    remediation='Leave "privileged" out; a privileged container is root on its host.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=controls(config="ecs-containers-nonprivileged", hub="ECS.4"),
)

READ_ONLY_ROOT = container_rule(
    must_be_on("readonlyRootFilesystem", write="true, with a volume for each path that is written"),
    id="ecs-read-only-root",
    description="Every container of a task definition has a read-only root file system.",
    remediation='Set "readonlyRootFilesystem" to true and mount a volume where the process must write.',
    # Hardening of a process that is already not root; third-party sidecars often cannot do it.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="ecs-containers-readonly-access", hub="ECS.5"),
    linux=True,
)

HOST_DEVICES = container_rule(
    must_be_empty("linuxParameters", "devices", write="no device of the host"),
    id="ecs-no-host-devices",
    description="No container of a task definition gets a device of its host.",
    remediation='Leave "linuxParameters.devices" out; a disk of the host is all that is on it. A GPU is asked for in '
    '"resourceRequirements".',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("CIS Docker: 5.18", "Well-Architected: Security"),
)

ADDED_CAPABILITIES = container_rule(
    must_be_empty("linuxParameters", "capabilities", "add", write="no added capability"),
    id="ecs-no-added-capabilities",
    description="No container of a task definition adds a Linux capability.",
    remediation='Leave "linuxParameters.capabilities.add" out.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
)

DROPPED_CAPABILITIES = container_rule(
    must_be(
        lambda drop: "ALL" not in [name for _, name in texts(drop)],
        '["ALL"]',
        "linuxParameters",
        "capabilities",
        "drop",
    ),
    id="ecs-drop-capabilities",
    description="Every container of a task definition drops all Linux capabilities.",
    remediation='Set "linuxParameters.capabilities.drop" to ["ALL"].',
    # A process that is not root holds none of the default capabilities anyhow: this closes the way back to them.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Security",),
    linux=True,
    jobs=False,
)

CONFINEMENT = container_rule(
    no_protection_off("dockerSecurityOptions"),
    id="ecs-confined",
    description="No container of a task definition switches seccomp, AppArmor or SELinux off.",
    remediation='Remove the option from "dockerSecurityOptions"; the runtime\'s default profile then applies.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
)

_ON: Final = frozenset({"no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"})


def _gains(options: Field) -> bool:
    return not any(option in _ON for _, option in texts(options))


_no_new_privileges = container_check(must_be(_gains, '["no-new-privileges"]', "dockerSecurityOptions"))


def _runs_on_fargate(resource: Resource) -> bool:
    try:
        return any(name == "FARGATE" for _, name in texts(resource.inputs.at("requiresCompatibilities")))
    except Unreadable:
        return False


def _on_ec2(resource: Resource, config: Config) -> Iterator[Finding]:
    findings = list(_no_new_privileges(resource, config))
    if not findings:
        return
    # Fargate and Windows take no security options.
    if _runs_on_fargate(resource) or is_windows(resource):
        raise NotApplicable
    yield from findings


NO_NEW_PRIVILEGES = Rule(
    id="ecs-no-new-privileges",
    description="No container of a task definition for EC2 can gain privileges after its start.",
    remediation='Set "dockerSecurityOptions" to ["no-new-privileges"]; Fargate has no such option.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=is_task_definition,
    check=of_tasks(_on_ec2, jobs=False),
    config=EXEMPT_CONTAINERS,
)

# Names only: a value is never read, so an unknown one stops nobody and none can reach a message.
TELLING: Final = re.compile(
    r"(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|API_?KEY|(PRIVATE|SECRET|ACCESS|ENCRYPTION|SIGNING)_KEY)$"
    r"|^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)$|^ECS_ENGINE_AUTH_DATA$",
    re.IGNORECASE,
)


def _environment(container: Part) -> Iterator[Finding]:
    for variable in container.at("environment").items():
        name = variable.at("name")
        if TELLING.search(name.text() or ""):
            yield container.wrong(name, 'it under "secrets", with valueFrom')


PLAIN_SECRETS = container_rule(
    _environment,
    id="ecs-no-plain-secrets",
    description="No container of a task definition gets what looks like a secret as a plain environment variable.",
    remediation='Move the variable to "secrets" with the name of an SSM parameter or the ARN of a secret.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=controls(config="ecs-no-environment-secrets", hub="ECS.8"),
)

LOG_CONFIGURATION = container_rule(
    must_be(lambda driver: not driver.text(), 'a log driver such as "awslogs"', "logConfiguration", "logDriver"),
    id="ecs-log-configuration",
    description="Every container of a task definition says where its log goes.",
    remediation='Set "logConfiguration" with a log driver and a log group whose retention is set.',
    # A missing log hides an incident; it lets nobody in.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: ecs-task-definition-log-configuration",
        "AWS Security Hub: ECS.9",
        "Well-Architected: Operational Excellence",
    ),
    jobs=False,
)
