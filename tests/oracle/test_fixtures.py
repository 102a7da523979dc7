"""Upstream's own fixtures, in every kind that bears pods: upstream's verdict on each of them, check by check."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from policy.rules.kubernetes.podrule import NEWEST

from . import pack
from .build import PODS, fixture_folder
from .pack import PROFILES, RULES_OF, Pod
from .upstream import Oracle, Question

pytestmark = pytest.mark.oracle


@dataclass(frozen=True)
class Fixture:
    """One of upstream's files."""

    file: Path
    question: Question

    @property
    def passes(self) -> bool:
        """What the folder says of it."""
        return self.file.parent.name == "pass"


def fixtures(level: str, minor: int) -> list[Fixture]:
    """Read the fixtures of one standard."""
    files = sorted((fixture_folder() / level / f"v1.{minor}").glob("*/*.yaml"))
    # As many as upstream had for its very first version; a glob that finds nothing proves nothing.
    assert len(files) > 30, f"only {len(files)} fixtures for {level} v1.{minor}"
    return [Fixture(file, Question(level, f"v1.{minor}", _read(file))) for file in files]


def _read(file: Path) -> Pod:
    pod: Pod = yaml.load(file.read_text(), yaml.CSafeLoader)
    return pod


def test_the_oracle_is_as_new_as_the_rules() -> None:
    assert PODS.pinned().startswith(f"v0.{NEWEST}."), "go.mod pins another version than the rules are written for"


def test_upstream_ships_no_newer_fixtures() -> None:
    for level in PROFILES:
        assert {folder.name for folder in (fixture_folder() / level).iterdir()} == {
            f"v1.{n}" for n in range(NEWEST + 1)
        }


def test_every_rule_of_the_standards_has_its_reason() -> None:
    assert frozenset().union(*RULES_OF.values()) == pack.BASELINE | pack.RESTRICTED


@pytest.mark.parametrize("minor", range(NEWEST + 1))
@pytest.mark.parametrize("level", PROFILES)
def test_every_fixture_gets_upstreams_verdict_in_every_kind(oracle: Oracle, level: str, minor: int) -> None:
    cases = fixtures(level, minor)
    wrong = []
    for case, answer in zip(cases, oracle.ask_all(case.question for case in cases), strict=True):
        # That the oracle says what upstream's own tests expect shows that it was asked what the file says.
        assert answer.allowed == case.passes, f"{case.file.name}: {answer}"
        wrong += [f"{case.file.parent.name}/{case.file.name}: {one}" for one in pack.differences(case.question, answer)]
    assert wrong == []


def test_the_fixtures_fail_every_check(oracle: Oracle) -> None:
    seen: Counter[str] = Counter()
    for level in PROFILES:
        for minor in (0, NEWEST):
            for answer in oracle.ask_all(case.question for case in fixtures(level, minor)):
                seen.update(answer.reasons)
    unseen = {reason for reason in RULES_OF if not seen[reason]}
    assert unseen <= {"forbidden AppArmor profiles"}
