"""A colour for each component, the same in every picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_COLOURS: Final = {
    "edge": ("#f3ecfb", "#7643d4"),
    "network": ("#eaf3ff", "#0969da"),
    "database": ("#e9ecfb", "#3f51b5"),
    "image": ("#fff4e6", "#985600"),
    "firewall": ("#fdecec", "#cf222e"),
}
_BACKEND: Final = ("#e8f6ec", "#1a7f37")


def colour(component: str) -> tuple[str, str]:
    """Return fill and line; whatever is no room of the house is the backend."""
    return _COLOURS.get(component, _BACKEND) if component else ("#f6f8fa", "#59636e")


DARK: Final[Mapping[str, str]] = {
    # Grounds: a component's, the VPC's, a tier's, a card's, and what lies under a label.
    "#f3ecfb": "#221a33",
    "#eaf3ff": "#10233a",
    "#e9ecfb": "#1a1f3d",
    "#fff4e6": "#33230d",
    "#fdecec": "#3a1719",
    "#e8f6ec": "#10291a",
    "#f6f8fa": "#1b232d",
    "#fbfcfe": "#111a24",
    "#f1f6fd": "#142231",
    "white": "#1b232d",
    "#ffffff": "#0e1319",
    # Lines and texts.
    "#7643d4": "#c0a1f8",
    "#0969da": "#7ab8ff",
    "#3f51b5": "#a9b4f8",
    "#985600": "#f0a04b",
    "#cf222e": "#ff9d95",
    "#1a7f37": "#6fd694",
    "#0b4a99": "#9cc7ff",
    "#8cb8f0": "#41699a",
    "#59636e": "#a9b5c3",
    "#8c959f": "#8b97a5",
    "#24292f": "#d5dce5",
}
"""Every colour of a picture, and what it is where the reader's screen is dark."""

LINES: Final = frozenset(
    {"alb", "bucket", "database", "ecs-service", "endpoint", "flow-log", "image", "internet"}
    | {"logs", "machines", "nat", "parameters", "role", "task", "user"}
)
"""Icons of dark lines on nothing, which a dark ground would hide."""


def dark_style() -> str:
    """Return the style sheet that darkens an SVG for who wants that; on paper it stays light."""
    rules = [f'[{what}="{light}"]{{{what}:{dark}}}' for light, dark in DARK.items() for what in ("fill", "stroke")]
    # Graphviz names no colour where it is black, and the ground of the whole picture has no name of its own.
    rules += ["text:not([fill]){fill:#e7ecf2}", ".graph>polygon{fill:#0e1319}"]
    # The lines' lightness is turned over, their hue is kept.
    rules.append(".lines{filter:invert(1) hue-rotate(180deg)}")
    return f"<style>@media screen and (prefers-color-scheme:dark){{{''.join(rules)}}}</style>"
