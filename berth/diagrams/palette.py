"""A colour for each component, the same in every picture."""

from __future__ import annotations

from typing import Final

_COLOURS: Final = {
    "edge": ("#f3ecfb", "#8250df"),
    "network": ("#eaf3ff", "#0969da"),
    "database": ("#e9ecfb", "#3f51b5"),
    "image": ("#fff4e6", "#bc6a00"),
    "firewall": ("#fdecec", "#cf222e"),
}
_BACKEND: Final = ("#e8f6ec", "#1a7f37")


def colour(component: str) -> tuple[str, str]:
    """Return fill and line; whatever is no room of the house is the backend."""
    return _COLOURS.get(component, _BACKEND) if component else ("#f6f8fa", "#59636e")
