"""A worker and a job beside a service that they call, run for real on ECS and on EKS."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from berth.plan import UNKNOWN, Plan, Resource
from berth.rehearse import Options, RehearsalError, RehearsalFailed

from . import plans
from .running import SCRATCH, rehearse, sample_image

pytestmark = [
    pytest.mark.podman,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
    pytest.mark.usefixtures("nothing_is_left", "image_with_python"),
]
SERVER = """
import http.server, os, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"a bill")
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""
CALL = """
import os, urllib.request
assert urllib.request.urlopen(os.environ["BILLING_URL"]).read() == b"a bill"
"""
WORKER = (
    """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
"""
    + CALL
    + "while True: time.sleep(0.1)"
)
# It heeds no signal, as the first process of a container.
STUBBORN = "import time\nwhile True: time.sleep(0.1)"
JOB = f"import time{CALL}time.sleep(1)\nprint('done')"


def python(plan: Plan, program: str) -> Plan:
    """A plan whose service is a program, without an init container; it is told the address of another service."""

    def of_task(inputs: dict[str, Any]) -> None:
        [own] = [one for one in json.loads(inputs["containerDefinitions"]) if one["name"] == "toy"]
        told = [{"name": "BILLING_URL", "valueFrom": "/berth/billing-url"}]
        own = {key: value for key, value in own.items() if key not in ("dependsOn", "healthCheck")}
        own |= {
            "image": sample_image(),
            "entryPoint": ["python", "-uc"],
            "command": [program],
            "secrets": told,
            "stopTimeout": 5,
        }
        inputs["containerDefinitions"] = json.dumps([own])

    def of_pod(spec: dict[str, Any]) -> None:
        del spec["initContainers"]
        reference = {"secretKeyRef": {"name": "bindings", "key": "BILLING_URL"}}
        changes = {
            "image": sample_image(),
            "command": ["python", "-uc"],
            "args": [program.strip()],  # podman misreads a text that begins with an empty line
            "envFrom": [],
        }
        spec["terminationGracePeriodSeconds"] = 5
        spec["containers"][0].update(changes, env=[{"name": "BILLING_URL", "valueFrom": reference}])
        if "readinessProbe" in spec["containers"][0]:
            spec["containers"][0]["readinessProbe"]["httpGet"]["path"] = "/healthz"

    def of_secret(inputs: dict[str, Any]) -> None:
        inputs["stringData"] = {"BILLING_URL": UNKNOWN}

    edited = plans.edit(plan, "kubernetes:core/v1:Secret", of_secret)
    edited = plans.edit_pod(plans.edit(edited, plans.TASK, of_task), of_pod)
    others = [one for one in edited.resources if one.type != plans.IMAGE_TOKEN]  # it is there already
    address = plans.resource("aws:ssm/parameter:Parameter", "b", {"name": "/berth/billing-url", "value": UNKNOWN})
    return replace(edited, resources=[address, *others])


def fleet(worker: str = WORKER, job: str = JOB) -> Plan:
    """A service that only the others reach, a worker and a job, each on ECS and on EKS."""
    found: list[Resource] = plans.moored(python(plans.ecs(), SERVER), "billing", "fargate", exposure="internal")
    for berth, plan in (("fargate", plans.ecs()), ("eks", plans.eks())):
        found += plans.moored(python(plans.without_ports(plan), worker), "mailer", berth, kind="worker")
        found += plans.moored(python(plans.as_job(plan), job), "report", berth, kind="job")
    return Plan(SCRATCH, [*{one.urn: one for one in found}.values()], {})


def test_workers_stay_and_jobs_end_beside_a_service_that_they_call() -> None:
    rehearsal, text = rehearse(fleet())
    assert rehearsal.ok
    assert Counter(one.container for one in rehearsal.checks if one.container.endswith(": toy")) == {
        "billing at fargate: toy": 7,
        "mailer at eks: toy": 7,
        "mailer at fargate: toy": 7,
        "report at eks: toy": 6,
        "report at fargate: toy": 6,
    }
    assert all("looked at" not in one.seen for one in rehearsal.checks), "the job was not seen"
    stopped = {one.container: one.seen for one in rehearsal.checks if one.promise == "stop"}
    assert set(stopped) == {"billing at fargate: toy", "mailer at eks: toy", "mailer at fargate: toy"}
    assert all("exit status 0" in seen for seen in stopped.values())
    [route] = [one for one in rehearsal.checks if one.promise == "route"]
    assert (route.container, route.seen) == ("billing", "GET /healthz: 200")
    assert "mailer at eks: stayed up for 5 s" in text and "report at fargate: ended with exit status 0" in text
    assert "a job is run once, now: report at eks's schedule, report at eks's retries" in text


def test_a_worker_that_heeds_no_signal_is_killed_and_named() -> None:
    with pytest.raises(RehearsalFailed) as error:
        rehearse(fleet(worker=STUBBORN))
    assert [line.partition(" did not")[0] for line in error.value.broken] == [
        "mailer at eks: toy: stop: Deployment/toy spec.template.spec.containers[toy]",
        "mailer at fargate: toy: stop: containerDefinitions[toy]",
    ]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("print('no luck'); exit(3)", r"ended with exit status 3; its last lines:\n *no luck"),
        ("print('no end', flush=True)\nwhile True: pass", r"has not ended within 4 s; its last lines:\n *no end"),
    ],
)
def test_a_job_that_fails_or_does_not_end_shows_its_log(program: str, message: str) -> None:
    job = plans.moored(python(plans.as_job(plans.ecs(), 4), program.replace("'", '"')), "report", "fargate", kind="job")
    billing = plans.moored(python(plans.ecs(), SERVER), "billing", "fargate", exposure="internal")
    plan = Plan(SCRATCH, [*{one.urn: one for one in (*billing, *job)}.values()], {})
    with pytest.raises(RehearsalError, match=f"report at fargate: (.*) {message}"):
        rehearse(plan, options=Options(timeout=30))
