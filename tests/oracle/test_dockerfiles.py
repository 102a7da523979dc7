"""What BuildKit's own frontend makes of a Dockerfile: no image that starts as root gets past the pack, few others fail.

``BERTH_ORACLE_DOCKERFILES`` says how many files of each kind are tried; the default is what fits into every run.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import Any

import pytest

from policy.rules.docker.lex import Refused, Unresolvable
from policy.rules.docker.stages import Build, final_users

from ..policy import test_dockerfile as named
from ..policy.support import violations
from .dockerfiles import BuildKit, Case, Writer

pytestmark = pytest.mark.oracle

FILES = int(os.environ.get("BERTH_ORACLE_DOCKERFILES", "4000"))


@pytest.mark.parametrize("kind", ["plain", "wild"])
def test_generated_files(buildkit: BuildKit, kind: str) -> None:
    # The same files on every run: what a change breaks is found by that change's run.
    cases = [Writer(seed, wild=kind == "wild").case() for seed in range(FILES)]
    seen: Counter[str] = Counter()
    passed, alarms, misread, refused = [], [], [], []
    for case, verdict in zip(cases, buildkit.ask_all(cases), strict=True):
        found = violations(named.RULE, case.planned())
        seen["root" if verdict.root else "safe" if verdict.safe else "not built"] += 1
        if verdict.root and not found:
            passed.append((case, verdict))
        if verdict.safe and found:
            alarms.append((case, verdict, found[0].message))
        if verdict.error or verdict.frontend:
            continue
        try:
            user = next(final_users(case.text, Build(case.target, case.args.get, case.platform))).user
            if (user or "") != verdict.user:
                misread.append((case, verdict, user))
        except Refused as error:
            refused.append((case, str(error)))
        except Unresolvable:
            seen["left open"] += 1
    wrong = f"root passed: {len(passed)}, false alarms: {len(alarms)}, wrongly refused: {len(refused)}"
    print(f"{kind}: {dict(seen)}; {wrong}")
    assert passed == []
    # The very name, not only whether it is root.
    assert misread == []
    assert len(alarms) * 50 < seen["safe"], alarms[:3]
    assert len(refused) * 500 < FILES, refused[:3]
    # Files that all pass, or all fail, prove nothing.
    assert min(seen["root"] * 5, seen["safe"] * 16) > FILES


def test_the_named_cases_are_what_they_say(buildkit: BuildKit) -> None:
    """What the other tests call safe is safe to BuildKit, and what they call root is not."""
    for cases, expected in ((named.NON_ROOT, True), (named.ROOT, False)):
        asked = {name: one for name, (text, inputs) in cases.items() if (one := _case(text, inputs))}
        assert len(asked) > 30
        answers = dict(zip(asked, buildkit.ask_all(list(asked.values())), strict=True))
        wrong = {name: answer for name, answer in answers.items() if answer.safe != expected}
        # BuildKit takes no number for a target and no name in capitals; Docker's own builder does. A date is left open.
        known = {"target by number", "inherits over two stages, names in any case", "the date that BuildKit reads"}
        assert set(wrong) <= known


def _case(text: str, inputs: dict[str, Any]) -> Case | None:
    """Return what the oracle can be asked: no contexts, one platform, all known, and the newest frontend."""
    arguments, platforms = inputs.get("buildArgs", {}), inputs.get("platforms", ["linux/amd64"])
    askable = (
        "context" not in inputs and len(platforms) == 1 and all(isinstance(one, str) for one in arguments.values())
    )
    pinned = re.search("[:/]dockerfile[:@]", text) and ":1\n" not in text
    if not askable or pinned or re.search("[\ud800-\udfff]", text):
        return None
    return Case(text, inputs.get("target", ""), arguments, platforms[0])
