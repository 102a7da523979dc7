"""The chart, as the EKS backend renders it."""

from __future__ import annotations

from typing import Any

import helm_python as helm
import pytest

from components.berths.eks.chart import CHART, Release, chart_values, render
from components.service.spec import ContainerSecurity, Scale
from tests.components.specs import SERVICE, service

RELEASE = Release("biometric-bindings", "biometric-bindings", "", ["10.0.16.0/20"])


def objects(**changes: Any) -> dict[str, dict[str, Any]]:
    return {item["kind"]: item for item in render("biometric", "biometric", chart_values(service(**changes), RELEASE))}


def test_chart_holds_what_a_service_needs() -> None:
    assert sorted(objects()) == [
        "Deployment",
        "HorizontalPodAutoscaler",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    ]


def test_every_container_is_confined() -> None:
    pod = objects()["Deployment"]["spec"]["template"]["spec"]
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "fsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    for container in (*pod["containers"], *pod["initContainers"]):
        assert container["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "privileged": False,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]
    assert pod["volumes"] == [{"name": "tmp", "emptyDir": {}}]
    assert pod["automountServiceAccountToken"] is False


def test_confinement_follows_container_security() -> None:
    pod = objects(security=ContainerSecurity(uid=20002, gid=20003))["Deployment"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsUser"] == 20002
    assert pod["containers"][0]["securityContext"]["runAsGroup"] == 20003


def test_pods_drain_before_they_stop() -> None:
    pod = objects(shutdown_seconds=40)["Deployment"]["spec"]["template"]["spec"]
    sleep = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] == sleep + 40
    assert objects()["Deployment"]["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_all_three_probes_ask_the_right_path() -> None:
    [container] = objects()["Deployment"]["spec"]["template"]["spec"]["containers"]
    paths = {
        probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert paths == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}


def test_pods_stand_in_every_zone_release_by_release() -> None:
    spreads = objects()["Deployment"]["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert {spread["topologyKey"]: spread["whenUnsatisfiable"] for spread in spreads} == {
        "topology.kubernetes.io/zone": "DoNotSchedule",
        "kubernetes.io/hostname": "ScheduleAnyway",
    }
    for spread in spreads:
        assert spread["maxSkew"] == 1 and spread["matchLabelKeys"] == ["pod-template-hash"]


def test_bindings_are_named_and_never_written() -> None:
    deployment = objects()["Deployment"]
    assert "hunter2" not in str(deployment) and "db.example" not in str(deployment)
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"] == [
        {"configMapRef": {"name": "biometric-bindings"}},
        {"secretRef": {"name": "biometric-bindings"}},
    ]


def test_cpu_units_become_millicores() -> None:
    [container] = objects(cpu=1024)["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["requests"]["cpu"] == "1000m"


def test_autoscaler_and_not_the_deployment_counts_replicas() -> None:
    rendered = objects(scale=Scale(3, 7))
    assert "replicas" not in rendered["Deployment"]["spec"]
    scaler = rendered["HorizontalPodAutoscaler"]["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 7)


def test_network_policy_admits_the_load_balancer_only() -> None:
    spec = objects()["NetworkPolicy"]["spec"]
    assert spec["ingress"] == [
        {"ports": [{"port": 8080, "protocol": "TCP"}], "from": [{"ipBlock": {"cidr": "10.0.16.0/20"}}]}
    ]
    assert spec["policyTypes"] == ["Ingress", "Egress"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("port",), 80),
        (("surprise",), 1),
        (("security", "uid"), -1),
        (("security", "surprise"), 1),
        (("image", "reference"), "no tag"),
        (("probes", "livePath"), "healthz"),
    ],
)
def test_schema_refuses_what_the_chart_does_not_know(path: tuple[str, ...], value: object) -> None:
    values: dict[str, Any] = chart_values(SERVICE, RELEASE)
    at = values
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    with pytest.raises(helm.HelmError):
        render("biometric", "biometric", values)


def test_chart_lints() -> None:
    report = helm.lint(str(CHART), chart_values(SERVICE, RELEASE), strict=True)
    assert report["total_charts_linted"] == 1
    assert not report["errors"]
