"""Each word that a check knows, and some that none knows, one at a time under every version of both standards.

Generated pods hit a rare word under the one version that first allows it only now and then; this goes through them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from policy.rules.kubernetes.podrule import NEWEST

from ..policy.support import edited
from . import pack
from .pack import PROFILES as LEVELS
from .pack import Pod
from .upstream import Oracle, Question
from .words import ANNOTATION_VALUES, LABELS, LINUX_CAPABILITIES, OTHER_CAPABILITIES, PROFILES, SOURCES, SYSCTLS

pytestmark = pytest.mark.oracle

CONTAINER = "spec.containers[0].securityContext"
GOOD: Pod = {
    "metadata": {"annotations": {}},
    "spec": {
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": "app",
                "image": "example/app:1",
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            }
        ],
    },
}
ANNOTATIONS = (
    "seccomp\\.security\\.alpha\\.kubernetes\\.io/pod",
    "container\\.seccomp\\.security\\.alpha\\.kubernetes\\.io/app",
    "container\\.seccomp\\.security\\.alpha\\.kubernetes\\.io/nobody",
    "container\\.apparmor\\.security\\.beta\\.kubernetes\\.io/nobody",
)
PROFILE_FIELDS = ("seccompProfile", "appArmorProfile")
WEAK: list[tuple[str, Any]] = [
    ("spec.securityContext.runAsNonRoot", False),
    ("spec.securityContext.runAsUser", 0),
    ("spec.securityContext.seccompProfile", {"type": "Unconfined"}),
    (f"{CONTAINER}.runAsNonRoot", False),
    (f"{CONTAINER}.runAsUser", 0),
    (f"{CONTAINER}.seccompProfile", {"type": "Unconfined"}),
    (f"{CONTAINER}.allowPrivilegeEscalation", True),
    (f"{CONTAINER}.capabilities", {}),
    (f"{CONTAINER}.procMount", "Unmasked"),
    (f"{CONTAINER}.privileged", True),
]
KINDS_OF_POD: list[dict[str, Any]] = [
    {"hostUsers": False},
    {"hostUsers": True},
    {"os": {"name": "windows"}},
    {"os": {"name": "linux"}},
    {"os": {"name": "windows"}, "hostUsers": False},
]


def _edits() -> Iterator[tuple[str, Any]]:
    """Yield each word in each place where it means something."""
    capabilities = (*OTHER_CAPABILITIES, *LINUX_CAPABILITIES)
    yield from (("spec.securityContext.sysctls", [{"name": name, "value": "1"}]) for name in SYSCTLS)
    yield from ((f"{CONTAINER}.capabilities.add", [name]) for name in capabilities)
    yield from ((f"{CONTAINER}.capabilities.drop", [name]) for name in capabilities)
    yield from (("spec.volumes", [{"name": "v", source: {}}]) for source in SOURCES)
    yield from ((f"metadata.annotations.{key}", value) for key in ANNOTATIONS for value in ANNOTATION_VALUES)
    for context in ("spec.securityContext", CONTAINER):
        yield from ((f"{context}.seLinuxOptions.{key}", word) for key in ("type", "user", "role") for word in LABELS)
        yield from ((f"{context}.{key}.type", word) for key in PROFILE_FIELDS for word in PROFILES)


def _excused() -> Iterator[Pod]:
    """Yield pods that are weak in one place and of a kind that may excuse it."""
    for path, value in WEAK:
        pod = edited(GOOD, path, value)
        yield from (pod | {"spec": pod["spec"] | kind} for kind in KINDS_OF_POD)


@pytest.mark.parametrize("level", LEVELS)
def test_every_word_gets_upstreams_verdict_at_every_version(oracle: Oracle, level: str) -> None:
    pods = [*(edited(GOOD, path, value) for path, value in _edits()), *_excused()]
    assert len(pods) > 250
    questions = [Question(level, f"v1.{minor}", pod) for pod in pods for minor in range(NEWEST + 1)]
    wrong = []
    for question, answer in zip(questions, oracle.ask_all(questions), strict=True):
        for one in pack.differences(question, answer, ["kubernetes:core/v1:Pod"]):
            wrong.append(f"{question.version} {question.pod}: {one}")
    assert wrong == []
