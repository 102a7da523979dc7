"""What a reviewer wants first: what is replaced, and what it does to the price, on the stack's card and below it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from berth.cost.estimate_view import section as price
from berth.difference import Comparison, Findings, difference
from berth.difference import section as changes
from berth.plan import Plan, Resource, Value
from berth.report import StackReport, page, summary, write
from berth.views.section import Section, Span
from tests.report.browser import Browser
from tests.report.test_browser import CONTRAST

NAT = "aws:ec2/natGateway:NatGateway"
KEY = "aws:kms/key:Key"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
DATABASE = "aws:rds/instance:Instance"
LONG = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop"


def plan(*resources: Resource) -> Plan:
    return Plan("dev", resources, {}, config={"aws:region": "us-east-1"})


def resource(type_: str, name: str, inputs: dict[str, Value] | None = None, parent: str | None = None) -> Resource:
    custom = not type_.startswith("berth:")
    return Resource(f"urn:pulumi:dev::shop::{type_}::{name}", type_, name, parent, inputs or {}, custom=custom)


def priced() -> Plan:
    network = resource("berth:components:Network", "net")
    return plan(
        network,
        resource(NAT, "nat", parent=network.urn),
        # An unknown class has no price.
        resource(DATABASE, "db", {"instanceClass": "db.none", "allocatedStorage": 20}),
        *(resource(LOGS, f"logs-{number}", {"retentionInDays": 30}, network.urn) for number in range(3)),
    )


def changed() -> Section:
    base = plan(resource(DATABASE, "db", {"dbName": "a", "x": 1}), resource("aws:sqs/queue:Queue", "q", {"name": "q"}))
    head = plan(
        resource(DATABASE, "db", {"dbName": "b", "x": 2}),
        resource("aws:ecs/taskDefinition:TaskDefinition", "<task>", {"image": f"{LONG}:1"}),
    )
    return changes(Comparison("dev", "main", difference(base, head), Findings((), (), ())))


def test_the_stack_s_card_has_verdict_replacements_and_price_first() -> None:
    two = [resource(KEY, f"key-{number}") for number in range(2)]
    report = StackReport(
        plan(*two), extras=(changed(), price(plan(*two), plan(two[0]))), violations=(), rules=1, resources=1
    )
    markup = page([report])
    tab = re.findall(r'<a class="tab .*?</a>', markup, re.DOTALL)[0]
    texts = [text.strip() for text in re.sub(r"<[^>]+>", "\n", tab).splitlines() if text.strip()]
    assert texts == [
        *("dev", "no violations", "1 replaced", "1 deleted", "1 created"),
        *("+1.00 USD", "2.00 USD a month", "was 1.00", "2 resources"),
    ]
    assert '<span class="bad">1 replaced</span>' in tab and '<span class="warn">+1.00 USD</span>' in tab
    labels = re.findall(r'<p class="label">(\w+)</p>', markup)
    assert labels == ["Policies", "Difference", "Price", "Resources"]
    header, _, row = summary([report]).splitlines()[3:6]
    assert header == "| stack | Policies | Difference | Price | Resources |"
    assert "1 replaced, 1 deleted, 1 created" in row and "2.00 USD a month (+1.00)" in row


def test_a_price_that_stays_or_falls_is_said() -> None:
    two, one = plan(resource(KEY, "a"), resource(KEY, "b")), plan(resource(KEY, "a"))
    assert price(one, one).facts[0] == Span("price unchanged")
    assert price(one, two).facts[0] == Span("-1.00 USD", "ok")
    assert list(price(one).facts) == [Span("1.00 USD a month")]


def test_each_part_has_its_subtotal_and_cents_are_folded() -> None:
    found = price(priced())
    markup = page([StackReport(priced(), extras=(found,))])
    (whole,) = re.findall(r'<div class="price">.*?</div></section>|<div class="price">.*', markup, re.DOTALL)
    assert re.search(r"<h4><span>Network</span><b>\d+\.\d\d</b></h4>", whole)
    fold = re.findall(r"<details><summary>(.*?)</summary>(.*?)</details>", whole, re.DOTALL)[0]
    count = int(re.findall(r"(\d+) lines below one dollar", fold[0])[0])
    amounts = [float(text) for text in re.findall(r"<b>([\d.]+)</b></li>", fold[1])]
    assert count == len(amounts) > 1 and all(amount < 1 for amount in amounts)
    # What has no price is said in words, not by a sign.
    assert found.headline.startswith("at least ") and "at least" in found.facts[0].text
    assert "+" not in found.headline
    comment = summary([StackReport(priced(), extras=(found,))])
    assert "| **Network** |" in comment and f"{count} lines below one dollar" in comment
    assert "Not in the total:\n\n- " in comment


def test_each_property_is_a_line_of_its_own_in_its_colour() -> None:
    section = changed()
    markup = page([StackReport(plan(), extras=(section,))])
    lines = re.findall(r"<li(?: class=\"long\")?>.*?</li>", markup.split('id="stack-dev-difference"')[1])
    assert [re.sub(r"<[^>]+>", "", line) for line in lines[:2]] == [
        "~dbName &quot;a&quot; &rarr; &quot;b&quot; forces replacement ",
        "~x 1 &rarr; 2 ",
    ]
    assert '<del>&quot;a&quot;</del> &rarr; <ins>&quot;b&quot;</ins> <em class="bad">' in lines[0]
    assert [fact.mark for fact in section.facts] == ["bad", "bad", "ok"]
    assert '<strong>db</strong> <span class="badge bad">loses ' in markup
    assert "&lt;task&gt;" in markup and "<task>" not in markup
    comment = summary([StackReport(plan(), extras=(section,))])
    assert "```diff\n-/+ rds.Instance db LOSES" in comment
    assert '\n-     dbName: "a"\n+     dbName: "b" (forces replacement)\n' in comment


def test_only_what_differs_of_two_long_values_stands_out() -> None:
    sides = (plan(resource("aws:ecs/service:Service", "s", {"image": f"{LONG}:{tag}"})) for tag in ("one", "two"))
    section = changes(Comparison("dev", "main", difference(*sides), Findings((), (), ())))
    markup = page([StackReport(plan(), extras=(section,))])
    assert f'<del><span class="same">&quot;{LONG}:</span>one&quot;</del>' in markup


def test_many_that_hurt_nobody_are_folded() -> None:
    queues = [resource("aws:sqs/queue:Queue", f"q{number}") for number in range(11)]
    made, gone = (
        changes(Comparison("dev", "main", difference(*sides), Findings((), (), ())))
        for sides in ((plan(), plan(*queues)), (plan(*queues), plan()))
    )
    markup = page([StackReport(plan(), extras=(made,))])
    assert '<details class="changes ok"><summary>11 created</summary>' in markup
    assert '<details class="changes bad" open><summary>11 deleted</summary>' in page(
        [StackReport(plan(), extras=(gone,))]
    )


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_every_amount_without_scrolling_aside(browser: Browser, tmp_path: Path, dark: bool) -> None:
    report = StackReport(priced(), extras=(changed(), price(priced(), priced())))
    file = write([report, report], tmp_path / "report")[0]
    for width in (390, 1280):
        browser.look(width, 844, dark=dark)
        browser.open(file)
        browser.run("document.querySelectorAll('details').forEach(details => { details.open = true; })")
        edges = browser.run(
            "[...document.querySelectorAll('.panel:not([hidden]) .price b')].map(b => b.getBoundingClientRect().right)"
        )
        assert len(edges) > 5 and max(edges) < width
        assert browser.run("document.querySelector('.price').closest('.scroll')") is None
        assert browser.run("document.documentElement.scrollWidth") == width
        assert browser.run(CONTRAST) == []
    # A card is read from left to right: no column is squeezed.
    browser.look(390, 844, dark=dark)
    browser.open(file)
    heights = browser.run("[...document.querySelectorAll('.tab')].map(tab => tab.clientHeight)")
    assert len(heights) == 2 and max(heights) < 220
