"""Docker's security options that take a protection away."""

import re
from collections.abc import Iterator
from typing import Final

from .parts import Part, PartCheck
from .rule import Finding
from .values import texts

_CONTAINER_TYPES: Final = re.compile(r"type:(svirt_lxc_net|container(_init|_kvm|_engine)?)_t")
_ALLOWS: Final = re.compile(r"scmp_act_(allow|log|trace|notify)")


def switches_off(option: str) -> bool:
    """Tell whether a security option switches seccomp, AppArmor, SELinux, no-new-privileges or the masks of /proc off.

    A label is Docker's way to set SELinux's options; `type:spc_t` is as good as none (podman-run(1), --security-opt).
    """
    plain = "".join(option.split()).lower()
    name, _, value = re.sub("[:=]", ":", plain, count=1).partition(":")
    value = value.strip("\"'")
    if name == "label":
        value = value.replace("=", ":")
        return not (value.startswith("level:") or _CONTAINER_TYPES.fullmatch(value))
    if name in ("no-new-privileges", "writable-cgroups"):
        return (value in ("", "true", "1", "t")) is (name != "no-new-privileges")
    if name == "seccomp" and "defaultaction" in value:
        # A whole profile in place of a name.
        return bool(_ALLOWS.search(value.partition("defaultaction")[2][:40]))
    return value == "unconfined"


def no_protection_off(key: str) -> PartCheck:
    """Make the check that none of a list of security options switches a protection off."""

    def check(part: Part) -> Iterator[Finding]:
        for field, option in texts(part.at(key)):
            if switches_off(option):
                yield part.wrong(field, "no option that switches a protection off")

    return check
