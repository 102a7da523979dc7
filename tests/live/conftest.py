"""A stack of every kind of service at two berths, and an AWS on this machine's loopback (moto) to ask about it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from typer.testing import CliRunner, Result

import berth.record
from berth.cli import app
from berth.live.aws import Aws
from berth.live.place import Place, access, places
from berth.plan import Plan
from tests.programs import ROOT, recorded

STACK = """\
  aws:region: eu-central-1
  berth:berths: {ecs-fargate: 90, eks: 10}
  berth:services:
    shop: {image: "registry.example.com/shop:1.4.2"}
    billing: {image: "registry.example.com/billing:2.0.1", exposure: internal}
    mailer: {image: "registry.example.com/mailer:3", kind: worker}
    report: {image: "registry.example.com/report:4", kind: job, schedule: "0 3 * * *", timezone: Europe/Berlin}
"""

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return recorded(tmp_path_factory.mktemp("live"), "live", STACK)


@pytest.fixture(scope="session")
def named(plan: Plan) -> dict[str, Place]:
    """The stack's places by ``service@berth``."""
    return {f"{one.service}@{one.berth}": one for one in places(plan)}


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """URL of an AWS that holds what it is told."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credential and no setting of whoever runs the tests gets in, and none is looked for on the network."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")


@pytest.fixture
def cloud(moto: str, credentials: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Clients of an empty AWS, which the commands ask as well."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{moto}/moto-api/reset", method="POST")).close()
    return lambda service: boto3.client(service, region_name="eu-central-1")


@pytest.fixture
def aws(cloud: Callable[[str], Any], plan: Plan) -> Aws:
    return Aws(access(plan))


@pytest.fixture
def run(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the stack, in this process; its Plan is recorded once for all tests."""
    monkeypatch.setattr(berth.record, "record_plan", lambda stack, root: plan)
    monkeypatch.chdir(ROOT)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    return invoke


class Commands:
    """``aws``, ``kubectl`` and others on the PATH that write down their calls and answer what they are told."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder = folder
        self._answers: list[dict[str, Any]] = []
        for name in names:
            (folder / name).write_text(f"#!{sys.executable} -IS\n{FAKE}")
            (folder / name).chmod(0o755)

    def answer(self, *words: str, out: Any = "", err: str = "", code: int = 0) -> None:
        """Answer calls that have all these words; the last answer told wins. An object is written as JSON."""
        text = out if isinstance(out, str) else json.dumps(out)
        self._answers.insert(0, {"words": words, "out": text, "err": err, "code": code})
        (self.folder / "answers.json").write_text(json.dumps(self._answers))

    @property
    def calls(self) -> list[list[str]]:
        """How they were called, in order."""
        file = self.folder / "calls.jsonl"
        return [json.loads(line)["words"] for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def environments(self) -> list[dict[str, str]]:
        """What of AWS stood in their environment."""
        lines = (self.folder / "calls.jsonl").read_text().splitlines()
        return [json.loads(line)["environment"] for line in lines]


FAKE = """\
import json, os, pathlib, sys
here = pathlib.Path(sys.argv[0]).resolve().parent
words = [pathlib.Path(sys.argv[0]).name, *sys.argv[1:]]
call = {"words": words, "environment": {k: v for k, v in os.environ.items() if k.startswith("AWS_")}}
with (here / "calls.jsonl").open("a") as file:
    file.write(json.dumps(call) + "\\n")
if "--kubeconfig" in words:
    pathlib.Path(words[words.index("--kubeconfig") + 1]).write_text("{}")
file = here / "answers.json"
for one in json.loads(file.read_text()) if file.exists() else []:
    if all(word in words for word in one["words"]):
        sys.stdout.write(one["out"]); sys.stderr.write(one["err"]); sys.exit(one["code"])
"""


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Only these commands are on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return Commands(folder, ("aws", "kubectl", "session-manager-plugin"))


@pytest.fixture
def refusing(credentials: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Have AWS refuse every call with a code and a message."""
    said = {"__type": "", "message": ""}

    class Refusal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps(said).encode()
            self.send_response(400)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusal)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")

    def refuse(code: str, message: str) -> None:
        said.update({"__type": code, "message": message})

    yield refuse
    server.shutdown()
    server.server_close()
