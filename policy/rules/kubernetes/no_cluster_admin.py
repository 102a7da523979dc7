"""Nobody is given all rights on a cluster."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity

_KINDS = ("ClusterRoleBinding", "RoleBinding", "ClusterRoleBindingPatch", "RoleBindingPatch")


def _is_binding(token: str) -> bool:
    return token.startswith("kubernetes:rbac.authorization.k8s.io/") and token.rsplit(":", 1)[-1] in _KINDS


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    role = resource.inputs.at("roleRef", "name")
    if role.text() == "cluster-admin":
        yield Finding.at(role, "the name of a role with the rights that are used")


RULE = Rule(
    id="kubernetes-no-cluster-admin",
    description="No binding gives the role cluster-admin.",
    remediation="Bind a role with the rights that are used.",
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=(
        "CIS Kubernetes: 5.1.1",
        "Well-Architected: Security (SEC 3)",
    ),
    applies=_is_binding,
    check=_check,
)
