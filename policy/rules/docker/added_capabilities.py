"""No Docker container gets a Linux capability on top of the default set."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..values import texts
from .containers import is_container, is_container_or_service, spec


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    keys = ("capabilities", "adds") if is_container(resource.type) else ("capAdds",)
    for field, _ in texts(spec(resource).at(*keys)):
        yield Finding.at(field, "no added capability")


RULE = Rule(
    id="docker-no-added-capabilities",
    description="No Docker container or service adds a Linux capability.",
    remediation="Leave the list of added capabilities out.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=is_container_or_service,
    check=_check,
)
