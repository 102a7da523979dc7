"""Nothing is lost in silence: each key that Copilot documents changes the stack file, or is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from berth.importing.copilot.application import Application, Manifest, load
from berth.importing.copilot.carry import carried
from berth.importing.draft import Stack

from .trees import laid, write

DOCUMENTED = yaml.safe_load((Path(__file__).parent / "documented.yaml").read_text())["types"]
CASES = [(kind, path) for kind, paths in DOCUMENTED.items() for path in paths]
CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/0"
BASES: dict[str, Any] = {
    "Load Balanced Web Service": {"http": {"path": "/", "alias": "kiosk.example.com"}, "image": {"port": 8080}},
    "Backend Service": {"http": {"path": "/app", "alias": "kiosk.example.com"}, "image": {"port": 8080}},
    "Worker Service": {},
    "Scheduled Job": {"on": {"schedule": "@daily"}},
    "Request-Driven Web Service": {"http": {"alias": "kiosk.example.com"}, "image": {"port": 8080}},
    "Static Site": {},
}


def stack(folder: Path, kind: str, path: str | None) -> Stack:
    """Import an application of one workload and one environment, with one key more than it needs."""
    trees: dict[str, Any] = {
        "Environment": {"name": "test", "type": "Environment", "http": {"public": {"certificates": [CERTIFICATE]}}},
        "Pipeline": {"name": "main"},
    }
    workload = kind if kind in BASES else "Load Balanced Web Service"
    trees[workload] = {"name": "app", "type": workload, "image": {"build": "app/Dockerfile"}}
    for key, value in BASES[workload].items():
        trees[workload][key] = {**trees[workload].get(key, {}), **value}
    if workload == "Static Site":
        del trees[workload]["image"]
    if path:
        trees[kind] = laid(trees[kind], path, DOCUMENTED[kind][path])
    write(folder / "copilot/environments/test/manifest.yml", trees["Environment"])
    write(folder / "copilot/app/manifest.yml", trees[workload])
    if kind == "Pipeline" and path:
        write(folder / "copilot/pipelines/main/manifest.yml", trees["Pipeline"])
    (folder / "some.env").write_text("# said once\nREGION=south\nDB_PASSWORD=hidden\n")
    return carried(load(folder), folder, "test", "ecs-fargate", "eu-central-1")


def covers(key: str, path: str) -> bool:
    """Say whether a remark on a key is one on a path, on what holds it or on what it holds."""
    key = key.rpartition(": ")[2]
    return key == "" or f"{path}.".startswith(f"{key}.") or f"{key}.".startswith(f"{path}.")


@pytest.mark.parametrize(("kind", "path"), CASES)
def test_a_documented_key_is_carried_or_listed(kind: str, path: str, tmp_path: Path) -> None:
    before, after = stack(tmp_path / "before", kind, None), stack(tmp_path / "after", kind, path)
    listed = [one for one in after.remarks if covers(one.key, path) and one not in before.remarks]
    assert listed or before.config() != after.config(), "neither listed nor carried"
    assert not any("has this name or form" in one.why for one in listed), "its table knows it"


@pytest.mark.parametrize("kind", BASES)
def test_what_no_table_knows_is_listed(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "app"
    write(
        folder / "copilot/app/manifest.yml", {"name": "app", "type": kind, "imgae": {"port": 1}, "http": {"pth": "/"}}
    )
    remarks = carried(load(folder), folder, "test", "ecs-fargate", "eu-central-1").remarks
    listed = {one.key for one in remarks if "has this name or form" in one.why}
    assert "imgae" in listed and listed & {"http", "http.pth"}


def test_an_unknown_type_is_listed(tmp_path: Path) -> None:
    write(tmp_path / "copilot/app/manifest.yml", {"name": "app", "type": "Lambda Service"})
    (remark,) = carried(load(tmp_path), tmp_path, "test", "ecs-fargate", "eu-central-1").remarks
    assert (remark.key, remark.given) == ("type", "Lambda Service")


@pytest.mark.parametrize("value", [[], {}, [1, {"a": 2}], {"a": {"b": [None]}}, "", "\x00", -1, 1e300, True])
@pytest.mark.parametrize("kind", BASES)
def test_no_value_of_the_wrong_kind_ends_in_a_traceback(kind: str, value: Any, tmp_path: Path) -> None:
    parts = [path.split(".") for path in DOCUMENTED[kind]]
    every = {".".join(path[:end]) for path in parts for end in range(1, len(path) + 1)}
    for path in sorted(every):
        tree = laid({"name": "app", "type": kind, "image": {"build": "app/Dockerfile"}}, path, value)
        manifest = Manifest("app", tmp_path / "copilot/app/manifest.yml", tree)
        application = Application("kiosk", tmp_path, (manifest,), (), (), ())
        carried(application, tmp_path, "test", "ecs-fargate", "eu-central-1").config()
