"""Views show all of a Plan but its secrets."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pytest
from rich.console import Console

from berth.plan import UNKNOWN, Notice, Plan, Resource, Secret
from berth.render.terminal import drawn
from berth.views.common import Violation, created, masked, ordered, short_type, summary, verdict
from berth.views.plan_json import dumps
from berth.views.plan_view import comment as markdown
from berth.views.plan_view import outputs, policies, resources
from berth.views.section import Section

SHOP = "urn:pulumi:dev::toy::toy:shop:Shop::shop"
TASK = "urn:pulumi:dev::toy::toy:shop:Shop$aws:ecs/taskDefinition:TaskDefinition::task"


PLAN = Plan(
    "dev",
    (
        Resource(SHOP, "toy:shop:Shop", "shop", None, {}, custom=False),
        Resource(
            TASK,
            "aws:ecs/taskDefinition:TaskDefinition",
            "task",
            SHOP,
            {"password": Secret("hunter2"), "arn": UNKNOWN, "deep": [{"key": Secret({"a": "hunter2"})}]},
            protect=True,
            source="shop.py:7",
        ),
    ),
    {"url": UNKNOWN, "password": Secret("hunter2"), "map": {"b": 1, "a": [Secret("hunter2"), "x|y"]}},
    (Notice("warning", "mind | the gap"),),
)
ROOT_USER = Violation(
    "non-root",
    TASK,
    "mandatory",
    "user is '0'; write '10001:10001'",
    "high",
    "Name a user.",
    ("CIS Docker: 4.1", "B: 2"),
)
ADVICE = Violation("advice", SHOP, "advisory", "consider [bold]markup[/bold]")


def printed(*sections: Section, width: int = 80) -> str:
    """Return what stands on a terminal without colour."""
    file = io.StringIO()
    Console(file=file, width=width, no_color=True).print(drawn(sections), crop=False)
    return file.getvalue()


@pytest.mark.parametrize(
    ("token", "short"),
    [
        ("aws:ecs/taskDefinition:TaskDefinition", "ecs.TaskDefinition"),
        ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "s3.BucketPublicAccessBlock"),
        ("kubernetes:apps/v1:Deployment", "apps/v1.Deployment"),
        ("kubernetes:core/v1:Service", "core/v1.Service"),
        ("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding", "eks.amazonaws.com/v1.TargetGroupBinding"),
        ("eks:index:Cluster", "eks.Cluster"),
        ("random:index/randomPassword:RandomPassword", "random.RandomPassword"),
        ("pulumi:providers:kubernetes", "kubernetes.Provider"),
        ("berth:network:Network", "network.Network"),
        ("odd", "odd"),
    ],
)
def test_types_are_shortened(token: str, short: str) -> None:
    assert short_type(token) == short


def test_secrets_and_unknowns_are_marked_wherever_they_are() -> None:
    assert masked([{"b": Secret(UNKNOWN)}, (UNKNOWN, 1.5, None)]) == [{"b": "[secret]"}, ["[unknown]", 1.5, None]]


def test_json_has_all_that_was_promised() -> None:
    document = json.loads(dumps(PLAN, [ADVICE, ROOT_USER]))
    assert list(document) == ["stack", "resources", "violations", "outputs"]
    assert {"type", "name", "urn", "parent", "inputs", "dependencies"} <= set(document["resources"][0])
    assert document["resources"][1]["inputs"] == {
        "arn": "[unknown]",
        "deep": [{"key": "[secret]"}],
        "password": "[secret]",
    }
    assert [item["level"] for item in document["violations"]] == ["mandatory", "advisory"]
    assert document["outputs"]["map"] == {"a": ["[secret]", "x|y"], "b": 1}
    assert (document["outputs"]["password"], document["outputs"]["url"]) == ("[secret]", "[unknown]")


def test_no_view_prints_a_secret() -> None:
    texts = [
        dumps(PLAN, [ROOT_USER]),
        markdown(PLAN, [ROOT_USER]),
        printed(resources(PLAN, []), policies(PLAN, [ROOT_USER]), *outputs(PLAN)),
    ]
    assert not [text for text in texts if "hunter2" in text]


def test_the_tree_shows_children_under_their_component_and_marks_violations() -> None:
    lines = [line.rstrip() for line in printed(resources(PLAN, [ROOT_USER])).splitlines()]
    assert lines == [
        "dev",
        "└── Shop shop",
        "    └── ✗ ecs.TaskDefinition task (protected)",
        "",
        "1 resource in 1 component: 1 aws",
    ]


def test_a_resource_whose_parent_is_missing_is_still_shown() -> None:
    orphan = Plan("dev", (Resource("urn:x::y::t::n", "a:b:C", "orphan", "urn:gone", {}),), {})
    assert "orphan" in printed(resources(orphan, []))


def test_verdicts_name_policy_resource_place_and_remedy() -> None:
    text = printed(policies(PLAN, [ADVICE, ROOT_USER]))
    assert text.index("non-root") < text.index("advice"), "mandatory first"
    for part in ("1 mandatory and 1 advisory violations", "ecs.TaskDefinition task", "shop.py:7", ROOT_USER.message):
        assert part in text
    assert "[bold]markup[/bold]" in text, "a message is text, not markup"


def test_the_worst_comes_first() -> None:
    """In the engine's order, so that both lists can be read side by side."""
    kinds = [("advisory", "critical"), ("mandatory", ""), ("mandatory", "low"), ("mandatory", "critical")]
    mixed = [replace(ADVICE, level=level, severity=severity) for level, severity in kinds]
    mixed.append(replace(ADVICE, level="mandatory", severity="low", policy="a-policy", resource="z"))
    shown = [(item.level, item.severity, item.policy) for item in ordered(mixed)]
    assert shown == [
        ("mandatory", "critical", "advice"),
        ("mandatory", "low", "a-policy"),
        ("mandatory", "low", "advice"),
        ("mandatory", "", "advice"),
        ("advisory", "critical", "advice"),
    ]


