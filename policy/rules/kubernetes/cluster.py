"""Rules on rights and namespaces."""

from __future__ import annotations

from ..parts import must_be, of_resource
from ..rule import Level, Rule, Severity

NAMESPACE_NOT_PRIVILEGED = Rule(
    id="kubernetes-namespace-not-privileged",
    description="No namespace enforces the level privileged of the Pod Security Standards, which forbids nothing.",
    remediation='Set the label to "restricted", or leave it out where the cluster has a stricter default.',
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=frozenset({"kubernetes:core/v1:Namespace", "kubernetes:core/v1:NamespacePatch"}).__contains__,
    check=of_resource(
        must_be(
            lambda level: level.text() == "privileged",
            "restricted or baseline",
            "metadata",
            "labels",
            "pod-security.kubernetes.io/enforce",
        )
    ),
)

_KINDS = ("ClusterRoleBinding", "RoleBinding", "ClusterRoleBindingPatch", "RoleBindingPatch")


def _is_binding(token: str) -> bool:
    return token.startswith("kubernetes:rbac.authorization.k8s.io/") and token.rsplit(":", 1)[-1] in _KINDS


NO_CLUSTER_ADMIN = Rule(
    id="kubernetes-no-cluster-admin",
    description="No binding gives the role cluster-admin.",
    remediation="Bind a role with the rights that are used.",
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=("CIS Kubernetes: 5.1.1", "Well-Architected: Security (SEC 3)"),
    applies=_is_binding,
    check=of_resource(
        must_be(
            lambda role: role.text() == "cluster-admin",
            "the name of a role with the rights that are used",
            "roleRef",
            "name",
        )
    ),
)
