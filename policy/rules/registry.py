"""All rules, by id. A rule that is not listed here does not exist."""

from __future__ import annotations

from functools import cache
from typing import Final

from . import nothing_unjudged
from .aws import alb_access_logs as aws_alb_access_logs
from .aws import alb_drops_invalid_headers as aws_alb_drops_invalid_headers
from .aws import alb_http_redirects as aws_alb_http_redirects
from .aws import api_route_authorized as aws_api_route_authorized
from .aws import api_stage_logs as aws_api_stage_logs
from .aws import api_stage_throttled as aws_api_stage_throttled
from .aws import certificate_renews as aws_certificate_renews
from .aws import codebuild_not_privileged as aws_codebuild_not_privileged
from .aws import default_security_group_closed as aws_default_security_group_closed
from .aws import ebs_encrypted as aws_ebs_encrypted
from .aws import ecr_encrypted as aws_ecr_encrypted
from .aws import ecr_immutable_tags as aws_ecr_immutable_tags
from .aws import ecr_scan_on_push as aws_ecr_scan_on_push
from .aws import efs_encrypted as aws_efs_encrypted
from .aws import efs_user as aws_efs_user
from .aws import eks_logs as aws_eks_logs
from .aws import eks_no_world_endpoint as aws_eks_no_world_endpoint
from .aws import eks_secrets_encrypted as aws_eks_secrets_encrypted
from .aws import iam_no_administrator as aws_iam_no_administrator
from .aws import iam_no_service_star as aws_iam_no_service_star
from .aws import iam_no_star as aws_iam_no_star
from .aws import imds_hop_limit as aws_imds_hop_limit
from .aws import imds_v2 as aws_imds_v2
from .aws import instance_no_public_ip as aws_instance_no_public_ip
from .aws import kms_rotation as aws_kms_rotation
from .aws import lb_tls_policy as aws_lb_tls_policy
from .aws import log_retention as aws_log_retention
from .aws import network_acl_admin_ports as aws_network_acl_admin_ports
from .aws import no_nat_instance as aws_no_nat_instance
from .aws import no_world_ingress as aws_no_world_ingress
from .aws import rds_backups as aws_rds_backups
from .aws import rds_deletion_protection as aws_rds_deletion_protection
from .aws import rds_encrypted as aws_rds_encrypted
from .aws import rds_multi_az as aws_rds_multi_az
from .aws import rds_not_public as aws_rds_not_public
from .aws import rds_tls as aws_rds_tls
from .aws import s3_encrypted as aws_s3_encrypted
from .aws import s3_not_public as aws_s3_not_public
from .aws import s3_public_access_block_kept as aws_s3_public_access_block_kept
from .aws import s3_public_access_blocked as aws_s3_public_access_blocked
from .aws import s3_tls_only as aws_s3_tls_only
from .aws import vpc_flow_logs as aws_vpc_flow_logs
from .aws import waf_rate_limit as aws_waf_rate_limit
from .docker import added_capabilities as docker_added_capabilities
from .docker import confinement as docker_confinement
from .docker import host_devices as docker_host_devices
from .docker import host_namespaces as docker_host_namespaces
from .docker import image_non_root as docker_image_non_root
from .docker import non_root as docker_non_root
from .docker import privileged as docker_privileged
from .docker import runtime_socket as docker_runtime_socket
from .ecs import added_capabilities as ecs_added_capabilities
from .ecs import confinement as ecs_confinement
from .ecs import dropped_capabilities as ecs_dropped_capabilities
from .ecs import host_devices as ecs_host_devices
from .ecs import host_namespaces as ecs_host_namespaces
from .ecs import log_configuration as ecs_log_configuration
from .ecs import no_exec as ecs_no_exec
from .ecs import no_new_privileges as ecs_no_new_privileges
from .ecs import non_root as ecs_non_root
from .ecs import opaque as ecs_opaque
from .ecs import plain_secrets as ecs_plain_secrets
from .ecs import privileged as ecs_privileged
from .ecs import read_only_root as ecs_read_only_root
from .ecs import runtime_socket as ecs_runtime_socket
from .ecs import windows_non_administrator as ecs_windows_non_administrator
from .kubernetes import app_armor as kubernetes_app_armor
from .kubernetes import capabilities as kubernetes_capabilities
from .kubernetes import capabilities_baseline as kubernetes_capabilities_baseline
from .kubernetes import host_namespaces as kubernetes_host_namespaces
from .kubernetes import host_path_volumes as kubernetes_host_path_volumes
from .kubernetes import host_ports as kubernetes_host_ports
from .kubernetes import host_probes as kubernetes_host_probes
from .kubernetes import namespace_not_privileged as kubernetes_namespace_not_privileged
from .kubernetes import no_cluster_admin as kubernetes_no_cluster_admin
from .kubernetes import opaque as kubernetes_opaque
from .kubernetes import opaque_components as kubernetes_opaque_components
from .kubernetes import privilege_escalation as kubernetes_privilege_escalation
from .kubernetes import privileged as kubernetes_privileged
from .kubernetes import proc_mount as kubernetes_proc_mount
from .kubernetes import proc_mount_baseline as kubernetes_proc_mount_baseline
from .kubernetes import read_only_root as kubernetes_read_only_root
from .kubernetes import root_group as kubernetes_root_group
from .kubernetes import run_as_non_root as kubernetes_run_as_non_root
from .kubernetes import run_as_user as kubernetes_run_as_user
from .kubernetes import seccomp as kubernetes_seccomp
from .kubernetes import seccomp_baseline as kubernetes_seccomp_baseline
from .kubernetes import selinux as kubernetes_selinux
from .kubernetes import sysctls as kubernetes_sysctls
from .kubernetes import volume_types as kubernetes_volume_types
from .kubernetes import windows_host_process as kubernetes_windows_host_process
from .model import AnyRule

