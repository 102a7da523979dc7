"""All kinds of service on EKS, in the Plan of a stack that has them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from berth.diagrams.build import build
from berth.judgement import judge_plan
from berth.live.place import places
from berth.plan import UNKNOWN, Plan, Resource, Secret
from components.berths.eks.timetable import timetable
from components.service.spec import Scale, Scheduled
from tests.components.moored import names, of
from tests.components.specs import service
from tests.programs import ROOT, recorder

CONFIG = """\
  berth:berths: {eks: 10, ecs-fargate: 5}
  berth:services:
    shop:
      image: registry.example.com/shop:1
      secrets:
        API_KEY: {secret: shop/api-key, field: key}
        TOKEN: {parameter: /shop/token}
      files:
        - {path: /etc/shop/app.yaml, source: Pulumi.yaml}
        - {path: /etc/shop/key.pem, secret: shop/tls}
      ports: {admin: {port: 9000, path: /admin}}
      sidecars:
        agent:
          image: registry.example.com/agent:1
          port: 9100
          secrets: {AGENT_TOKEN: {parameter: /agent/token}}
    mail:
      kind: worker
      image: registry.example.com/mail:1
      minReplicas: 0
      schedules:
        - {cron: "0 8 * * MON-FRI", timezone: Europe/Berlin, minReplicas: 4, maxReplicas: 10}
        - {cron: "0 20 * * 7", minReplicas: 0, maxReplicas: 0}
    nightly:
      kind: job
      image: registry.example.com/shop:1
      command: [nightly]
      schedule: "0 3 * * *"
      secrets: {TOKEN: {parameter: /shop/token}}
