"""Score files: every key of the schema is carried or listed, and what a whole file becomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from berth.errors import ConfigError
from berth.importing.draft import Stack
from berth.importing.score.carry import carried

from .schema import ANY, Schema
from .trees import laid, write

SCHEMA = Schema("score-v1b1.json")
BASE: dict[str, Any] = {
    "apiVersion": "score.dev/v1b1",
    "metadata": {"name": "shop"},
    "service": {"ports": {"web": {"port": 8080}}},
    "containers": {"main": {"image": "example/shop:1"}},
}
VALUES: dict[str, Any] = {
    "apiVersion": "score.dev/v1",
    "metadata.name": "kiosk",
    "service.ports.any.port": 9090,
    "service.ports.any.targetPort": 9090,
    "containers.any.image": "example/shop:2",
    "containers.any.files.any.source": "app.yaml",
    "containers.any.resources.limits.cpu": "2",
    "containers.any.resources.limits.memory": "4Gi",
    "resources.any.type": "postgres",
}
PATHS = sorted({path: value for path, value in SCHEMA.paths(SCHEMA.whole, deepest=8)}.items())


def stack(folder: Path, tree: Any) -> Stack:
    """Import a file."""
    write(folder / "score.yaml", tree)
    (folder / "app.yaml").write_text("a: 1\n")
    return carried(folder / "score.yaml", folder, "dev", "ecs-fargate", "eu-central-1")


@pytest.mark.parametrize(("path", "value"), PATHS, ids=[path for path, _ in PATHS])
@pytest.mark.parametrize("container", ["main", "beside"])
def test_a_key_of_the_schema_is_carried_or_listed(path: str, value: Any, container: str, tmp_path: Path) -> None:
    value = VALUES.get(path, value)
    path = path.replace(f"containers.{ANY}", f"containers.{container}").replace(f"ports.{ANY}", "ports.web")
    path = path.replace(f"variables.{ANY}", "variables.LOG_LEVEL").replace(f"files.{ANY}", "files./etc/app/app")
    base = laid(BASE, "containers.beside.image", "example/beside:1")
    if path.startswith("resources.any") and path != "resources.any.type":
        base = laid(base, "resources.any.type", "postgres")
    before, after = stack(tmp_path / "before", base), stack(tmp_path / "after", laid(base, path, value))
    keys = [one.key for one in after.remarks if one not in before.remarks]
    listed = [key for key in keys if f"{path}.".startswith(f"{key}.") or f"{key}.".startswith(f"{path}.")]
    assert not [one.key for one in after.remarks if "has this name or form" in one.why]
    assert listed or before.config() != after.config() or (value is True and path.endswith("noExpand"))


FILE = """
apiVersion: score.dev/v1b1
metadata: {name: shop}
service: {ports: {web: {port: 80, targetPort: 3000}, admin: {port: 9000}}}
containers:
  main:
    image: .
    args: [serve]
    variables:
      NAME: ${metadata.name}
      DB_HOST: ${resources.db.host}
      BUCKET: ${resources.files.name}
      PRICE: $${tax}
    files: {/etc/shop/app.yaml: {source: ./app.yaml, mode: "0600"}}
    livenessProbe: {httpGet: {path: /alive, port: 3000}}
    readinessProbe: {httpGet: {path: /ready, port: 9000}}
    resources: {limits: {cpu: 500m, memory: 1Gi}}
  beside: {image: "example/agent:1.2", command: [/agent], variables: {LOG_LEVEL: info}}
resources:
  db: {type: postgres}
  files: {type: s3}
  way: {type: route, params: {path: /shop, host: "${resources.dns.host}"}}
"""


def test_a_whole_file(tmp_path: Path) -> None:
    found = stack(tmp_path, yaml.safe_load(FILE))
    assert found.config()["berth:services"] == {
        "shop": {
            "context": ".",
            "command": ["serve"],
            "port": 3000,
            "healthPath": "/alive",
            "readyPath": "/ready",
            "cpu": 512,
            "memory": 1024,
            "environment": {"NAME": "shop", "PRICE": "${tax}"},
            "files": [{"path": "/etc/shop/app.yaml", "source": "app.yaml"}],
            "sidecars": {
                "beside": {
                    "image": "example/agent:1.2",
                    "entrypoint": ["/agent"],
                    "environment": {"LOG_LEVEL": "info"},
                }
            },
            "uses": ["database"],
            "path": "/shop",
        }
    }
    said = {one.key: one for one in found.remarks}
    assert said["containers.main.variables.DB_HOST"].instead == "read DATABASE_HOST"
    assert {"containers.main.variables.BUCKET", "resources.files", "service.ports.admin"} <= said.keys()
    assert said["containers.main.readinessProbe.httpGet.port"].kind == "left"


@pytest.mark.parametrize("text", ["[]", "metadata: {name: shop}", "containers: {main: {image: x}}", "a: b"])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "score.yaml").write_text(text)
    with pytest.raises(ConfigError, match="no Score file"):
        carried(tmp_path / "score.yaml", tmp_path, "dev", "ecs-fargate", "eu-central-1")


@pytest.mark.parametrize("value", [[], {}, [1, {"a": 2}], {"a": {"b": [1]}}, "", "\x00", -1, True])
def test_no_value_of_the_wrong_kind_ends_in_a_traceback(value: Any, tmp_path: Path) -> None:
    parts = [path.replace(f"containers.{ANY}", "containers.main").split(".") for path, _ in PATHS]
    every = {".".join(path[:end]) for path in parts for end in range(1, len(path) + 1)}
    for number, path in enumerate(sorted(every - {"metadata", "metadata.name", "containers"})):
        stack(tmp_path / str(number), laid(BASE, path, value)).config()