def test_every_view_says_how_bad_it_is_and_how_to_mend_it() -> None:
    for text in (printed(policies(PLAN, [ROOT_USER])), markdown(PLAN, [ROOT_USER])):
        for part in ("mandatory, high", "Name a user.", "Answers to: CIS Docker: 4.1; B: 2"):
            assert part in text
    (found,) = json.loads(dumps(PLAN, [ROOT_USER]))["violations"]
    assert (found["severity"], found["remediation"], found["frameworks"]) == (
        "high",
        "Name a user.",
        ["CIS Docker: 4.1", "B: 2"],
    )


def test_a_key_of_the_config_stands_for_what_the_program_would_have_to_write() -> None:
    answered = replace(ROOT_USER, answer="Set berth:service.user.")
    for text in (printed(policies(PLAN, [answered])), markdown(PLAN, [answered])):
        assert "Set berth:service.user." in text
        assert "Name a user." not in text


def test_no_violation_is_said() -> None:
    assert printed(policies(PLAN, [])).strip() == "✓ Policies: no violations"
    assert printed(policies(PLAN, [], 3, 1)).strip() == "✓ Policies: no violations (3 rules on 1 resource)"
    assert verdict([ADVICE]) == "1 advisory violation"
    assert summary([]) == "0 resources"


def test_what_is_counted_is_what_is_created() -> None:
    """A component only holds others, and what is read is there already: `berth compare` counts the same."""
    read = replace(PLAN.resources[1], urn="urn:x", external=True)
    assert summary([*PLAN.resources, read]) == "1 resource in 1 component: 1 aws; 1 only read"
    assert len(created([*PLAN.resources, read])) == 1


def test_no_kind_of_resource_looks_like_a_finding() -> None:
    """Yellow is a warning's, red a violation's."""
    file = io.StringIO()
    types = ("aws:s3/bucket:Bucket", "eks:index:Cluster", "kubernetes:core/v1:Pod", "docker:index/image:Image")
    plan = Plan("dev", [Resource(f"urn:{one}", one, one, None, {}) for one in types], {})
    Console(file=file, width=80, force_terminal=True, color_system="standard").print(drawn([resources(plan, [])]))
    assert not re.search(r"\x1b\[[0-9;]*(?<![0-9])3[13](?![0-9])", file.getvalue())


def test_nothing_is_wider_than_the_terminal() -> None:
    long = Violation("non-root", TASK, "mandatory", "word " * 60)
    for view in (resources(PLAN, [long]), policies(PLAN, [long])):
        assert max(len(line.rstrip()) for line in printed(view, width=40).splitlines()) <= 40


def test_markdown_is_a_comment() -> None:
    text = markdown(PLAN, [ROOT_USER])
    assert text.startswith("<!-- berth preview dev -->\n### ❌ `dev`: 1 mandatory violation\n")
    assert (
        "| **mandatory, high** | `non-root` | `ecs.TaskDefinition task`<br>`shop.py:7` | "
        "user is '0'; write '10001:10001'<br>Name a user.<br>"
        "Answers to: CIS Docker: 4.1; B: 2 |"
    ) in text
    assert "x\\|y" in text, "a pipe does not end a cell"
    assert "<details><summary>Resources: 1 resource in 1 component: 1 aws</summary>" in text
    assert markdown(PLAN, []).splitlines()[1] == "### ✅ `dev`: no violations"
