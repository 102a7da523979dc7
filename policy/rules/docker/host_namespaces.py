"""A Docker container shares no namespace with its host."""

from collections.abc import Iterator

from ..evaluate import each
from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..values import Field
from .containers import is_container, is_container_or_service

_MODES = ("networkMode", "pidMode", "ipcMode", "usernsMode", "cgroupnsMode")


def _mode(field: Field) -> Iterator[Finding]:
    if (field.text() or "").strip().lower() == "host":
        yield Finding.at(field, "a namespace of its own")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if is_container(resource.type):
        # Docker lets nobody join "host" as a further network, so `networksAdvanced` needs no look.
        yield from each([resource.inputs.at(key) for key in _MODES], _mode)
    else:
        networks = resource.inputs.at("taskSpec", "networksAdvanceds").items()
        yield from each(networks, lambda network: _mode(network.at("name")))


RULE = Rule(
    id="docker-no-host-namespaces",
    description="No Docker container or service uses a namespace of its host.",
    remediation="Leave the namespace's mode out, and connect to a network of the program's own.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=is_container_or_service,
    check=_check,
)