"""
PODS = ("Deployment", "StatefulSet", "CronJob")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return recorder(tmp_path_factory)(None, CONFIG)


def named(plan: Plan, kind: str, name: str) -> Resource:
    [found] = [
        one
        for one in plan.resources
        if one.type.startswith("kubernetes:") and one.inputs["kind"] == kind and one.inputs["metadata"]["name"] == name
    ]
    return found


def template(resource: Resource) -> Any:
    spec = resource.inputs["spec"]
    return (spec["jobTemplate"]["spec"] if resource.inputs["kind"] == "CronJob" else spec)["template"]


def makers(plan: Plan) -> Iterator[Resource]:
    """Yield what makes pods."""
    yield from (one for one in plan.resources if one.type.startswith("kubernetes:") and one.inputs["kind"] in PODS)


def test_the_pack_admits_every_pod_and_sees_every_container_of_it(plan: Plan) -> None:
    assert not judge_plan(plan, ROOT).stops
    seen = 0
    for maker in makers(plan):
        for kind in ("initContainers", "containers"):
            for index, container in enumerate(template(maker)["spec"].get(kind) or []):
                weak = copy.deepcopy(dict(maker.inputs))
                changed = replace(maker, inputs=weak)
                template(changed)["spec"][kind][index]["securityContext"]["runAsUser"] = 0
                judged = judge_plan(replace(plan, resources=(changed,)), ROOT)
                assert "kubernetes-run-as-user" in {one.policy for one in judged.violations}, container["name"]
                seen += 1
    # shop and its agent, mail, nightly, three collectors, and the clock's two and one.
    assert seen == 10


def test_secrets_that_exist_already_are_in_the_plan_by_name_alone(plan: Plan) -> None:
    for name, keys in {
        "shop-secrets": {"API_KEY", "TOKEN"},
        "shop-agent-secrets": {"AGENT_TOKEN"},
        "shop-files": {"1-key.pem"},
        "nightly-secrets": {"TOKEN"},
    }.items():
        data = named(plan, "Secret", name).inputs["stringData"]
        assert set(names(data)) == keys
        values = data.value if isinstance(data, Secret) else data
        assert all(value is UNKNOWN or value == Secret(UNKNOWN) for value in values.values())


def test_whatever_a_pod_reads_is_there_before_it(plan: Plan) -> None:
    for maker in makers(plan):
        spec = template(maker)["spec"]
        read = set()
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            for source in container.get("envFrom", ()):
                read |= {(key.removesuffix("Ref"), value["name"]) for key, value in source.items()}
        for volume in spec["volumes"]:
            for source in volume.get("projected", {}).get("sources", ()):
                for kind, one in source.items():
                    read.add((kind, one["name"]))
                    data = named(plan, kind[0].upper() + kind[1:], one["name"]).inputs
                    assert {item["key"] for item in one["items"]} <= set(names(data.get("data") or data["stringData"]))
        for kind, name in read:
            assert named(plan, kind[0].upper() + kind[1:], name).urn in maker.dependencies, name


def test_a_rotated_secret_and_a_changed_file_start_the_pods_anew(plan: Plan) -> None:
    keepers = {
        one.name.rpartition("-bindings")[0].rpartition("-")[2]: set(names(one.inputs["keepers"]))
        for one in plan.of_type("random:index/randomId:RandomId")
        if "-eks-" in one.name
    }
    assert keepers == {
        "shop": {"API_KEY", "TOKEN", "agent/AGENT_TOKEN", "files/0-app.yaml", "files/1-key.pem"},
        "mail": set(),
        "nightly": {"TOKEN"},
    }
    for kind, name in (("Deployment", "shop"), ("CronJob", "nightly")):
        assert template(named(plan, kind, name))["metadata"]["annotations"]["berth/bindings"] is UNKNOWN
    assert template(named(plan, "CronJob", "nightly"))["metadata"]["annotations"]["karpenter.sh/do-not-disrupt"]


def test_each_port_has_a_group_that_its_pods_fill(plan: Plan) -> None:
    bound = {
        int(one.inputs["spec"]["serviceRef"]["port"]): one.property_dependencies["spec"]
        for one in plan.resources
        if one.type.endswith(":TargetGroupBinding")
    }
    assert set(bound) == {8080, 9000}
    groups = {number: [urn for urn in urns if "targetGroup:" in urn] for number, urns in bound.items()}
    assert all(len(found) == 1 for found in groups.values()) and groups[8080] != groups[9000]


@pytest.mark.parametrize(
    ("weights", "suspended"), [("eks: 10, ecs-fargate: 5", False), ("eks: 5, ecs-fargate: 10", True)]
)
def test_a_job_runs_by_its_schedule_at_one_berth(
    weights: str, suspended: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = CONFIG.replace("eks: 10, ecs-fargate: 5", weights)
    job = named(recorder(tmp_path_factory)(None, config), "CronJob", "nightly")
    assert job.inputs["spec"]["suspend"] is suspended


def test_a_job_is_begun_by_hand_by_one_command(plan: Plan) -> None:
    access = plan.outputs["access"]
    assert isinstance(access, Mapping)
    assert access["nightly"]["eks"].endswith("create job nightly-$(date +%s) --from=cronjob/nightly")


def test_the_daily_commands_see_the_service_and_not_the_clock(plan: Plan) -> None:
    [mail] = places(plan, "mail", "eks")
    assert (mail.kind, mail.containers, mail.image) == ("worker", ("mail",), "registry.example.com/mail:1")
    [shop] = places(plan, "shop", "eks")
    assert (shop.kind, shop.containers) == ("web", ("shop", "agent"))


def test_the_picture_shows_what_runs_and_not_the_clock(plan: Plan) -> None:
    cards = {
        node.title: node.detail for node in build(plan, "application").nodes if "@" in node.id and "eks" in node.id
    }
    assert cards["mail"] == "worker\nDeployment, 0 pods"
    assert cards["nightly"] == "job: 0 3 * * * UTC\nCronJob"


def test_the_clock_changes_one_autoscaler_and_nothing_else(plan: Plan) -> None:
    [role] = [one for one in of(plan.resources, ":Role") if one.inputs.get("metadata", {}).get("name") == "mail-clock"]
    assert role.inputs["rules"] == [
        {
            "apiGroups": ["autoscaling"],
            "resources": ["horizontalpodautoscalers"],
            "resourceNames": ["mail"],
            "verbs": ["get", "patch"],
        },
        {
            "apiGroups": ["apps"],
            "resources": ["deployments/scale"],
            "resourceNames": ["mail"],
            "verbs": ["get", "patch"],
        },
    ]
    times = [named(plan, "CronJob", f"mail-clock-{index}").inputs["spec"] for index in (0, 1)]
    assert [(one["schedule"], one["timeZone"]) for one in times] == [
        ("0 8 * * MON-FRI", "Europe/Berlin"),
        ("0 20 * * 0", "UTC"),
    ]
    # What the clock has set is not set back by the next release.
    assert named(plan, "Deployment", "mail").ignore_changes == ("spec.replicas",)


def steps(scale: Scale) -> list[list[tuple[str, dict[str, int]]]]:
    """Return, for each time, what is patched and with which spec, in order."""
    found = []
    for job in timetable(service(endpoints=(), scale=scale)):
        if job["kind"] == "CronJob":
            pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            patches = [one["args"] for one in (*pod["initContainers"], *pod["containers"])]
            found.append([(one[1], json.loads(one[-2].removeprefix("--patch="))["spec"]) for one in patches])
    return found


def test_the_clock_says_the_bounds_and_wakes_what_rests() -> None:
    day, night = Scheduled("0 8 * * *", "UTC", 4, 10), Scheduled("0 20 * * *", "UTC", 2, 3)
    assert steps(Scale(scheduled=(day, night))) == [
        [("hpa", {"minReplicas": 4, "maxReplicas": 10})],
        [("hpa", {"minReplicas": 2, "maxReplicas": 3})],
    ]
    # An autoscaler never begins by itself where there is none: the Deployment is told.
    assert steps(Scale(scheduled=(day, replace(night, fewest=0)))) == [
        [("hpa", {"minReplicas": 4, "maxReplicas": 10}), ("deployment", {"replicas": 4})],
        [("deployment", {"replicas": 0})],
    ]


def test_without_schedules_there_is_no_clock() -> None:
    assert timetable(service()) == []