_MODULES: Final = (
    aws_certificate_renews,
    aws_codebuild_not_privileged,
    aws_ebs_encrypted,
    aws_efs_encrypted,
    aws_efs_user,
    aws_instance_no_public_ip,
    aws_kms_rotation,
    kubernetes_namespace_not_privileged,
    kubernetes_no_cluster_admin,
    nothing_unjudged,
    aws_alb_access_logs,
    aws_alb_drops_invalid_headers,
    aws_alb_http_redirects,
    aws_api_route_authorized,
    aws_api_stage_logs,
    aws_api_stage_throttled,
    aws_default_security_group_closed,
    aws_ecr_encrypted,
    aws_ecr_immutable_tags,
    aws_ecr_scan_on_push,
    aws_eks_logs,
    aws_eks_no_world_endpoint,
    aws_eks_secrets_encrypted,
    aws_iam_no_administrator,
    aws_iam_no_service_star,
    aws_iam_no_star,
    aws_imds_hop_limit,
    aws_imds_v2,
    aws_lb_tls_policy,
    aws_log_retention,
    aws_network_acl_admin_ports,
    aws_no_nat_instance,
    aws_no_world_ingress,
    aws_rds_backups,
    aws_rds_deletion_protection,
    aws_rds_encrypted,
    aws_rds_multi_az,
    aws_rds_not_public,
    aws_rds_tls,
    aws_s3_encrypted,
    aws_s3_not_public,
    aws_s3_public_access_block_kept,
    aws_s3_public_access_blocked,
    aws_s3_tls_only,
    aws_vpc_flow_logs,
    aws_waf_rate_limit,
    docker_added_capabilities,
    docker_confinement,
    docker_host_devices,
    docker_host_namespaces,
    docker_image_non_root,
    docker_non_root,
    docker_privileged,
    docker_runtime_socket,
    ecs_added_capabilities,
    ecs_confinement,
    ecs_dropped_capabilities,
    ecs_host_devices,
    ecs_host_namespaces,
    ecs_log_configuration,
    ecs_no_exec,
    ecs_no_new_privileges,
    ecs_non_root,
    ecs_opaque,
    ecs_plain_secrets,
    ecs_privileged,
    ecs_read_only_root,
    ecs_runtime_socket,
    ecs_windows_non_administrator,
    kubernetes_app_armor,
    kubernetes_capabilities,
    kubernetes_capabilities_baseline,
    kubernetes_host_namespaces,
    kubernetes_host_path_volumes,
    kubernetes_host_ports,
    kubernetes_host_probes,
    kubernetes_opaque,
    kubernetes_opaque_components,
    kubernetes_privilege_escalation,
    kubernetes_privileged,
    kubernetes_proc_mount,
    kubernetes_proc_mount_baseline,
    kubernetes_read_only_root,
    kubernetes_root_group,
    kubernetes_run_as_non_root,
    kubernetes_run_as_user,
    kubernetes_seccomp,
    kubernetes_seccomp_baseline,
    kubernetes_selinux,
    kubernetes_sysctls,
    kubernetes_volume_types,
    kubernetes_windows_host_process,
)

_ALL: Final[tuple[AnyRule, ...]] = tuple(module.RULE for module in _MODULES)

RULES: Final[dict[str, AnyRule]] = {rule.id: rule for rule in sorted(_ALL, key=lambda rule: rule.id)}
"""Every rule by its id, sorted."""


@cache
def rules_for(type_token: str) -> tuple[AnyRule, ...]:
    """Return the rules that look at resources of this type token."""
    return tuple(rule for rule in RULES.values() if rule.applies(type_token))
