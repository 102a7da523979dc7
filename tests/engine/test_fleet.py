"""A stack of two berths, and one of several services, under the real engine: what a change of one leaves alone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from . import findings
from .cli import Run
from .life import Life, Stack, moved, name_of, steps_in_order

pytestmark = pytest.mark.engine

SHARES = "{ecs-fargate: 90, eks: 10}"
HALVES = "{ecs-fargate: 50, eks: 50}"
GRANT = '{actions: ["s3:GetObject"], resources: ["arn:aws:s3:::shop-media/*"]}'
USES = "uses: [database, billing]"
BILLING = '    billing: {image: "registry.example.com/billing:2.0.1", exposure: internal, path: /billing}\n'
MEDIA = '    media: {image: "registry.example.com/media:0.9.0", path: /media}\n'
SERVICES = f"""\
  berth:backend: ecs-fargate
  berth:services:
    biometric: {{{USES}}}
    shop: {{image: "registry.example.com/shop:1.4.2", path: /shop, grants: [{GRANT}]}}
{BILLING}"""


@dataclass(frozen=True)
class TwoBerths(Life):
    """One service at two berths, whose requests move to one of them."""

    halves: Run
    one: Run


@pytest.fixture(scope="module")
def berths(providers: str, tmp_path_factory: pytest.TempPathFactory) -> TwoBerths:
    stack = Stack(providers, tmp_path_factory, "two", f"  berth:berths: {SHARES}\n")
    return TwoBerths(
        first=stack.first,
        up=stack.up(),
        again=stack.again(),
        halves=stack.up((SHARES, HALVES)),
        one=stack.up((HALVES, "{eks: 100}")),
        end=stack.destroy(),
    )


@dataclass(frozen=True)
class Fleet(Life):
    """Several services at one berth, of which one comes and one goes."""

    more: Run
    fewer: Run


@pytest.fixture(scope="module")
def fleet(providers: str, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    stack = Stack(providers, tmp_path_factory, "fleet", SERVICES)
    return Fleet(
        first=stack.first,
        up=stack.up(),
        again=stack.again(),
        more=stack.up((BILLING, BILLING + MEDIA)),
        fewer=stack.up((BILLING, ""), (USES, "uses: [database]")),
        end=stack.destroy(),
    )


def weights(run: Run) -> dict[str, list[int]]:
    """Return the weights of each forward action, by the listener's or the rule's name."""
    return {
        name_of(urn): [int(group["weight"]) for group in action["forward"]["targetGroups"]]
        for urn, inputs in run.inputs.items()
        for action in inputs.get("defaultActions") or inputs.get("actions") or ()
        if "forward" in action and "---" not in name_of(urn)  # by which a header chooses, whatever the weights
    }


@pytest.mark.parametrize("life", ["berths", "fleet"])
def test_lives_from_the_first_preview_to_the_end(life: str, request: pytest.FixtureRequest) -> None:
    """Each command goes through, the pack refuses nothing, and the program says the same twice."""
    lived = request.getfixturevalue(life)
    lived.judge()
    assert set(findings.containers(lived.up)) == set(findings.containers(lived.first))


def test_requests_move_to_another_berth_by_the_listener_alone(berths: TwoBerths) -> None:
    assert weights(berths.up) == {"berth-two-listener": [90, 10]}
    assert moved(berths.halves) == {"berth-two-listener": {"update"}}
    assert weights(berths.halves) == {"berth-two-listener": [50, 50]}


def test_a_berth_that_goes_takes_its_own_along_and_no_more(berths: TwoBerths) -> None:
    assert weights(berths.one) == {"berth-two-listener": [100]}
    own = "berth-two-ecs-fargate"
    chosen = {f"berth-two-biometric---{berth}": {"delete"} for berth in ("ecs-fargate", "eks")}
    assert moved(berths.one, own) == {"berth-two-listener": {"update"}, **chosen}
    gone = {name: steps for name, steps in moved(berths.one).items() if name.startswith(own)}
    assert set(map(frozenset, gone.values())) == {frozenset({"delete"})}
    assert gone.keys() == {name for name in moved(berths.up) if name.startswith(own)}
    # AWS refuses to delete a group that a listener still forwards to.
    steps = steps_in_order(berths.one)
    assert steps.index(("update", "aws:lb/listener:Listener")) < steps.index(
        ("delete", "aws:lb/targetGroup:TargetGroup")
    )


def test_each_service_has_a_way_of_its_own(fleet: Fleet) -> None:
    """The one without a path is the listener's default; the internal one is behind a listener of its own."""
    assert weights(fleet.up) == {
        "berth-fleet-listener": [100],
        "berth-fleet-shop": [100],
        "berth-fleet-billing": [100],
    }
    rules = findings.of_type(fleet.up, "aws:lb/listenerRule:ListenerRule")
    assert len({rule["listenerArn"] for rule in rules}) == len(rules) == 2
    [image] = findings.of_type(fleet.up, "docker:index/image:Image")
    assert "/biometric:" in image["imageName"]


def test_a_service_that_comes_moves_nothing_of_the_others(fleet: Fleet) -> None:
    new = moved(fleet.more)
    assert set(map(frozenset, new.values())) == {frozenset({"create"})}
    assert moved(fleet.more, "berth-fleet-ecs-fargate-media") == {"berth-fleet-media": {"create"}}


def test_a_service_that_goes_changes_only_who_used_it(fleet: Fleet) -> None:
    """Its rule and the internal listener go; the service that was told its address starts anew without it."""
    others = moved(fleet.fewer, "berth-fleet-ecs-fargate-billing")
    user = "berth-fleet-ecs-fargate-biometric"
    assert {name: steps for name, steps in others.items() if not name.startswith(user)} == {
        "berth-fleet-billing": {"delete"},
        "berth-fleet-internal": {"delete"},
    }
    assert others[f"{user}-service"] == {"update"}
    assert others[f"{user}-billing-url"] == {"delete"}
    definitions = findings.containers(fleet.fewer)
    assert "BILLING_URL" not in str(definitions) and "BILLING_URL" in str(findings.containers(fleet.up))
