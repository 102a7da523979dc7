"""One weakened promise at a time: the API server's verdict is the policy pack's.

Pod Security is enforced on pods: the namespace admits a Deployment whose pods it will refuse, and only warns. So each
row is asked twice of the server, once as the Deployment and once as the pod that its template makes.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from .node.config import PAUSE_IMAGE
from .service import Service
from .weakenings import WEAKENED, broken_rules, deployment, pod_of

pytestmark = pytest.mark.cluster
DRY_RUN = "dryRun=All"


def test_the_chart_as_planned_is_admitted_by_both(service: Service) -> None:
    """Else a refusal below would prove nothing."""
    planned = deployment(service.workload, {})
    assert broken_rules(planned) == set()
    api = service.cluster.api
    created = api.ask("POST", service.path("v1", "pods"), pod_of(planned, "as-planned"), DRY_RUN)
    assert (created.status, created.warnings) == (201, ())
    planned["metadata"]["name"] = "as-planned"
    created = api.ask("POST", service.path("apps/v1", "deployments"), planned, DRY_RUN)
    assert (created.status, created.warnings) == (201, ())


@pytest.mark.parametrize("case", WEAKENED)
def test_a_weakened_chart_is_refused_by_server_and_pack(service: Service, case: str) -> None:
    row = WEAKENED[case]
    weak = deployment(service.workload, row.values)
    assert row.rule in broken_rules(weak, row.level), "the pack lets it pass"

    api = service.cluster.api
    pod = api.ask("POST", service.path("v1", "pods"), pod_of(weak, "weakened"), DRY_RUN)
    weak["metadata"]["name"] = "weakened"
    whole = api.ask("POST", service.path("apps/v1", "deployments"), weak, DRY_RUN)
    if row.invalid:
        assert (pod.status, whole.status) == (422, 422)
        assert row.invalid in pod.message and row.invalid in whole.message
    elif row.check:
        assert pod.status == 403, pod
        assert 'violates PodSecurity "restricted' in pod.message and row.check in pod.message
        assert whole.status == 201, whole
        [warning] = whole.warnings
        assert 'would violate PodSecurity "restricted' in warning and row.check in warning
    else:
        assert (pod.status, whole.status, whole.warnings) == (201, 201, ())


def root_pod(namespace: str) -> dict[str, Any]:
    """A pod as most are written: nothing said of its user, so root wherever the image does not say otherwise."""
    container = {"name": "main", "image": PAUSE_IMAGE, "imagePullPolicy": "Never", "securityContext": {"runAsUser": 0}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "root", "namespace": namespace},
        "spec": {"containers": [container]},
    }


def test_a_root_pod_is_refused_in_the_namespace(service: Service) -> None:
    """For real, not as a dry run; and it is the namespace that refuses it: another one takes the same pod."""
    api = service.cluster.api
    refused = api.ask("POST", service.path("v1", "pods"), root_pod(service.workload.namespace))
    assert refused.status == 403
    assert 'violates PodSecurity "restricted' in refused.message and "runAsUser=0" in refused.message
    elsewhere = api.ask("POST", "/api/v1/namespaces/default/pods", root_pod("default"), DRY_RUN)
    assert elsewhere.status == 201


def test_a_weakened_release_makes_no_pod(service: Service) -> None:
    """What the warning of a Deployment comes to: its ReplicaSet is refused every pod."""
    api = service.cluster.api
    weak = deployment(service.workload, {"security.uid": 0})
    weak["metadata"]["name"] = "weakened"
    labels = {"app.kubernetes.io/name": "weakened"}
    weak["spec"]["selector"]["matchLabels"] = weak["spec"]["template"]["metadata"]["labels"] = labels
    path = service.path("apps/v1", "deployments", "weakened")
    api.create(weak)
    try:
        deadline = time.monotonic() + 20
        failure = ""
        while not failure and time.monotonic() < deadline:
            conditions = api.get(path)["status"].get("conditions") or []
            failure = next((one["message"] for one in conditions if one["type"] == "ReplicaFailure"), "")
            time.sleep(0.2)
        assert 'violates PodSecurity "restricted' in failure
        assert api.items(service.path("v1", "pods"), "labelSelector=app.kubernetes.io%2Fname%3Dweakened") == []
    finally:
        api.do("DELETE", path, {"propagationPolicy": "Foreground"})
