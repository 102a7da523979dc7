"""What an ECS container definition declares of each promise, and whether that keeps it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from berth.rehearse.workload import Declaration, Promise, show
from components.service.spec import ContainerSecurity

AGENT_PATHS = frozenset({"/var/lib/amazon", "/var/log/amazon"})
"""Where the agent behind ECS Exec writes; it is AWS's own process, and only there when Exec is switched on."""


def are_promised(paths: Iterable[str], security: ContainerSecurity, handed_on: Collection[str]) -> bool:
    """Return whether only promised paths can be written; who fills volumes for others needs none of its own."""
    own = set(paths) - AGENT_PATHS - set(handed_on)
    return own == set(security.writable_paths) or (not own and bool(handed_on))


def declarations(
    definition: Mapping[str, Any],
    place: str,
    fargate: bool,
    security: ContainerSecurity,
    handed_on: Collection[str] = (),
) -> dict[Promise, Declaration]:
    """Judge a container definition.

    Args:
        definition: The container definition.
        place: How a message names it.
        fargate: Whether it runs on Fargate, which has no ``dockerSecurityOptions``.
        security: What is promised.
        handed_on: Paths that it fills for other containers before they start.
    """
    linux = definition.get("linuxParameters") or {}
    capabilities = linux.get("capabilities") or {}
    options = definition.get("dockerSecurityOptions") or []
    read_only = definition.get("readonlyRootFilesystem")
    return {
        Promise.USER: _user(definition, place, security),
        Promise.CAPABILITIES: _capabilities(definition, capabilities, place, security),
        Promise.NO_NEW_PRIVILEGES: Declaration(
            f"{place}: Fargate has no field for it"
            if fargate
            else f"{place}.dockerSecurityOptions is {show(options or None)}",
            kept=fargate or any(option.startswith("no-new-privileges") for option in options),
            possible=not fargate,
        ),
        Promise.READ_ONLY_ROOT: Declaration(
            f"{place}.readonlyRootFilesystem is {show(read_only)}", kept=(read_only is True) >= security.read_only_root
        ),
        Promise.WRITABLE_PATHS: _writable(definition, linux, place, security, handed_on),
        # There is no field: Docker and containerd apply their default profile unless told not to.
        Promise.SECCOMP: Declaration(
            f"{place}.dockerSecurityOptions is {show(options or None)}",
            kept=not any(option.startswith("seccomp") for option in options),
        ),
    }


def _user(definition: Mapping[str, Any], place: str, security: ContainerSecurity) -> Declaration:
    """Judge ``user``; absent is a finding too, because then the image decides."""
    user = definition.get("user")
    return Declaration(f"{place}.user is {show(user)}", kept=user == f"{security.uid}:{security.gid}")


def _capabilities(
    definition: Mapping[str, Any], capabilities: Mapping[str, Any], place: str, security: ContainerSecurity
) -> Declaration:
    """Judge the capabilities; ``privileged`` gives them all back."""
    if definition.get("privileged"):
        return Declaration(f"{place}.privileged is true", kept=False)
    kept = set(security.drop_capabilities) <= set(capabilities.get("drop") or ()) and not capabilities.get("add")
    return Declaration(f"{place}.linuxParameters.capabilities is {show(dict(capabilities) or None)}", kept=kept)


def _writable(
    definition: Mapping[str, Any],
    linux: Mapping[str, Any],
    place: str,
    security: ContainerSecurity,
    handed_on: Collection[str],
) -> Declaration:
    """Judge what is mounted to be written."""
    mounts = [mount for mount in definition.get("mountPoints") or [] if not mount.get("readOnly")]
    paths = [mount["containerPath"] for mount in mounts]
    paths += [tmpfs["containerPath"] for tmpfs in linux.get("tmpfs") or []]
    where = "linuxParameters.tmpfs" if linux.get("tmpfs") else "mountPoints"
    return Declaration(
        f"{place}.{where} makes {', '.join(sorted(paths)) or 'nothing'} writable",
        kept=are_promised(paths, security, handed_on),
    )
