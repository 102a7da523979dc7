"""The rules against the fixtures of Kubernetes' own Pod Security admission controller.

The module's test data holds pods for each version of the standards, in folders named by the verdict. It comes from the
Go module proxy, or from Go's module cache; where neither is to be had the tests say that they did not run.
"""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy.judge import judge
from policy.rules.kubernetes.podrule import NEWEST
from policy.rules.model import Level
from policy.rules.registry import RULES

from .support import Planned

MODULE = f"k8s.io/pod-security-admission@v0.{NEWEST}.0"

BASELINE = {
    rule.id
    for rule in RULES.values()
    if any(framework.startswith("Pod Security Standards: baseline/") for framework in rule.frameworks)
}
RESTRICTED = {
    rule.id
    for rule in RULES.values()
    if any(framework.startswith("Pod Security Standards:") for framework in rule.frameworks)
} - {"kubernetes-capabilities-baseline", "kubernetes-seccomp-baseline", "kubernetes-proc-mount-baseline"}
PROFILES = {"baseline": BASELINE, "restricted": RESTRICTED}


@functools.cache
def _testdata() -> Path:
    go = shutil.which("go")
    if go is None:
        pytest.skip("not run: no `go` to fetch Kubernetes' own fixtures with")
    done = subprocess.run(
        [go, "mod", "download", "-json", MODULE], capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode:
        pytest.skip(f"not run: {MODULE} cannot be fetched")
    return Path(json.loads(done.stdout)["Dir"]) / "test" / "testdata"


def _broken(pod: dict[str, Any], profile: str, version: str) -> set[str]:
    rules = PROFILES[profile]
    levels = {rule: Level.MANDATORY if rule in rules else Level.OFF for rule in RULES}
    config = {rule: {"version": version} for rule in rules}
    kinds = [
        Planned("kubernetes:core/v1:Pod", pod),
        Planned("kubernetes:apps/v1:DeploymentList", {"items": [{"spec": {"template": pod}}]}),
        Planned("kubernetes:batch/v1:CronJob", {"spec": {"jobTemplate": {"spec": {"template": pod}}}}),
    ]
    broken = [{one.policy for one in judge([kind], levels=levels, config=config)} for kind in kinds]
    assert broken.count(broken[0]) == len(kinds), "the kind around the pod changed the verdict"
    return broken[0]


@pytest.mark.parametrize("minor", range(NEWEST + 1))
@pytest.mark.parametrize("profile", PROFILES)
def test_every_fixture_gets_the_verdict_of_its_folder(profile: str, minor: int) -> None:
    folder = _testdata() / profile / f"v1.{minor}"
    files = sorted(folder.glob("*/*.yaml"))
    assert len(files) > 10, f"no fixtures in {folder.relative_to(_testdata())}"
    wrong = []
    for file in files:
        broken = _broken(yaml.load(file.read_text(), yaml.CSafeLoader), profile, f"v1.{minor}")
        if bool(broken) != (file.parent.name == "fail"):
            wrong.append(f"{file.parent.name}/{file.name}: {sorted(broken)}")
    assert wrong == []


def test_a_failing_fixture_breaks_the_rule_that_answers_to_its_check() -> None:
    # Fixtures are named after upstream's check; so are the rules' frameworks.
    rule_of = {
        framework.rpartition("/")[2].lower(): rule.id
        for rule in RULES.values()
        for framework in rule.frameworks
        if framework.startswith("Pod Security Standards:")
    }
    for file in sorted((_testdata() / "baseline" / f"v1.{NEWEST}" / "fail").glob("*.yaml")):
        check = re.sub(r"\d+$", "", file.stem)
        broken = _broken(yaml.load(file.read_text(), yaml.CSafeLoader), "baseline", "latest")
        # A host process needs the host's network as well.
        also = {"kubernetes-no-host-namespaces"} if check == "windowshostprocess" else set()
        assert broken == {rule_of[check]} | also, file.name
