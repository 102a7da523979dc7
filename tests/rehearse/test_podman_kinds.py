"""Every kind of service, run for real: a stack of all of them at every berth, and what goes wrong with each."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from berth.plan import Plan
from berth.rehearse import Options, RehearsalError, RehearsalFailed
from berth.rehearse.podman import Podman
from tests.programs import recorded

from . import plans
from .running import OWN, ROOT, SCRATCH, rehearse

pytestmark = [
    pytest.mark.podman,
    pytest.mark.skipif(shutil.which("podman") is None, reason="podman is not installed"),
    pytest.mark.usefixtures("nothing_is_left"),
]
IMAGE = f"localhost/berth-{OWN}:python"
BERTHS = ("ecs-ec2", "ecs-fargate", "eks")
SERVER = """\
import http.server, signal, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"a bill")
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
servers = [http.server.ThreadingHTTPServer(("", int(port)), Handler) for port in sys.argv[1:]]
for server in servers[1:]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
servers[0].serve_forever()
"""
CALL = """\
import os, urllib.request
assert urllib.request.urlopen(os.environ["BILLING_URL"]).read() == b"a bill"
"""
# The proxy beside it is there before it is.
WORKER = f"""\
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
{CALL}
assert urllib.request.urlopen("http://127.0.0.1:9100").status == 200
assert sorted(os.listdir("/etc/shop")) == ["key.pem", "settings.yaml"]
assert open("/etc/shop/settings.yaml").read() == "greeting: hello\\n"
assert open("/etc/shop/key.pem").read() == "a key" and len(os.environ["API_KEY"]) == 32
assert os.environ["LEVEL"] == "debug"
while True: time.sleep(0.1)
"""
JOB = f"{CALL}import time\ntime.sleep(1)"
# It heeds no signal, as the first process of a container.
STUBBORN = "import time\nwhile True: time.sleep(0.1)"


@pytest.fixture(autouse=True)
def image(podman: Podman, image_with_python: str) -> Iterator[None]:
    """A prebuilt image that has Python in it."""
    podman.run("tag", image_with_python, IMAGE)
    yield
    podman.attempt("image", "rm", IMAGE)


def service(program: str, *arguments: str, **more: Any) -> dict[str, Any]:
    """The config of a service that is a program."""
    return {"image": IMAGE, "entrypoint": ["python", "-uc"], "command": [program, *arguments], **more}


def stack(root: Path) -> Plan:
    """The Plan of a web service with two ports, a worker with all that it may have, and a job."""
    check = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9100')"
    proxy = service(SERVER, "9100", port=9100, healthCommand=["python", "-c", check])
    files = [
        {"path": "/etc/shop/settings.yaml", "source": "tests/rehearse/services/settings.yaml"},
        {"path": "/etc/shop/key.pem", "secret": "shop/tls"},
    ]
    services = {
        "billing": service(
            SERVER,
            "8080",
            "9000",
            exposure="internal",
            path="/bills",
            ports={"admin": {"port": 9000, "path": "/admin"}},
        ),
        "mailer": service(
            WORKER,
            kind="worker",
            uses=["billing"],
            environment={"LEVEL": "info"},
            secrets={"API_KEY": {"secret": "shop/api", "field": "key"}},
            files=files,
            sidecars={"proxy": proxy},
        ),
        "report": service(JOB, kind="job", uses=["billing"], schedule="0 3 * * *", timeoutSeconds=60),
    }
    config = {
        "aws:region": "eu-central-1",
        "berth:berths": dict.fromkeys(BERTHS, 1),
        "berth:ecs-ec2": {"maxInstances": 8},
        "berth:services": services,
    }
    (root / "tests").symlink_to(ROOT / "tests")  # where the file is
    plan = recorded(root, "kinds", textwrap.indent(yaml.safe_dump(config), "  "))
    return replace(plan, stack=SCRATCH)


def test_every_kind_is_rehearsed_at_every_berth_with_all_that_it_has(tmp_path: Path) -> None:
    options = Options(environment={"mailer.LEVEL": "debug"}, secrets={"/etc/shop/key.pem": "a key", "TOKN": "x"})
    rehearsal, text = rehearse(stack(tmp_path), options=options)
    assert rehearsal.ok
    judged = Counter(one.container for one in rehearsal.checks if ": " in one.container)
    assert judged == {
        **{f"billing at {berth}: billing": 7 for berth in BERTHS},
        **{f"mailer at {berth}: mailer": 7 for berth in BERTHS},
        **{f"mailer at {berth}: proxy": 6 for berth in BERTHS},
        **{f"mailer at {berth}: mailer-files": 6 for berth in ("ecs-ec2", "ecs-fargate")},
        **{f"report at {berth}: report": 6 for berth in BERTHS},
    }
    unseen = {one.container for one in rehearsal.checks if "looked at" in one.seen}
    assert all("files" in one for one in unseen), "a job was not seen"
    stopped = {one.container: one.seen for one in rehearsal.checks if one.promise == "stop"}
    assert set(stopped) == {f"{name} at {berth}: {name}" for name in ("billing", "mailer") for berth in BERTHS}
    assert all("exit status 0" in seen for seen in stopped.values())
    routes = {one.container: (one.promised, one.seen) for one in rehearsal.checks if one.promise == "route"}
    assert routes == {
        "billing": ("/bills leads to it", "GET /bills: 200"),
        "billing.admin": ("/admin leads to it", "GET /admin: 200"),
    }
    notes = {timing.step: timing.note for timing in rehearsal.timings}
    assert [part.partition(" after")[0] for part in notes["jobs"].split("; ")] == [
        f"report at {berth}: ended with exit status 0" for berth in BERTHS
    ]
    assert "mailer at ecs-fargate: proxy's healthCheck, stayed up for 5 s" in notes["workers"]
    said = " ".join(rehearsal.not_rehearsed)
    assert "[mailer].secrets[API_KEY]: it lies in AWS" in said and "Secret/mailer-secrets.API_KEY: it lies" in said
    assert "key.pem" not in said and "TOKN of the secrets given: nobody asks for it" in said
    assert "report at eks's schedule: a job is run once, now" in said
    assert "a key" not in text


def python(plan: Plan, program: str) -> Plan:
    """A plan whose service is a program, without a database and an init container."""

    def change(inputs: dict[str, Any]) -> None:
        [own] = [one for one in json.loads(inputs["containerDefinitions"]) if one["name"] == "toy"]
        own = {key: value for key, value in own.items() if key not in ("dependsOn", "healthCheck", "secrets")}
        own |= {"image": IMAGE, "entryPoint": ["python", "-uc"], "command": [program], "stopTimeout": 3}
        inputs["containerDefinitions"] = json.dumps([own])

    return plans.edit(plan, plans.TASK, change)


def test_a_worker_that_heeds_no_signal_is_killed_and_named() -> None:
    with pytest.raises(RehearsalFailed) as error:
        rehearse(python(plans.without_ports(plans.ecs(stack=SCRATCH)), STUBBORN))
    [line] = error.value.broken
    assert line.startswith("toy: stop: containerDefinitions[toy] did not end within 3 s of SIGTERM and was killed")


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("print('no luck'); exit(3)", r"ended with exit status 3; its last lines:\n *no luck"),
        ("print('no end')\nwhile True: pass", r"has not ended within 4 s; its last lines:\n *no end"),
    ],
    ids=["fails", "does not end"],
)
def test_a_job_that_fails_or_does_not_end_shows_its_log(program: str, message: str) -> None:
    job = plans.moored(python(plans.as_job(plans.ecs(), 4), program), "report", "fargate", kind="job")
    with pytest.raises(RehearsalError, match=rf"containerDefinitions\[toy\] {message}"):
        rehearse(Plan(SCRATCH, job, {}), options=Options(timeout=30))
