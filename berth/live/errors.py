"""What can go wrong on the way to what runs; each error says what to do, in a line or two."""

from __future__ import annotations

from berth.errors import BerthError


class LiveError(BerthError):
    """AWS or a cluster cannot be asked, or does not do what it was asked for."""


class AbsentError(LiveError):
    """What the Plan names is not there: the stack, or this part of it, is not up."""


class UnreachedError(LiveError):
    """A cluster's API is not reached from here; other berths may be."""
