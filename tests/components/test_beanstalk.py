"""Elastic Beanstalk: the Compose file of a service, and what prepares a machine for it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import ContainerProvider
from cfnlint.jsonschema import StandardValidator  # type: ignore[import-untyped]
from dotenv import dotenv_values

from components.berths.beanstalk.bundle import bundle, digest
from components.berths.beanstalk.compose import CREDENTIALS, ComposePlace, compose_file
from components.berths.beanstalk.machine import credentials, prepare, settle
from components.berths.beanstalk.options import Machines, options
from components.offer import Grant
from components.service.spec import Endpoint, File, Scale, Scheduled, Sidecar, Source
from tests.components.specs import SITE, service
from tests.programs import ROOT

SCHEMA = json.loads((ROOT / "tests/importing/schemas/compose-spec.json").read_text())
PLACE = ComposePlace(SITE, "/berth/it", {"DATABASE_HOST": "/berth/it/database-host"}, "arn:aws:iam::1:role/it-service")
SIDECARS = (
    Sidecar("agent", "example/agent:1", 64, 128, port=9000, health_command=("/bin/agent", "--check")),
    Sidecar("proxy", "example/proxy:1", 64, 64, secrets={"TOKEN": Source(parameter="/proxy/token")}),
)
FILES = (
    File("/etc/shop/app.yaml", "price: $5\n"),
    File("/etc/shop/key.pem", Source("shop/tls")),
    File("/opt/shop/token", Source(parameter="/shop/token")),
)
EVERYTHING = service(
    entrypoint=("python",),
    command=("-m", "biometric", "$HOME"),
    environment={"PRICE": "$5", "PORT": "8080"},
    secrets={"API_KEY": Source("shop/api-key", "key"), "CERT": Source(parameter="/shop/cert")},
    files=FILES,
    sidecars=SIDECARS,
    endpoints=(Endpoint(8080, "/healthz"), Endpoint(9090, "/admin", name="admin")),
    grants=(Grant(("s3:GetObject",), ("arn:aws:s3:::shop/*",)),),
)


def composed(**changes: Any) -> dict[str, Any]:
    """Return what the file says of a service with all there is."""
    document: dict[str, Any] = json.loads(compose_file(replace(EVERYTHING, **changes), PLACE))
    return document


@pytest.mark.parametrize(
    "spec", [service(), EVERYTHING, service(endpoints=(), init_command=None)], ids=["plain", "everything", "worker"]
)
def test_the_file_is_one_of_composes(spec: Any) -> None:
    errors = StandardValidator(SCHEMA).iter_errors(json.loads(compose_file(spec, PLACE)))
    assert [error.message for error in errors] == []


def test_what_compose_would_put_in_is_left_as_it_is() -> None:
    document = composed()
    own = document["services"]["biometric"]
    assert own["environment"]["PRICE"] == "$$5" and own["command"][-1] == "$$HOME"
    [file] = [one for one in document["x-berth"]["files"] if "content" in one]
    assert file["content"] == "price: $$5\n"


def test_the_first_sidecars_network_is_that_of_all_and_has_the_ports() -> None:
    services = composed()["services"]
    assert {name: one.get("network_mode") for name, one in services.items()} == {
        "agent": None,
        **dict.fromkeys(("proxy", "biometric-init", "biometric"), "service:agent"),
    }
    assert services["agent"]["ports"] == ["8080:8080", "9090:9090"] and "ports" not in services["biometric"]
    assert services["biometric"]["depends_on"] == {
        "agent": {"condition": "service_healthy"},
        "proxy": {"condition": "service_started"},
        "biometric-init": {"condition": "service_completed_successfully"},
    }
    alone = composed(sidecars=())["services"]
    assert alone["biometric"]["ports"] == ["8080:8080", "9090:9090"] and "network_mode" not in alone["biometric"]
    assert not any("ports" in one for one in composed(sidecars=(), endpoints=())["services"].values())


def test_sidecars_leave_the_service_what_they_do_not_take() -> None:
    services = composed()["services"]
    assert [(services[name]["cpu_shares"], services[name]["mem_limit"]) for name in ("biometric", "agent")] == [
        (128, "320m"),
        (64, "128m"),
    ]


def test_a_service_without_rights_is_told_of_no_credentials() -> None:
    text = compose_file(service(), replace(PLACE, role=None))
    assert CREDENTIALS not in text and "role" not in json.loads(text)["x-berth"]
    assert all(CREDENTIALS in one["environment"] for one in composed()["services"].values())


def test_a_bundle_is_told_by_all_that_is_in_it() -> None:
    files = bundle("{}", answers=True)
    assert digest(files) == digest(dict(reversed(files.items()))) != digest(bundle("{} ", answers=True))
    assert ".ebextensions/berth.config" not in bundle("{}", answers=False)
    for name, text in files.items():
        if name.endswith(".py"):
            assert text.startswith("#!/usr/bin/python3\n")
            # That of Amazon Linux 2023, and its standard library alone.
            tree = ast.parse(text, feature_version=(3, 9))
            modules = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
            modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            assert {one.partition(".")[0] for one in modules} <= sys.stdlib_module_names


def test_no_option_is_given_twice_and_schedules_have_names_of_their_own() -> None:
    scale = Scale(2, 6, scheduled=(Scheduled("0 8 * * *", "UTC", 4, 6), Scheduled("0 20 * * *", "UTC", 1, 2)))
    found = options(Machines("t3.small", "profile", "role", "sg-1", "vpc-1", "subnet-1,subnet-2"), scale)
    keys = [(one["namespace"], one.get("resource"), one["name"]) for one in found]
    assert len(set(keys)) == len(keys)
    scheduled = [one for one in found if one["namespace"] == "aws:autoscaling:scheduledaction"]
    assert {(one["resource"], one["name"], one["value"]) for one in scheduled} >= {
        ("schedule-0", "MinSize", "4"),
        ("schedule-1", "Recurrence", "0 20 * * *"),
    }


# --- what prepares a machine ---

PARAMETERS = {
    "/berth/it/database-host": "db.example",
    "/proxy/token": "p",
    "/shop/cert": "-----BEGIN\nline 'two'\n",
    "/shop/token": "t",
}
SECRETS = {"shop/api-key": '{"key": "a $b \\\\ c"}', "shop/tls": "-----BEGIN KEY"}
AWS = f"""#!{sys.executable}
import json, os, sys
words = sys.argv[1:]
with open(os.environ["CALLS"], "a") as stream:
    print(json.dumps(words), file=stream)
