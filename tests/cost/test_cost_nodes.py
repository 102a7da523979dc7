"""The price of EKS Auto Mode follows what the pods ask for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from berth.cost.estimator import estimate
from berth.cost.pricelist import load_prices
from berth.cost.usage import Usage
from berth.errors import ConfigError
from berth.plan import UNKNOWN, Resource
from berth.resource_types.nodes import Nodes, nodes
from tests.cost.support import cluster, made, resource
from tests.programs import recorder


def pods(cpu: str, memory: str, count: int) -> Resource:
    requests = {"cpu": cpu, "memory": memory}
    spec = {"replicas": count, "template": {"spec": {"containers": [{"resources": {"requests": requests}}]}}}
    return resource("kubernetes:apps/v1:Deployment", "d", {"metadata": {"name": "d"}, "spec": spec})


@pytest.mark.parametrize(
    ("deployments", "count", "type_"),
    [
        ([], 2, "m5.large"),
        ([pods("250m", "512Mi", 2)], 2, "m5.large"),
        ([pods("1", "1Gi", 6)], 6, "m5.large"),  # a node keeps some of its 2 vCPUs
        ([pods("250m", "5Gi", 3)], 3, "m5.large"),  # by memory
        ([pods("250m", "7Gi", 3)], 3, "m5.xlarge"),
        ([pods("16", "32Gi", 10)], 10, "m5.8xlarge"),
        ([pods("250m", "512Mi", 1)], 1, "m5.large"),
        ([pods("1", "1Gi", 2), pods("16", "32Gi", 1)], 2, "m5.8xlarge"),
    ],
)
def test_nodes_follow_the_pods(deployments: list[Resource], count: int, type_: str) -> None:
    assert nodes(made(*deployments)) == Nodes(count, type_)


def test_what_rests_needs_no_machine_of_its_own() -> None:
    """An autoscaler keeps one replica at least, but leaves a Deployment without any alone."""
    target = {"scaleTargetRef": {"name": "d"}, "minReplicas": 1}
    scaler = resource("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "d", {"spec": target})
    assert nodes(made(pods("1", "1Gi", 0), scaler)) == Nodes(1, "m5.large")


@pytest.mark.parametrize(("kind", "count"), [({}, 2), ({"restartPolicy": "Always"}, 4)])
def test_a_sidecar_has_its_share_and_an_init_container_is_over(kind: dict[str, str], count: int) -> None:
    one = pods("900m", "1Gi", 4)
    size = {"resources": {"requests": {"cpu": "700m", "memory": "1Gi"}}}
    one.inputs["spec"]["template"]["spec"]["initContainers"] = [{**size, **kind}]
    assert nodes(made(one)) == Nodes(count, "m5.large")


def test_nodes_are_not_guessed() -> None:
    assert nodes(made(pods("200", "1Gi", 1))) is None
    unknown = pods("1", "1Gi", 1)
    assert nodes(made(replace(unknown, inputs={"spec": UNKNOWN}))) is None
    big = made(*cluster().resources, pods("200", "1Gi", 1))
    (missing,) = estimate(big, load_prices("us-east-1")).unpriced
    assert "--eks-nodes" in missing.reason
    assert estimate(big, load_prices("us-east-1"), Usage(eks_nodes=2)).complete
    with pytest.raises(ConfigError, match="eks_nodes"):
        Usage(eks_node_type="c6i.large")


def test_the_price_of_eks_follows_the_service(tmp_path_factory: pytest.TempPathFactory) -> None:
    record = recorder(tmp_path_factory, region="us-east-1")
    sizes = ("{cpu: 256, minReplicas: 2}", "{cpu: 16384, memory: 32768, minReplicas: 10, maxReplicas: 10}")
    small, large = (
        estimate(record("eks", f"  berth:service: {size}\n"), load_prices("us-east-1")).total for size in sizes
    )
    assert large > 20 * small


JOB = """\
  berth:berths: {eks: 10, ecs-ec2: 5}
  berth:services:
    shop: {image: "registry.example.com/shop:1"}
    nightly: {kind: job, image: "registry.example.com/shop:1", cpu: 1024, memory: 1024, schedule: SCHEDULE}
"""


def test_a_job_is_charged_its_share_of_a_machine_while_it_runs(tmp_path_factory: pytest.TempPathFactory) -> None:
    record, prices = recorder(tmp_path_factory, region="us-east-1"), load_prices("us-east-1")

    def charged(schedule: str, usage: Usage, config: str = JOB) -> list[tuple[str, float]]:
        found = estimate(record(None, config.replace("SCHEDULE", schedule)), prices, usage)
        return [(line.what, float(line.quantity)) for line in found.lines if line.resource == "cronjob/nightly"]

    # 1 of 1.92 vCPUs, 730 times a month, 30 minutes each.
    [machine, fee] = charged('"0 * * * *"', Usage(job_minutes=Decimal(30)))
    assert machine[1] == fee[1] == pytest.approx(730 * 0.5 / 1.92)
    assert "730 runs of 30 minutes" in machine[0]
    assert charged("null", Usage()) == [], "nobody knows how often"
    assert charged('"0 * * * *"', Usage(eks_nodes=3)) == [], "the machines are given"
    assert charged('"0 * * * *"', Usage(), JOB.replace("eks: 10", "eks: 1")) == [], "it runs at the other berth"
