"""What a container of a Compose file declares of each promise, and whether that keeps it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from berth.rehearse.workload import Declaration, Promise, show
from components.service.spec import ContainerSecurity


def declarations(container: Mapping[str, Any], place: str, security: ContainerSecurity) -> dict[Promise, Declaration]:
    """Judge a container.

    Args:
        container: what the file says of it.
        place: how a message names it.
        security: what is promised.
    """
    user, read_only, options = (container.get(key) for key in ("user", "read_only", "security_opt"))
    words = [str(option) for option in options or []]
    paths = [str(one).partition(":")[0] for one in container.get("tmpfs") or []]
    paths += [
        str(one.get("target") if isinstance(one, Mapping) else one)
        for one in container.get("volumes") or []
        if not (isinstance(one, Mapping) and one.get("read_only") is True)
    ]
    return {
        Promise.USER: Declaration(f"{place}.user is {show(user)}", kept=user == f"{security.uid}:{security.gid}"),
        Promise.CAPABILITIES: _capabilities(container, place, security),
        Promise.NO_NEW_PRIVILEGES: Declaration(
            f"{place}.security_opt is {show(options)}",
            kept=any(word in ("no-new-privileges", "no-new-privileges:true") for word in words),
        ),
        Promise.READ_ONLY_ROOT: Declaration(
            f"{place}.read_only is {show(read_only)}", kept=(read_only is True) >= security.read_only_root
        ),
        Promise.WRITABLE_PATHS: Declaration(
            f"{place}.tmpfs makes {', '.join(sorted(paths)) or 'nothing'} writable",
            kept=set(paths) == set(security.writable_paths),
        ),
        # Docker applies its default profile unless told not to.
        Promise.SECCOMP: Declaration(
            f"{place}.security_opt is {show(options)}", kept=not any(word.startswith("seccomp") for word in words)
        ),
    }


def _capabilities(container: Mapping[str, Any], place: str, security: ContainerSecurity) -> Declaration:
    """Judge the capabilities; ``privileged`` gives them all back."""
    if container.get("privileged"):
        return Declaration(f"{place}.privileged is true", kept=False)
    drop, add = container.get("cap_drop"), container.get("cap_add")
    kept = set(security.drop_capabilities) <= set(drop or ()) and not add
    return Declaration(f"{place}.cap_add is {show(add)}" if add else f"{place}.cap_drop is {show(drop)}", kept=kept)
