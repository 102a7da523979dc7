"""How it is drawn: deterministic, self-contained, and what the documentation shows is current."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from berth.diagrams import KINDS, Kind, load, markdown, mermaid, sources, svg, write
from berth.diagrams.dot import ICONS, GraphvizError, fingerprint
from berth.diagrams.graph import Graph, Group, Node
from berth.diagrams.mermaid import render
from berth.diagrams.palette import DARK, colour
from berth.diagrams.table import LOOKS
from berth.plan import Plan
from berth.resource_types import RESOURCE_TYPES
from tests.diagrams.regenerate import DOCS, HOW, ROOT, STACKS, record
from tests.programs import recorded

needs_graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


@pytest.mark.parametrize("stack", STACKS)
def test_the_documented_pictures_are_current(plans: dict[str, Plan], stack: str) -> None:
    plan, directory = plans[stack], DOCS / stack
    flows = load(plan, ROOT)
    assert (directory / "diagrams.md").read_text(encoding="utf-8") == markdown(plan, flows), HOW
    expected = {f"{name}.svg": fingerprint(text) for name, text in sources(plan, flows).items()}
    # By what was drawn, not by the bytes: another version of Graphviz places things elsewhere.
    shown = {
        path.name: re.findall(r'data-berth="(\w+)"', path.read_text(encoding="utf-8"))[0]
        for path in directory.glob("*.svg")
    }
    assert shown == expected, HOW


@pytest.mark.parametrize("stack", STACKS)
def test_two_recordings_make_the_same_pictures(plans: dict[str, Plan], stack: str) -> None:
    again = record(stack)
    flows, before = load(again, ROOT), load(plans[stack], ROOT)
    assert markdown(again, flows) == markdown(plans[stack], before)
    assert sources(again, flows) == sources(plans[stack], before)


@needs_graphviz
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stack", STACKS)
def test_an_svg_is_well_formed_and_refers_to_nothing_outside(plans: dict[str, Plan], stack: str, kind: Kind) -> None:
    text = svg(plans[stack], kind)
    assert text == svg(plans[stack], kind)
    root = ElementTree.fromstring(text)
    links = [value for item in root.iter() for name, value in item.attrib.items() if name.endswith("href")]
    assert links
    assert all(link.startswith("data:image/png;base64,") for link in links)


@needs_graphviz
@pytest.mark.parametrize("stack", STACKS)
def test_a_picture_fits_a_page(plans: dict[str, Plan], stack: str) -> None:
    for kind in KINDS:
        width, height = size(plans[stack], kind)
        assert 0.7 <= width / height <= (2.4 if stack == "fleet" else 2)
        assert width <= 1700, "more would be too small to read on a page"


@needs_graphviz
def test_many_services_at_every_berth_can_still_be_read(tmp_path: Path) -> None:
    names = "".join(f"    shop-{n}: {{image: 'example.com/shop:{n}', path: /shop-{n}}}\n" for n in range(8))
    berths = "  berth:berths: {ecs-fargate: 80, ecs-ec2: 15, eks: 5}\n  berth:ecs-ec2: {maxInstances: 20}\n"
    plan = recorded(tmp_path, "many", f"  aws:region: us-east-1\n{berths}  berth:services:\n{names}")
    for kind in KINDS:
        width, height = size(plan, kind)
        assert width <= 1700
        assert height <= 2200, "a screen is scrolled down, not across"


def size(plan: Plan, kind: Kind) -> tuple[float, float]:
    """Return a picture's width and height in points."""
    width, height = re.findall(r'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"', svg(plan, kind))[0]
    return float(width), float(height)


@needs_graphviz
def test_write_makes_every_file_it_names(plans: dict[str, Plan], tmp_path: Path) -> None:
    plan = plans["eks-dev"]
    written = write(plan, load(plan, ROOT), tmp_path / "new" / "place")
    assert {path.name for path in written} >= {"diagrams.md", "full.svg", "full.png", "flow-post-a-record.svg"}
    assert set(written) == set((tmp_path / "new" / "place").iterdir())
    assert next(path for path in written if path.name == "full.png").read_bytes().startswith(b"\x89PNG")


def test_without_graphviz_mermaid_works_and_svg_says_what_to_install(
    plans: dict[str, Plan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [path.name for path in write(plans["eks-dev"], [], tmp_path, ["mermaid"])] == ["diagrams.md"]
    with pytest.raises(GraphvizError, match="apt-get install graphviz"):
        svg(plans["eks-dev"], "full")
    assert GraphvizError.exit_code == 2


def test_every_icon_is_there() -> None:
    titles = [kind.title for kind in RESOURCE_TYPES.values() if kind.title]
    icons = {look.icon for look in [*LOOKS.values(), *titles]} | {"generic"}
    assert {path.stem for path in ICONS.glob("*.png")} >= icons


def test_mermaid_names_are_distinct_and_texts_are_escaped() -> None:
    nodes = (Node("a/b", "x", 'say "<hi>" & go'), Node("a.b", "x", "other"))
    text = render(Graph("t", nodes, (Group("vpc", "VPC"),), ()))
    assert '"say #quot;&lt;hi&gt;#quot; &amp; go"' in text
    assert len(set(re.findall(r"na\w+(?=\()", text))) == 2


@pytest.mark.parametrize("stack", STACKS)
def test_a_flowchart_defines_what_it_connects(plans: dict[str, Plan], stack: str) -> None:
    for kind in KINDS:
        text = mermaid(plans[stack], kind)
        defined = set(re.findall(r"^\s+(n\w+)[\[(]", text, re.MULTILINE))
        ends = {end for pair in re.findall(r"(n\w+) -\.?->(?:\|.*?\|)? (n\w+)", text) for end in pair}
        assert ends
        assert ends <= defined
        assert text.count("subgraph ") == len(re.findall(r"^\s+end$", text, re.MULTILINE))


def luminance(colour: str) -> float:
    """Return how light a colour is, as WCAG counts it."""
    digits = "ffffff" if colour == "white" else colour.removeprefix("#")
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(text: str, ground: str) -> float:
    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("component", ["edge", "network", "database", "image", "firewall", "backend", ""])
def test_titles_can_be_read_on_their_ground_by_day_and_by_night(component: str) -> None:
    ground, line = colour(component)
    assert contrast(line, ground) >= 4.5
    assert contrast(DARK[line], DARK[ground]) >= 4.5


@needs_graphviz
@pytest.mark.parametrize("stack", STACKS)
def test_every_colour_has_a_dark_one(plans: dict[str, Plan], stack: str) -> None:
    for kind in KINDS:
        text = svg(plans[stack], kind)
        assert "prefers-color-scheme:dark" in text and "%3" not in text
        used = set(re.findall(r'(?:fill|stroke)="([^"]+)"', text)) - {"none", "transparent"}
        assert used and used <= set(DARK)
