"""What a unit of Quadlet declares of each promise, and whether that keeps it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from berth.rehearse.workload import Declaration, Promise, show
from components.service.spec import ContainerSecurity


def declarations(
    own: Mapping[str, Sequence[str]], place: str, user: str, security: ContainerSecurity
) -> dict[Promise, Declaration]:
    """Judge a unit.

    Args:
        own: The values of each key of the section ``Container``.
        place: How a message names it.
        user: Its user and group.
        security: What is promised.
    """
    arguments = " ".join(own.get("PodmanArgs", ()))

    def switch(key: str) -> bool:
        return ["", *own.get(key, ())][-1].lower() in ("true", "yes", "on", "1")

    def text(key: str) -> str:
        return f"{place}.{key} is {show([*own.get(key, ())] or None)}"

    dropped, added = ({one.upper() for one in own.get(f"{key}Capability", ())} for key in ("Drop", "Add"))
    privileged = "--privileged" in arguments
    paths = {tmpfs.partition(":")[0] for tmpfs in own.get("Tmpfs", ())}
    paths |= {volume.split(":")[1] for volume in own.get("Volume", ()) if volume.split(":")[2:] != ["ro"]}
    return {
        Promise.USER: Declaration(
            f"{place}.User is {show(user or None)}", kept=user == f"{security.uid}:{security.gid}"
        ),
        Promise.CAPABILITIES: Declaration(
            f"{place}.PodmanArgs is {show(arguments)}" if privileged else text("DropCapability"),
            kept=set(security.drop_capabilities) <= dropped and not added and not privileged,
        ),
        Promise.NO_NEW_PRIVILEGES: Declaration(
            text("NoNewPrivileges"), kept=switch("NoNewPrivileges") >= security.no_new_privileges
        ),
        Promise.READ_ONLY_ROOT: Declaration(text("ReadOnly"), kept=switch("ReadOnly") >= security.read_only_root),
        Promise.WRITABLE_PATHS: Declaration(
            f"{place}.Tmpfs makes {', '.join(sorted(paths)) or 'nothing'} writable",
            kept=paths == set(security.writable_paths) and own.get("ReadOnlyTmpfs") == ["false"],
        ),
        Promise.SECCOMP: Declaration(
            text("SeccompProfile"), kept="SeccompProfile" not in own and "seccomp" not in arguments
        ),
    }
