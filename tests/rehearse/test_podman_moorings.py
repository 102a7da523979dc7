"""Services at their berths, run for real behind one proxy."""

from __future__ import annotations

import io
import json
import shutil
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from berth.plan import UNKNOWN, Plan, Resource
from berth.rehearse import clean
from berth.rehearse.images import Images
from berth.rehearse.podman import Podman
from berth.rehearse.proxy import HEADER
from berth.rehearse.session import Session
from berth.rehearse.workload import ImageBuild

from . import plans
from .running import SCRATCH, SHELL_LESS, planned, rehearse

pytestmark = [
    pytest.mark.podman,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
    pytest.mark.usefixtures("nothing_is_left"),
]


def shop() -> list[Resource]:
    """A service on Fargate that has no database and uses another service."""

    def change(inputs: dict[str, Any]) -> None:
        [service] = [one for one in json.loads(inputs["containerDefinitions"]) if one["name"] == "toy"]
        service = {key: value for key, value in service.items() if key not in ("healthCheck", "dependsOn")}
        billing = [{"name": "BILLING_URL", "valueFrom": "/berth/shop/billing-url"}]
        inputs["containerDefinitions"] = json.dumps([{**service, "image": SHELL_LESS, "secrets": billing}])

    address = {"name": "/berth/shop/billing-url", "value": UNKNOWN}
    parameter = plans.resource("aws:ssm/parameter:Parameter", "billing", address)
    return [parameter, *plans.moored(plans.edit(plans.ecs(), plans.TASK, change), "shop", "ecs-fargate", path="/shop")]


def billing() -> list[Resource]:
    """A service on EKS that only other services reach."""

    def change(spec: dict[str, Any]) -> None:
        del spec["initContainers"]
        spec["containers"][0].update(image=SHELL_LESS, envFrom=[])
        spec["containers"][0]["readinessProbe"]["httpGet"]["path"] = "/healthz"

    plan = plans.edit_pod(plans.eks(), change)
    return plans.moored(plan, "billing", "eks", exposure="internal", path="/bills")


def get(url: str) -> tuple[str, str]:
    """Return who answers, and what."""
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.headers[HEADER], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.headers[HEADER], str(error.code)


def test_services_at_several_berths_run_at_the_same_time_behind_one_proxy(podman: Podman, from_nothing: Path) -> None:
    """The sample at two berths with one database, beside two services without, one of which uses the other."""
    Images(podman, print).build(ImageBuild(SHELL_LESS, "toy"), from_nothing)
    resources = [
        *plans.moored(planned("dev"), "biometric", "ecs-fargate", 90),
        *plans.moored(planned("eks-dev"), "biometric", "eks", 10),
        *shop(),
        *billing(),
    ]
    # Its image is there already.
    resources = [one for one in resources if one.inputs.get("imageName") != plans.IMAGE]
    try:
        rehearsal, text = rehearse(Plan(SCRATCH, resources, {}), keep=True)
        assert rehearsal.ok and rehearsal.record == ()
        shares = {one.container: one.seen for one in rehearsal.checks if one.promise == "share of requests"}
        assert shares == {
            "biometric at ecs-fargate": "9 of 10",
            "biometric at eks": "1 of 10",
            "billing at eks": "1 of 1",
            "shop at ecs-fargate": "1 of 1",
        }
        judged = Counter(one.container for one in rehearsal.checks if ": " in one.container)
        assert judged == {
            "biometric at ecs-fargate: biometric": 6,
            "biometric at ecs-fargate: biometric-init": 6,
            "biometric at eks: biometric": 6,
            "biometric at eks: biometric-init": 6,
            "billing at eks: toy": 6,
            "shop at ecs-fargate: toy": 6,
        }
        assert rehearsal.url is not None and f"Left up at {rehearsal.url};" in text
        assert Counter(get(f"{rehearsal.url}/healthz")[0] for _ in range(20)) == {
            "biometric at ecs-fargate": 18,
            "biometric at eks": 2,
        }
        assert get(f"{rehearsal.url}/shop/1") == ("shop at ecs-fargate", "a bill")
        # What only services reach, and what only begins like a path, the default service gets.
        for path in ("/bills", "/shopping"):
            who, status = get(rehearsal.url + path)
            assert who.startswith("biometric at") and status == "404"
        # One PostgreSQL, and none of the toys' variables asks for it.
        databases = [name for name in Session(podman, SCRATCH).leftovers()["container"] if "postgres" in name]
        assert len(databases) == 1
    finally:
        clean(SCRATCH, console=Console(file=io.StringIO()))
    with pytest.raises(urllib.error.URLError):
        get(rehearsal.url)


def test_services_without_a_database_run_without_postgresql(podman: Podman, from_nothing: Path) -> None:
    Images(podman, print).build(ImageBuild(SHELL_LESS, "toy"), from_nothing)
    resources = [one for one in (*shop(), *billing()) if one.inputs.get("imageName") != plans.IMAGE]
    rehearsal, text = rehearse(Plan(SCRATCH, resources, {}))
    assert rehearsal.ok and rehearsal.record is None
    assert "PostgreSQL" not in text and "database" not in [timing.step for timing in rehearsal.timings]
    assert "there is no sample/record.json" in text
