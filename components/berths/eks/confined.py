"""Pods of the program's own beside a service's: confined as those of the service are. Pure."""

from __future__ import annotations

from typing import Any

from components.service.spec import ContainerSecurity, ServiceSpec

RBAC = "rbac.authorization.k8s.io"


def pod_spec(service: ServiceSpec, account: str) -> dict[str, Any]:
    """Return all of a pod's spec but its containers and volumes; it may use the account's token.

    Args:
        service: whose confinement and processor it shares.
        account: name of its service account.
    """
    security = service.security
    return {
        "serviceAccountName": account,
        "automountServiceAccountToken": True,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": security.uid,
            "runAsGroup": security.gid,
            "fsGroup": security.gid,
            "seccompProfile": {"type": security.seccomp_profile},
        },
        "nodeSelector": {"kubernetes.io/arch": service.architecture},
    }


def container_context(security: ContainerSecurity) -> dict[str, Any]:
    """Return the security context of a container."""
    return {
        "runAsNonRoot": True,
        "runAsUser": security.uid,
        "runAsGroup": security.gid,
        "privileged": False,
        "allowPrivilegeEscalation": not security.no_new_privileges,
        "readOnlyRootFilesystem": security.read_only_root,
        "capabilities": {"drop": list(security.drop_capabilities)},
    }


def account_with(name: str, namespace: str, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a service account, a role of these rules in its namespace, and their binding, all of one name."""
    meta = {"name": name, "namespace": namespace}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta, "automountServiceAccountToken": False},
        {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": meta, "rules": rules},
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": meta,
            "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
        },
    ]


def labels(name: str) -> dict[str, str]:
    """Return the labels of the pods; they are not the service's, which the load balancer sends requests to."""
    return {"app.kubernetes.io/name": name}


def calls_out(name: str, namespace: str, *more: dict[str, Any]) -> dict[str, Any]:
    """Return a network policy: nobody reaches the pods; they reach names, the API server and AWS, and what is more."""
    dns = [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "podSelector": {"matchLabels": labels(name)},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [{"ports": dns}, {"ports": [{"port": 443, "protocol": "TCP"}]}, *more],
        },
    }
