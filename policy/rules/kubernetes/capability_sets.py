"""The two readings of which Linux capabilities a container may have."""

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..model import Finding
from ..values import Field, texts
from .podrule import each_container
from .pods import Container, Pod

_DEFAULT_SET: Final = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)


def _added(container: Container, allowed: frozenset[str], write: str) -> Iterator[Finding]:
    for field, name in texts(container.security("capabilities", "add")):
        if name not in allowed:
            yield Finding.at(field, write, container=container.name)


def _baseline(container: Container) -> Iterator[Finding]:
    yield from _added(container, _DEFAULT_SET, "no capability beyond the runtime's default set")


def _dropped(drop: Field, container: str) -> Iterator[Finding]:
    # Exactly this word: a list of every name, or "all", is not what the standard asks for.
    if "ALL" not in [name for _, name in texts(drop)]:
        yield Finding.at(drop, '["ALL"]', container=container)


def _restricted(container: Container) -> Iterator[Finding]:
    yield from each(
        [container],
        lambda one: _dropped(one.security("capabilities", "drop"), one.name),
        lambda one: one.name,
    )
    yield from _added(container, frozenset({"NET_BIND_SERVICE"}), "nothing, or NET_BIND_SERVICE alone")


def baseline(pod: Pod, version: int) -> Iterator[Finding]:
    """Nothing is added beyond the runtime's default set."""
    yield from each_container(pod, _baseline)


def restricted(pod: Pod, version: int) -> Iterator[Finding]:
    """Everything is dropped, and at most NET_BIND_SERVICE added; before v1.22 the standard had only the baseline."""
    yield from each_container(pod, _restricted if version >= 22 else _baseline)
