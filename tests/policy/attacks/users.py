"""Root by another name: administrators of Windows, and user namespaces that a cluster may not know."""

from __future__ import annotations

from typing import Any, Final

from ..cases.ecs import WINDOWS_TASK, task
from ..cases.kubernetes import DEPLOYMENT, pod
from ..support import REMOVED, Planned, edited
from .attack import Attack, Harmless

_FAMILIES: Final = (
    *("WINDOWS_SERVER_2019_FULL", "WINDOWS_SERVER_2019_CORE", "WINDOWS_SERVER_2022_FULL", "WINDOWS_SERVER_2022_CORE"),
    *("WINDOWS_SERVER_2025_CORE", "windows_server_2022_core"),
)
_ADMINISTRATORS: Final = (
    *(REMOVED, None, "", "ContainerAdministrator", "containeradministrator", r"User Manager\ContainerAdministrator"),
    *(
        "Administrator",
        r".\Administrator",
        "Administrator@example.com",
        r"NT AUTHORITY\SYSTEM",
        "SYSTEM",
        "LocalSystem",
    ),
    *("S-1-5-18", "S-1-5-93-2-1", " ContainerAdministrator ", "CONTAINERADMINISTRATOR", "BUILTIN/Administrators"),
    *("root", "0", "0:0", "Domain Administrator"),
)


def _namespaced(**config: Any) -> dict[str, dict[str, Any]]:
    return {rule: config for rule in ("kubernetes-run-as-non-root", "kubernetes-run-as-user")} if config else {}


def _in_namespace(path: str, value: Any) -> Planned:
    return Planned(DEPLOYMENT, {"spec": {"template": edited(edited(pod(), "spec.hostUsers", False), path, value)}})


_ROOT: Final = {
    "kubernetes-run-as-non-root": ("spec.securityContext.runAsNonRoot", False),
    "kubernetes-run-as-user": ("spec.containers[0].securityContext.runAsUser", 0),
}
_ROOT_POD: Final = edited(pod(), "spec.containers[0].securityContext.runAsUser", 0)

ATTACKS: Final = [
    *(
        Attack(
            f"{family} without a user",
            "ecs-windows-non-administrator",
            task("user", REMOVED, runtimePlatform={"operatingSystemFamily": family}),
        )
        for family in _FAMILIES
    ),
    *(
        Attack(f"Windows as {user!r}", "ecs-windows-non-administrator", task("user", user, **WINDOWS_TASK))
        for user in _ADMINISTRATORS
    ),
    *(
        Attack(
            f"hostUsers, {rule}, {version or 'no version'}", rule, _in_namespace(path, value), _namespaced(**version)
        )
        for rule, (path, value) in _ROOT.items()
        for version in ({}, {"version": "v1.29"}, {"version": "v1.33"}, {"version": "v1.34"})
    ),
    *(
        Attack(
            f"hostUsers is {value!r}",
            "kubernetes-run-as-user",
            Planned(DEPLOYMENT, {"spec": {"template": edited(_ROOT_POD, "spec.hostUsers", value)}}),
            _namespaced(version="v1.36"),
        )
        for value in (True, "false", None, 0)
    ),
]

HARMLESS: Final = [
    *(
        Harmless(f"Windows as {user}", task("user", user, **WINDOWS_TASK))
        for user in ("ContainerUser", r"User Manager\ContainerUser", "app", "administrators-helper", "svc@example.com")
    ),
    *(
        Harmless(f"hostUsers, {rule}, {version}", _in_namespace(path, value), _namespaced(version=version))
        for rule, (path, value) in _ROOT.items()
        for version in ("v1.35", "v1.37", "latest")
    ),
]
