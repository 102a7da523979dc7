"""Who a container's `user` string really is."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum
from typing import Final

_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\$?")
_ROOT_NAMES: Final = frozenset({"root", "toor"})
_LARGEST_UID: Final = 2**31 - 1


class User(Enum):
    """What a `user` string resolves to."""

    ROOT = "root"
    OTHER = "not root"
    INVALID = "not a user"


def resolve(user: str, aliases: Collection[str] = ()) -> User:
    """Resolve ``user[:group]`` as a container runtime does, in doubt for the worse.

    The runtime reads the part before the colon with ``strconv.Atoi`` (``0``, ``00``, ``+0`` and ``-0`` are all uid 0)
    and falls back to uid 0 when that part is empty. ``aliases`` are further names known to have uid 0.
    """
    name = user.strip().split(":", 1)[0].strip()
    if not name or name.lower() in _ROOT_NAMES or name in aliases:
        return User.ROOT
    if _INTEGER.fullmatch(name):
        uid = int(name)
        if uid == 0:
            return User.ROOT
        return User.OTHER if 0 < uid <= _LARGEST_UID else User.INVALID
    return User.OTHER if _NAME.fullmatch(name) else User.INVALID
