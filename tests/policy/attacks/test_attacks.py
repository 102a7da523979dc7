"""Every way past the rules meets a mandatory finding of the rule that it is about; what is harmless meets none."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from policy.judge import judge
from policy.rules.registry import RULES

from ..cases.kubernetes import CHART, RELEASE
from ..support import Planned
from . import charts, custom_resources, guises, hosts, keys, users
from .attack import Attack, Harmless

_MODULES = (custom_resources, guises, hosts, keys, users)
ATTACKS = [one for module in _MODULES for one in module.ATTACKS]
HARMLESS = [one for module in _MODULES for one in module.HARMLESS]


def _mandatory(one: Attack | Harmless) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for violation in judge([one.resource, *one.resource.beside], config=one.config):
        if violation.level == "mandatory":
            # What several rules cannot read is said once, with the names of all of them.
            others = violation.message.rpartition("; ")[2].removesuffix(" cannot read it either").split(", ")
            for rule in (violation.policy, *(RULES.keys() & others)):
                found.setdefault(rule, []).append(violation.message)
    return found


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.name)
def test_an_attack_is_found(attack: Attack) -> None:
    found = _mandatory(attack)
    assert attack.rule in found, f"found only {sorted(found)}"
    assert not [one for messages in found.values() for one in messages if "could not judge" in one], "a rule threw"


@pytest.mark.parametrize("harmless", HARMLESS, ids=lambda one: one.name)
def test_what_is_harmless_passes(harmless: Harmless) -> None:
    assert _mandatory(harmless) == {}


def test_the_corpus_is_large_and_no_case_is_there_twice() -> None:
    assert len(ATTACKS) >= 600
    assert len(HARMLESS) >= 20
    names = Counter(one.name for one in (*ATTACKS, *HARMLESS))
    assert [name for name, count in names.items() if count > 1] == []


def _release(folder: Path, template: str) -> Planned:
    chart = Path(shutil.copytree(CHART, folder / "chart"))
    (chart / "templates" / "more.yaml").write_text(template)
    return Planned(RELEASE, {"chart": str(chart)})


@pytest.mark.parametrize("template", charts.ATTACKS.values(), ids=list(charts.ATTACKS))
def test_a_chart_that_is_read_in_two_ways_is_found(template: str, tmp_path: Path) -> None:
    found = _mandatory(Harmless("it", _release(tmp_path, template)))
    assert found.keys() & {"kubernetes-nothing-opaque", "kubernetes-not-privileged"}


@pytest.mark.parametrize("template", charts.HARMLESS.values(), ids=list(charts.HARMLESS))
def test_a_chart_that_is_read_in_one_way_passes(template: str, tmp_path: Path) -> None:
    assert _mandatory(Harmless("it", _release(tmp_path, template))) == {}
