"""``berth:raft``: one machine a service."""

from __future__ import annotations

from typing import Annotated, Final

from components.berths.contract import Berth, Limit
from components.config.keys import Key, Model, one_of


class RaftSettings(Model):
    """``berth:raft``."""

    timber: Annotated[str, Key("Type of the machines.", one_of(("t3.small", "t3.large")), "t3.large")] = "t3.small"


RAFT: Final = Berth(
    "raft",
    "A raft",
    RaftSettings,
    Key("What only raft needs."),
    "components.berths.raft.host:Raft",
    (Limit("Scaling", "a raft has one machine a service"),),
)
