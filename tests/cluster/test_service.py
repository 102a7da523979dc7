"""The chart on a real node: what it becomes there, and that it stays reachable while it changes."""

from __future__ import annotations

import threading
import time

import pytest

from berth.rehearse.proc import writable_paths
from berth.rehearse.roundtrip import post_and_read

from . import workload as workloads
from .load import Load
from .node import addresses
from .node.api import wait_for
from .node.parts import MODULE, kubernetes_version
from .service import SAMPLE, Service, container_processes, is_ready, process

pytestmark = pytest.mark.cluster
UID = 10001
FILTER = 2
"""What the kernel calls a seccomp profile in force."""


def test_the_server_is_the_version_that_is_built(service: Service) -> None:
    expected = kubernetes_version((MODULE / "go.mod").read_text())
    assert service.cluster.api.get("/version")["gitVersion"] == expected
    [node] = service.cluster.api.items("/api/v1/nodes")
    assert node["status"]["nodeInfo"]["kubeletVersion"] == expected


def test_pods_run_unprivileged(service: Service) -> None:
    pods = service.ready_pods()
    assert len(pods) == 2
    for pod in pods:
        pids = container_processes(pod)
        assert pids
        for pid in pids:
            seen, mounts = process(pid)
            assert set(seen.uids) == set(seen.gids) == {UID}
            assert set(seen.groups) <= {UID}
            assert not any(seen.capabilities.values()), seen.capabilities
            assert seen.no_new_privileges
            assert seen.seccomp == FILTER
            assert next(mount for mount in mounts if mount.path == "/").read_only
            assert writable_paths(mounts) == ["/tmp"]


def test_the_service_answers_the_sample_record(service: Service) -> None:
    """Through kube-proxy to a pod, to a PostgreSQL outside the cluster, and back, digit for digit."""
    assert post_and_read(service.url, SAMPLE) == []


def test_requests_are_spread_over_every_pod(service: Service) -> None:
    """The Service's endpoints are the ready pods, and nothing else."""
    pods = {pod["status"]["podIP"] for pod in service.ready_pods()}
    wait_for("the endpoints are the pods", lambda: endpoints(service) == pods, 10, service.cluster.explain)


def endpoints(service: Service) -> set[str]:
    """Return the addresses that kube-proxy sends the Service's requests to."""
    slices = service.cluster.api.items(
        service.path("discovery.k8s.io/v1", "endpointslices"),
        f"labelSelector=kubernetes.io%2Fservice-name%3D{service.workload.name}",
    )
    return {address for one in slices for end in one["endpoints"] for address in end["addresses"]}


def test_the_autoscaler_is_accepted_and_keeps_its_minimum(service: Service) -> None:
    """Nothing measures here, so it is only seen to raise the Deployment, which has no count, to its minimum."""
    planned = service.values["replicas"]
    spec = service.get("autoscaling/v2", "horizontalpodautoscalers")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (planned["min"], planned["max"])
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": service.workload.name}
    assert spec["metrics"][0]["resource"]["target"]["averageUtilization"] == planned["cpuTarget"]
    assert service.get("apps/v1", "deployments")["spec"]["replicas"] == planned["min"]


def test_the_network_policy_is_accepted(service: Service) -> None:
    """Accepted only: this node's pod network enforces none."""
    spec = service.get("networking.k8s.io/v1", "networkpolicies")["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert spec["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": service.workload.name}
    planned = service.values["networkPolicy"]
    [ingress] = spec["ingress"]
    assert [source["ipBlock"]["cidr"] for source in ingress["from"]] == planned["ingressCidrs"]
    assert [port["port"] for port in ingress["ports"]] == [port["port"] for port in service.values["ports"]]
    reachable = {port["port"] for rule in spec["egress"] for port in rule["ports"]}
    assert {53, *planned["egressPorts"]} <= reachable


def test_the_disruption_budget_is_accepted_and_in_force(service: Service) -> None:
    spec = service.get("policy/v1", "poddisruptionbudgets")["spec"]
    assert (spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")
    wait_for("the budget allows one", lambda: allowed(service) == 1, 30, service.cluster.explain)


def test_a_rolling_update_under_load_loses_no_request(service: Service) -> None:
    before = {pod["metadata"]["name"] for pod in service.ready_pods()}
    changed = workloads.with_values(service.values, {"environment.LOG_LEVEL": "warning"})
    with Load(service.url, SAMPLE) as load:
        time.sleep(2)
        workloads.upgrade(service.cluster, service.workload, changed)
        wait_for("the update is done", lambda: rolled_out(service, before), 90, service.cluster.explain)
        time.sleep(1)
    service.cluster.timings["rolling update under load"] = load.seconds
    print(f"{load.answered} answers in {load.seconds:.0f} s, {len(load.failures)} failures")
    assert load.failures == []
    # As many as would have met a moment without a server.
    assert load.answered > 20 * load.seconds
    assert not before & {pod["metadata"]["name"] for pod in service.pods()}


def rolled_out(service: Service, before: set[str]) -> bool:
    """Return whether two new pods are ready and the old ones gone."""
    pods = service.pods()
    return len(pods) == 2 and all(is_ready(pod) and pod["metadata"]["name"] not in before for pod in pods)


def test_a_drain_respects_the_disruption_budget(service: Service) -> None:
    """The node is drained: one pod goes, the other stays until there is a new one, and no request is lost."""
    cluster, node = service.cluster, addresses.NODE_NAME
    wait_for("the budget allows one", lambda: allowed(service) == 1, 30, cluster.explain)
    before = {pod["metadata"]["name"] for pod in service.ready_pods()}
    drained: list[str] = []
    # The only node: nothing can take the evicted pod's place until it is open again.
    drain = threading.Thread(
        target=lambda: drained.append(
            cluster.kubectl(
                "drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=90s", timeout=100
            )
        )
    )
    with Load(service.url, SAMPLE) as load:
        started = time.monotonic()
        drain.start()
        try:
            wait_for("a pod is evicted", lambda: len(service.ready_pods()) == 1, 30, cluster.explain)
            [left] = service.ready_pods()
            wait_for("the budget is used up", lambda: allowed(service) == 0, 10, cluster.explain)
            refused = service.evict(left["metadata"]["name"])
            assert refused.status == 429, refused
            assert "violate the pod's disruption budget" in refused.message
            # Longer than kubectl takes to try again.
            time.sleep(7)
            assert [pod["metadata"]["name"] for pod in service.ready_pods()] == [left["metadata"]["name"]]
            assert drain.is_alive()
        finally:
            cluster.kubectl("uncordon", node)
            drain.join(100)
        wait_for("both pods are new and ready", lambda: rolled_out(service, before), 60, cluster.explain)
    cluster.timings["drain under load"] = time.monotonic() - started
    assert drained and f"node/{node} drained" in drained[0]
    assert load.failures == []


def allowed(service: Service) -> int:
    """Return how many evictions the disruption budget allows now."""
    count: int = service.get("policy/v1", "poddisruptionbudgets")["status"]["disruptionsAllowed"]
    return count
