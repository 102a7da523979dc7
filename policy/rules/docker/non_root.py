"""A Docker container names a user, and it is not root."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..users import User, resolve
from .base_images import CONFIG, is_listed
from .containers import is_container_or_service, spec


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    user = spec(resource).at("user")
    name = user.text()
    if name is None and config.get("nonRootImages") and is_listed(spec(resource).at("image").text() or "", config):
        return
    if resolve(name or "") is not User.OTHER:
        yield Finding.at(user, 'a non-root user such as "10001:10001"')


RULE = Rule(
    id="docker-non-root",
    description="Every Docker container and service names a user that is not root.",
    remediation='Set "user" to a numeric uid other than 0; without it the image decides, and most images say root.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("CIS Docker: 4.1", "Well-Architected: Security"),
    applies=is_container_or_service,
    check=_check,
    config=CONFIG,
)
