"""No ECS container has a secret in its plain environment."""

import re
from collections.abc import Iterator
from typing import Final

from ..model import Finding, Level, Rule, Severity
from .definition import EXEMPT_CONTAINERS, Container, container_check, is_task_definition, of_tasks

# Names only: a value is never read, so an unknown one stops nobody and none can reach a message.
_TELLING: Final = re.compile(
    r"(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|API_?KEY|(PRIVATE|SECRET|ACCESS|ENCRYPTION|SIGNING)_KEY)$"
    r"|^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)$|^ECS_ENGINE_AUTH_DATA$",
    re.IGNORECASE,
)


def _container(container: Container) -> Iterator[Finding]:
    for variable in container.at("environment").items():
        name = variable.at("name")
        if _TELLING.search(name.text() or ""):
            yield Finding.at(name, 'it under "secrets", with valueFrom', container=container.name)


RULE = Rule(
    id="ecs-no-plain-secrets",
    description="No container of a task definition gets what looks like a secret as a plain environment variable.",
    remediation='Move the variable to "secrets" with the name of an SSM parameter or the ARN of a secret.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: ecs-no-environment-secrets",
        "AWS Security Hub: ECS.8",
        "Well-Architected: Security",
    ),
    applies=is_task_definition,
    check=of_tasks(container_check(_container)),
    config=EXEMPT_CONTAINERS,
)
