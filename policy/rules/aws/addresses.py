"""Which address ranges are the whole world."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from ..values import Field, texts

_WIDEST = {4: 8, 6: 16}
"""No single owner on the internet has a block that is wider: what is, stands for everyone."""


def is_world(field: Field) -> bool:
    """Tell whether a CIDR block is ``0.0.0.0/0``, ``::/0``, or so wide that it can only mean them, as halves do."""
    text = field.text()
    if text is None:
        return False
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        raise field.malformed("an address range such as 10.0.0.0/16") from None
    return network.prefixlen < _WIDEST[network.version] and not network.is_private


def worlds(*lists: Field) -> Iterator[Field]:
    """Yield the entries of lists of CIDR blocks that are the whole world."""
    for blocks in lists:
        for block, _ in texts(blocks):
            if is_world(block):
                yield block