after = dict(zip(words, words[1:]))
if "get-parameters" in words:
    found = {PARAMETERS!r}.get(after["--names"])
    print(json.dumps({{"Parameters": [{{"Value": found}}] if found else []}}))
elif "get-secret-value" in words:
    print(json.dumps({{"SecretString": {SECRETS!r}[after["--secret-id"]]}}))
elif "get-login-password" in words:
    print("hunter2")
elif "assume-role" in words:
    print(json.dumps({{"Credentials": {{"AccessKeyId": "AKID", "SecretAccessKey": "s", "SessionToken": "t",
        "Expiration": os.environ["EXPIRES"]}}}}))
"""
DOCKER = f"""#!{sys.executable}
import json, os, sys
with open(os.environ["CALLS"], "a") as stream:
    print(json.dumps(["docker", *sys.argv[1:], sys.stdin.read().strip()]), file=stream)
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with programs in place of AWS's command line and Docker's, and a list of what they were told."""
    for name, text in (("aws", AWS), ("docker", DOCKER)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setattr(os, "chown", lambda *_: None)
    (tmp_path / "docker-compose.yml").write_text(compose_file(EVERYTHING, PLACE))
    yield tmp_path


def calls(machine: Path) -> list[list[str]]:
    """Return what the programs were told."""
    return [json.loads(line) for line in (machine / "calls").read_text().splitlines()]


def test_secrets_and_files_are_written_for_those_who_may_read_them(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = prepare.read(machine / "docker-compose.yml")
    run = machine / "run"
    prepare.write_secrets(document, run, prepare.Values("eu-central-1"))
    prepare.write_secrets(document, run, prepare.Values("eu-central-1"))  # again, as the next version does
    # What Compose reads it with is close to this reader: single quotes keep all but a quote behind a backslash.
    assert dotenv_values(run / "biometric.env", interpolate=False) == {
        "API_KEY": "a $b \\ c",
        "CERT": "-----BEGIN\nline 'two'\n",
        "DATABASE_HOST": "db.example",
    }
    assert (run / "proxy.env").read_text() == "TOKEN='p'\n"
    assert (run / "biometric.env").stat().st_mode & 0o777 == 0o400
    texts = {str(path.relative_to(run)): path.read_text() for path in run.rglob("files/*/*")}
    assert texts == {"files/0/app.yaml": "price: $5\n", "files/0/key.pem": "-----BEGIN KEY", "files/1/token": "t"}
    assert {path.stat().st_mode & 0o777 for path in run.rglob("files/*/*")} == {0o440}
    mounts = {one["target"]: one["source"] for one in document["services"]["biometric"]["volumes"]}
    assert mounts == {"/etc/shop": "/run/berth/files/0", "/opt/shop": "/run/berth/files/1"}


def test_no_value_is_an_argument_and_a_password_comes_by_standard_input(machine: Path) -> None:
    document = prepare.read(machine / "docker-compose.yml")
    image = f"{SITE.account}.dkr.ecr.eu-central-1.amazonaws.com/berth/shop:1"
    document["services"]["biometric"]["image"] = image
    prepare.log_in(document)
    registry = image.partition("/")[0]
    assert calls(machine) == [
        ["--region", "eu-central-1", "ecr", "get-login-password"],
        ["docker", "login", "--username", "AWS", "--password-stdin", registry, "hunter2"],
    ]
    values = prepare.Values("eu-central-1")
    assert values.value("/shop/cert").startswith("-----BEGIN")
    with pytest.raises(SystemExit, match="no parameter /shop/none"):
        values.value("/shop/none")


@pytest.mark.parametrize("value", ["ends\\", "a\\'b"])
def test_a_value_that_an_env_file_cannot_hold_is_an_error_without_it(value: str) -> None:
    with pytest.raises(SystemExit) as error:
        prepare.line("TOKEN", value)
    assert "TOKEN" in str(error.value) and value not in str(error.value)


def test_an_sdk_takes_the_services_credentials_from_the_machine(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPIRES", (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+00:00"))
    role = credentials.Credentials("arn:aws:iam::1:role/it-service", "eu-central-1")
    server = credentials.server("127.0.0.1", 0, role)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/credentials"
        for _ in range(2):
            found = ContainerProvider({CREDENTIALS: url}).load()
            assert (found.access_key, found.secret_key, found.token) == ("AKID", "s", "t")
        [call] = calls(machine)  # the second time they were kept
        assert call[call.index("--role-arn") + 1] == "arn:aws:iam::1:role/it-service"
    finally:
        server.shutdown()
        server.server_close()
    monkeypatch.setenv("EXPIRES", "2020-01-01T00:00:00Z")
    late = credentials.Credentials("arn:aws:iam::1:role/it-service", "eu-central-1")
    assert late.current() == late.current() and len(calls(machine)) == 3, "what is about to end is asked for anew"


def test_a_version_settles_when_every_port_is_well_or_a_worker_stays_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "starts", lambda: "the same")
    monkeypatch.setattr(settle, "is_well", lambda url: url.endswith("/healthz"))
    assert settle.settle(["http://127.0.0.1:8080/healthz"], 5, 0)
    assert not settle.settle(["http://127.0.0.1:8080/healthz", "http://127.0.0.1:9090/admin"], 0.1, 0)
    assert settle.settle([], 5, 0)
    times = iter(range(1_000_000))
    monkeypatch.setattr(settle, "starts", lambda: str(next(times)))
    assert not settle.settle([], 0.1, 0.01), "its containers are started again and again"


def test_what_runs_on_a_machine_needs_nothing_of_this_project(tmp_path: Path) -> None:
    for name, text in bundle("{}", answers=True).items():
        if name.endswith(".py"):
            file = tmp_path / Path(name).name
            file.write_text(text.replace('if __name__ == "__main__":\n    main()\n', ""))
            subprocess.run([sys.executable, "-I", str(file)], check=True, cwd=tmp_path)
