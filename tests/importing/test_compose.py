"""Compose files: every key of the schema is carried or listed, and what a whole file becomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from berth.errors import ConfigError
from berth.importing.compose.carry import carried
from berth.importing.compose.file import load
from berth.importing.draft import Stack

from .schema import ANY, Schema
from .trees import laid, write

SCHEMA = Schema("compose-spec.json")
VALUES: dict[str, Any] = {
    "build.context": "other",
    "configs": ["app"],
    "cpus": "1.5",
    "deploy.mode": "global",
    "deploy.resources.limits.cpus": "1.5",
    "deploy.resources.limits.memory": "4g",
    "depends_on.any.condition": "service_completed_successfully",
    "env_file": "some.env",
    "environment": {"LOG_LEVEL": "info"},
    "healthcheck.disable": True,
    "healthcheck.test": ["CMD", "check"],
    "image": "example/app:2",
    "mem_limit": "4g",
    "platform": "linux/arm64",
    "ports": ["9090:9090"],
    "privileged": True,
    "read_only": False,
    "scale": 3,
    "secrets": ["token"],
    "stop_grace_period": "50s",
    "tmpfs": "/run",
    "volumes": ["./app.yaml:/etc/app/app.yaml:ro"],
}
"""Values where any text or number would not do."""
SILENT = {"cap_drop": "all of them are dropped anyway"}
PATHS = sorted({path: value for path, value in SCHEMA.paths(SCHEMA.whole["definitions"]["service"])}.items())
BASE = {"build": "app", "expose": ["8080"]}
MORE = {"secrets": {"token": {"external": True}}, "configs": {"app": {"content": "x"}}}


def stack(folder: Path, services: dict[str, Any], **more: Any) -> Stack:
    """Import a file."""
    write(folder / "compose.yaml", {"services": services, **more})
    (folder / "some.env").write_text("REGION=south\n")
    (folder / "app.yaml").write_text("a: 1\n")
    return carried(load(folder / "compose.yaml"), folder, "dev", "ecs-fargate", "eu-central-1")


@pytest.mark.parametrize(("path", "value"), PATHS, ids=[path for path, _ in PATHS])
def test_a_key_of_the_schema_is_carried_or_listed(path: str, value: Any, tmp_path: Path) -> None:
    value = VALUES.get(path, value)
    path = path.replace(f"environment.{ANY}", "environment.LOG_LEVEL")
    if path.startswith("deploy.resources.reservations"):  # a list of lists, of no consequence here
        path, value = "deploy.resources.reservations", {"cpus": "1"}
    before = stack(tmp_path / "before", {"app": BASE}, **MORE)
    after = stack(tmp_path / "after", {"app": laid(BASE, path, value)}, **MORE)
    keys = [one.key.removeprefix("services.app.") for one in after.remarks if one not in before.remarks]
    listed = [key for key in keys if f"{path}.".startswith(f"{key}.") or f"{key}.".startswith(f"{path}.")]
    unknown = [one.key for one in after.remarks if "has this name or form" in one.why]
    assert not unknown
    assert listed or before.config() != after.config() or path in SILENT


@pytest.mark.parametrize("key", sorted(set(SCHEMA.whole["properties"]) - {"services", "version", "secrets", "configs"}))
def test_a_key_of_the_file_is_listed(key: str, tmp_path: Path) -> None:
    remarks = stack(tmp_path, {"app": BASE}, **{key: {"any": {"driver": "x"}}}).remarks
    assert [one for one in remarks if one.key.startswith(key)]


def test_what_nobody_knows_is_listed(tmp_path: Path) -> None:
    remarks = stack(tmp_path, {"app": {**BASE, "prots": ["1:1"]}}, **{"x-more": {}}).remarks
    assert {"services.app.prots", "x-more"} <= {one.key for one in remarks}


FILE = """
services:
  web:
    build: {context: ., args: [EDITION=kiosk]}
    ports: ["80:80"]
    environment:
      - API_URL=http://api:8080
      - LOG_LEVEL=${LEVEL:-info}
      - DB=postgres://app:hidden@db:5432/shop
      - CACHE_URL=redis://cache:6379
      - UNKNOWN_THING
    depends_on: [api, cache]
    deploy: {replicas: 3, resources: {limits: {cpus: "0.5", memory: 600M}}}
  api:
    image: example/api:1.2
    platform: linux/arm64/v8
    command: serve --all "two words"
    healthcheck: {test: curl -f http://localhost:8080/, interval: 5s}
    stop_grace_period: 1m
    depends_on: {db: {condition: service_healthy}, migrate: {condition: service_completed_successfully}}
  worker:
    build: {context: worker}
    restart: always
    secrets: [token]
    volumes: ["./app.yaml:/etc/app/app.yaml:ro", "data:/var/data"]
    tmpfs: /tmp
  migrate: {image: "example/api:1.2", command: migrate}
  cache: {image: "redis:7"}
  db:
    image: postgres:16-alpine
    environment: {POSTGRES_DB: shop, POSTGRES_USER: app, POSTGRES_PASSWORD: hidden}
    volumes: ["pg:/var/lib/postgresql/data"]
  debug: {image: "example/debug:1", profiles: [tools]}
secrets: {token: {external: true, name: shop/token}}
volumes: {data: {}, pg: {}}
"""


def test_a_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNKNOWN_THING", raising=False)
    found = stack(tmp_path, **yaml.safe_load(FILE))
    services = found.config()["berth:services"]
    assert services == {
        "web": {
            "context": ".",
            "buildArgs": {"EDITION": "kiosk"},
            "cpu": 512,
            "memory": 1024,
            "minReplicas": 3,
            "maxReplicas": 3,
            "environment": {"LOG_LEVEL": "info"},
            "uses": ["api"],
        },
        "api": {
            "image": "example/api:1.2",
            "architecture": "arm64",
            "command": ["serve", "--all", "two words"],
            "healthCommand": ["/bin/sh", "-c", "curl -f http://localhost:8080/"],
            "minReplicas": 1,
            "maxReplicas": 1,
            "shutdownSeconds": 60,
            "uses": ["database"],
            "exposure": "internal",
        },
        "worker": {
            "kind": "worker",
            "context": "worker",
            "minReplicas": 1,
            "maxReplicas": 1,
            "files": [
                {"path": "/etc/app/app.yaml", "source": "app.yaml"},
                {"path": "/run/secrets/token", "secret": "shop/token"},
            ],
        },
    }
    assert found.config()["berth:database"] == {"engineVersion": "16", "name": "shop", "user": "app"}
    said = {one.key: one for one in found.remarks}
    assert "hidden" not in str(found.remarks)
    assert "DATABASE_HOST" in said["services.web.environment.DB"].instead
    assert "ElastiCache" in said["services.cache"].instead
    assert "initCommand" in said["services.migrate"].instead
    assert "variable" in said["services.web.environment.UNKNOWN_THING"].why
    assert {"services.debug.profiles", "services.worker.volumes.1", "services.db.volumes"} <= said.keys()
    assert said["services.web.environment.API_URL"].kind == "changed", "API_URL is what `uses: [api]` sets"


def test_what_is_built_has_no_image_of_another_name(tmp_path: Path) -> None:
    web = {"build": {"dockerfile": "deploy/Dockerfile"}, "image": "example/web:latest", "ports": ["8080:8080"]}
    found = stack(tmp_path, {"web": web})
    assert found.config()["berth:services"]["web"]["context"] == "."
    assert found.config()["berth:services"]["web"]["dockerfile"] == "deploy/Dockerfile"
    assert "image" not in found.config()["berth:services"]["web"]
    assert [one.given for one in found.remarks if one.key == "services.web.image"] == ["example/web:latest"]


def test_services_that_would_share_a_way_get_paths(tmp_path: Path) -> None:
    services = {name: {"build": name, "ports": ["8080:8080"]} for name in ("shop", "admin")}
    found = stack(tmp_path, services).config()["berth:services"]
    assert [one.get("path") for one in found.values()] == [None, "/admin"]


@pytest.mark.parametrize("text", ["[]", "services: 1", "a: 1", "services: [x]"])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(text)
    with pytest.raises(ConfigError, match="no Compose file"):
        load(tmp_path / "compose.yaml")


@pytest.mark.parametrize("value", [[], {}, [1, {"a": 2}], {"a": {"b": [1]}}, "", "\x00", -1, True])
def test_no_value_of_the_wrong_kind_ends_in_a_traceback(value: Any, tmp_path: Path) -> None:
    for number, path in enumerate(sorted({path.partition(".")[0] for path, _ in PATHS} | {"ports.0", "volumes.0"})):
        stack(tmp_path / str(number), {"app": laid(BASE, path, value), "other": value}, secrets=value, configs=value)
