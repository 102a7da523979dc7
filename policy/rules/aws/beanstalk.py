"""Rules on environments of Elastic Beanstalk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..docker.bundle import OBJECTS, is_bundle
from ..rule import Config, Finding, Level, Resource, Rule, Severity, Stack, StackRule, controls
from ..values import Field, Unreadable

_ENVIRONMENT: Final = "aws:elasticbeanstalk/environment:Environment"
_VERSION: Final = "aws:elasticbeanstalk/applicationVersion:ApplicationVersion"


def _setting(resource: Resource, namespace: str, name: str) -> Field | None:
    """Return the value of an option; the last one of a name counts."""
    found = None
    for one in resource.inputs.at("settings").items():
        if one.at("namespace").text() == namespace and one.at("name").text() == name:
            found = one.at("value")
    return found


def _imds(resource: Resource, config: Config) -> Iterator[Finding]:
    value = _setting(resource, "aws:autoscaling:launchconfiguration", "DisableIMDSv1")
    if value is None or (value.text() or "").lower() != "true":
        place = resource.inputs.at("settings")
        found = "without DisableIMDSv1" if value is None else value.shown()
        yield Finding.at(value or place, '"true" for DisableIMDSv1', found=found)


IMDS_V2 = Rule(
    id="aws-beanstalk-imds-v2",
    description="The machines of an environment of Elastic Beanstalk ask for a session token (IMDSv2).",
    remediation='Set the option DisableIMDSv1 of "aws:autoscaling:launchconfiguration" to "true".',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=controls(config="ec2-imdsv2-check", hub="EC2.8", cis="5.7", well="SEC6"),
    applies=_ENVIRONMENT.__eq__,
    check=_imds,
)


def _is_judged(resource: Resource, stack: Stack) -> bool:
    """Tell whether an environment's version is made of a bundle whose Compose file other rules judge."""
    for version in stack.of_type(_VERSION):
        if version.urn not in resource.references.get("version", ()):
            continue
        made_of = {urn for key in ("bucket", "key") for urn in version.references.get(key, ())}
        try:
            if any(one.urn in made_of and is_bundle(one) for one in stack.of_type(*sorted(OBJECTS))):
                return True
        except Unreadable:
            return False
    return False


def _judged(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    if not _is_judged(resource, stack):
        what = "a version whose bundle this pack cannot read"
        write = "a version made of a bucket object with an archive of the program's texts and docker-compose.yml in it"
        yield Finding("version", what, write)


JUDGED = StackRule(
    id="aws-beanstalk-judged",
    description="What an environment of Elastic Beanstalk runs stands in a Compose file that this pack judges.",
    remediation="Make the bundle in the program: an AssetArchive of StringAssets with docker-compose.yml.",
    # Another platform than that of Docker has a user of its own for what it runs.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Security",),
    applies=_ENVIRONMENT.__eq__,
    check=_judged,
)
