"""Where machines say who may ask for their credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ..model import Check, Config, Finding, NotApplicable, Resource
from ..values import Field
from .shared import given

_INSTANCE: Final = "aws:ec2/instance:Instance"
MACHINES: Final = frozenset(
    {
        _INSTANCE,
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/launchConfiguration:LaunchConfiguration",
        "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
    }
)


def metadata_check(check: Callable[[Field], Iterable[Finding]]) -> Check:
    """Make a rule's check of one that looks at the options of a machine's metadata service."""

    def run(resource: Resource, config: Config) -> Iterator[Finding]:
        options = resource.inputs.at("metadataOptions")
        # An instance takes what it does not say from its template, which is judged by itself.
        if resource.type == _INSTANCE and given(resource.inputs.at("launchTemplate")) and not options.exists():
            raise NotApplicable
        findings = list(check(options))
        if findings and options.at("httpEndpoint").text() != "disabled":
            yield from findings

    return run
