"""All rules, by id. A rule that is not listed here does not exist."""

from __future__ import annotations

from functools import cache
from typing import Final

from .docker import added_capabilities as docker_added_capabilities
from .docker import confinement as docker_confinement
from .docker import host_namespaces as docker_host_namespaces
from .docker import image_non_root as docker_image_non_root
from .docker import non_root as docker_non_root
from .docker import privileged as docker_privileged
from .docker import runtime_socket as docker_runtime_socket
from .ecs import added_capabilities as ecs_added_capabilities
from .ecs import confinement as ecs_confinement
from .ecs import dropped_capabilities as ecs_dropped_capabilities
from .ecs import host_namespaces as ecs_host_namespaces
from .ecs import log_configuration as ecs_log_configuration
from .ecs import no_new_privileges as ecs_no_new_privileges
from .ecs import non_root as ecs_non_root
from .ecs import plain_secrets as ecs_plain_secrets
from .ecs import privileged as ecs_privileged
from .ecs import read_only_root as ecs_read_only_root
from .ecs import runtime_socket as ecs_runtime_socket
from .kubernetes import app_armor as kubernetes_app_armor
from .kubernetes import capabilities as kubernetes_capabilities
from .kubernetes import capabilities_baseline as kubernetes_capabilities_baseline
from .kubernetes import host_namespaces as kubernetes_host_namespaces
from .kubernetes import host_path_volumes as kubernetes_host_path_volumes
from .kubernetes import host_ports as kubernetes_host_ports
from .kubernetes import host_probes as kubernetes_host_probes
from .kubernetes import opaque as kubernetes_opaque
from .kubernetes import privilege_escalation as kubernetes_privilege_escalation
from .kubernetes import privileged as kubernetes_privileged
from .kubernetes import proc_mount as kubernetes_proc_mount
from .kubernetes import proc_mount_baseline as kubernetes_proc_mount_baseline
from .kubernetes import read_only_root as kubernetes_read_only_root
from .kubernetes import run_as_non_root as kubernetes_run_as_non_root
from .kubernetes import run_as_user as kubernetes_run_as_user
from .kubernetes import seccomp as kubernetes_seccomp
from .kubernetes import seccomp_baseline as kubernetes_seccomp_baseline
from .kubernetes import selinux as kubernetes_selinux
from .kubernetes import sysctls as kubernetes_sysctls
from .kubernetes import volume_types as kubernetes_volume_types
from .kubernetes import windows_host_process as kubernetes_windows_host_process
from .model import Rule

_MODULES: Final = (
    docker_added_capabilities,
    docker_confinement,
    docker_host_namespaces,
    docker_image_non_root,
    docker_non_root,
    docker_privileged,
    docker_runtime_socket,
    ecs_added_capabilities,
    ecs_confinement,
    ecs_dropped_capabilities,
    ecs_host_namespaces,
    ecs_log_configuration,
    ecs_no_new_privileges,
    ecs_non_root,
    ecs_plain_secrets,
    ecs_privileged,
    ecs_read_only_root,
    ecs_runtime_socket,
    kubernetes_app_armor,
    kubernetes_capabilities,
    kubernetes_capabilities_baseline,
    kubernetes_host_namespaces,
    kubernetes_host_path_volumes,
    kubernetes_host_ports,
    kubernetes_host_probes,
    kubernetes_opaque,
    kubernetes_privilege_escalation,
    kubernetes_privileged,
    kubernetes_proc_mount,
    kubernetes_proc_mount_baseline,
    kubernetes_read_only_root,
    kubernetes_run_as_non_root,
    kubernetes_run_as_user,
    kubernetes_seccomp,
    kubernetes_seccomp_baseline,
    kubernetes_selinux,
    kubernetes_sysctls,
    kubernetes_volume_types,
    kubernetes_windows_host_process,
)

RULES: Final[dict[str, Rule]] = {rule.id: rule for rule in sorted((m.RULE for m in _MODULES), key=lambda r: r.id)}
"""Every rule by its id, sorted."""


@cache
def rules_for(type_token: str) -> tuple[Rule, ...]:
    """Return the rules that look at resources of this type token."""
    return tuple(rule for rule in RULES.values() if rule.applies(type_token))
