"""What stands around the chart on EKS."""

from __future__ import annotations

import pytest

from components.backends.kubernetes import manifests
from components.backends.kubernetes.objects import type_token


def test_nodes_follow_the_image_and_carry_the_service_group() -> None:
    pool = manifests.node_pool("biometric", "arm64")["spec"]["template"]["spec"]
    assert {"key": "kubernetes.io/arch", "operator": "In", "values": ["arm64"]} in pool["requirements"]
    assert pool["nodeClassRef"] == {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": "biometric"}
    groups = manifests.node_class("biometric", "role", ["subnet-1"], ["sg-cluster", "sg-service"])
    assert groups["spec"]["securityGroupSelectorTerms"] == [{"id": "sg-cluster"}, {"id": "sg-service"}]


def test_target_group_binding_is_auto_modes_own() -> None:
    binding = manifests.target_group_binding("biometric", "biometric", 8080, "arn")
    assert binding["apiVersion"] == "eks.amazonaws.com/v1"
    assert binding["spec"]["targetType"] == "ip"  # required there, unlike in the open-source controller


@pytest.mark.parametrize(
    ("api_version", "kind", "token"),
    [
        ("v1", "Secret", "kubernetes:core/v1:Secret"),
        ("apps/v1", "Deployment", "kubernetes:apps/v1:Deployment"),
        ("networking.k8s.io/v1", "NetworkPolicy", "kubernetes:networking.k8s.io/v1:NetworkPolicy"),
        ("eks.amazonaws.com/v1", "NodeClass", "kubernetes:eks.amazonaws.com/v1:NodeClass"),
    ],
)
def test_type_tokens_are_pulumis(api_version: str, kind: str, token: str) -> None:
    assert type_token(api_version, kind) == token
