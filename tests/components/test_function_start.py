"""The program that starts a service in a function: it reads the secrets and becomes the service."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from components.berths.lambda_.image import CONTEXT

VALUES = {"/shop/token": "t0ken", **{f"/shop/{number}": f"value {number}" for number in range(12)}}
SECRETS = {"shop/api": json.dumps({"key": "k3y", "port": 5432})}
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_SESSION_TOKEN": "session"}


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("go") is None:
        pytest.skip("there is no go here")
    program = tmp_path_factory.mktemp("start") / "start"
    subprocess.run(["go", "build", "-o", str(program), "."], cwd=CONTEXT, check=True, timeout=300)
    return program


class Api(BaseHTTPRequestHandler):
    """AWS, as far as the program calls it; what is signed in another way than botocore's is refused."""

    failures = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = json.loads(body)
        service = "ssm" if self.headers["X-Amz-Target"].startswith("AmazonSSM") else "secretsmanager"
        if type(self).failures:
            type(self).failures -= 1
            self.send(503, {})
        elif self.headers["Authorization"] != self.signed(service, body):
            self.send(403, {"__type": "InvalidSignatureException"})
        elif service == "ssm":
            assert len(asked["Names"]) <= 10 and asked["WithDecryption"]
            known = [{"Name": name, "Value": VALUES[name]} for name in asked["Names"] if name in VALUES]
            self.send(200, {"Parameters": known, "InvalidParameters": [n for n in asked["Names"] if n not in VALUES]})
        else:
            self.send(200, {"SecretString": SECRETS[asked["SecretId"]]})

    def signed(self, service: str, body: bytes) -> str:
        headers = {key: self.headers[key] for key in ("Content-Type", "X-Amz-Target", "X-Amz-Date")}
        request = AWSRequest("POST", f"http://{self.headers['Host']}/", data=body, headers=headers)
        request.context["timestamp"] = self.headers["X-Amz-Date"]
        signer = SigV4Auth(Credentials(*KEYS.values()), service, "eu-central-1")
        request.headers["X-Amz-Security-Token"] = KEYS["AWS_SESSION_TOKEN"]
        text = signer.string_to_sign(request, signer.canonical_request(request))
        names = signer.signed_headers(signer.headers_to_sign(request))
        scope = signer.scope(request)
        return (
            f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signer.signature(text, request)}"
        )

    def send(self, status: int, said: Any) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[str]:
    Api.failures = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def run(start: Path, api: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": api,
        **KEYS,
        **variables,
    }
    return subprocess.run(
        [str(start), *words], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_it_becomes_the_service_with_its_secrets(start: Path, api: str) -> None:
    places = {f"BERTH_SECRET_V{number}": f"ssm:/shop/{number}" for number in range(12)}
    Api.failures = 1  # which passes
    done = run(
        start,
        api,
        "serve",
        "env",
        **places,
        BERTH_SECRET_TOKEN="ssm:/shop/token",
        BERTH_SECRET_KEY="secretsmanager:shop/api#key",
        BERTH_SECRET_PORT="secretsmanager:shop/api#port",
        BERTH_SECRET_ALL="secretsmanager:shop/api",
    )
    assert done.returncode == 0, done.stderr
    seen = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert seen["TOKEN"] == "t0ken" and seen["KEY"] == "k3y" and seen["PORT"] == "5432"
    assert seen["ALL"] == SECRETS["shop/api"] and seen["V11"] == "value 11"
    assert not [name for name in seen if name.startswith("BERTH_SECRET_")]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("ssm:/shop/none", "there is no parameter /shop/none"),
        ("secretsmanager:shop/api#none", "the secret shop/api has no none"),
        ("vault:shop", "neither ssm:NAME nor secretsmanager:NAME"),
    ],
)
def test_what_is_not_there_is_named_and_nothing_starts(start: Path, api: str, place: str, message: str) -> None:
    done = run(start, api, "serve", "echo", "started", BERTH_SECRET_IT=place)
    assert done.returncode == 1 and message in done.stderr and "started" not in done.stdout


def test_another_signature_would_be_refused(start: Path, api: str) -> None:
    """Or the comparison above would compare nothing."""
    done = run(start, api, "serve", "env", BERTH_SECRET_IT="ssm:/shop/token", AWS_SECRET_ACCESS_KEY="other")
    assert done.returncode == 1 and "InvalidSignatureException" in done.stderr
