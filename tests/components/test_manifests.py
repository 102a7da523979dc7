"""What stands around the chart on EKS."""

from __future__ import annotations

from typing import Any

import pytest

from components.berths.eks import manifests
from components.berths.eks.objects import type_token
from components.service.spec import Scale, Scheduled
from tests.components.specs import service


def test_nodes_follow_the_image_and_carry_the_service_group() -> None:
    pool = manifests.node_pool([service(architecture="arm64")], 2)["spec"]["template"]["spec"]
    assert {"key": "kubernetes.io/arch", "operator": "In", "values": ["arm64"]} in pool["requirements"]
    assert pool["nodeClassRef"] == {"group": "eks.amazonaws.com", "kind": "NodeClass", "name": manifests.POOL}
    groups = manifests.node_class("role", ["subnet-1"], ["sg-cluster", "sg-service"])
    assert groups["spec"]["securityGroupSelectorTerms"] == [{"id": "sg-cluster"}, {"id": "sg-service"}]


@pytest.mark.parametrize(
    ("changes", "zones", "vcpus"),
    [({}, 2, 12), ({"cpu": 16384, "scale": Scale(most=10)}, 2, 360), ({"cpu": 256, "memory": 16384}, 3, 52)],
)
def test_machines_stop_at_twice_what_the_service_needs(changes: dict[str, Any], zones: int, vcpus: int) -> None:
    spec = service(**changes)
    assert manifests.node_pool([spec], zones)["spec"]["limits"] == {"cpu": str(vcpus)}
    pods = spec.scale.most + 1
    assert vcpus >= 2 * pods * spec.cpu / 1024
    assert vcpus * 4 * 1024 >= 2 * pods * spec.memory


def test_machines_suffice_for_what_the_clock_brings() -> None:
    day = Scheduled("0 8 * * *", "UTC", 4, 10)
    limits = [manifests.most_vcpus([service(cpu=1024, scale=scale)], 2) for scale in (Scale(scheduled=(day,)), Scale())]
    assert limits == [2 * (11 + 4), 2 * (5 + 4)]


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
