"""The data that a change of program would lose, each loss under a name that a person accepts it by."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from typing import Final

from berth.difference.outcome import WORDS, ResourceChange, address
from berth.resource_types.holdings import lost_with
from berth.views.common import kind, masked
from berth.views.losses import Loss

_DIGITS: Final = 8


def lost(change: ResourceChange) -> str:
    """Return what a change loses, e.g. ``its databases``; empty if it loses nothing.

    A resource that moves is deleted and made anew, unless the program names its old place as an alias.
    """
    if change.before is None or change.aliased or change.kind not in ("delete", "replace", "move"):
        return ""
    return lost_with(change.before)


def loss(change: ResourceChange, stack: str, accepted: Collection[str]) -> Loss:
    """Return a change that loses data as the loss that a person is asked to accept.

    The name holds a hash of the stack, the kind of change and its reasons, so it does not accept a later, other loss.
    """
    resource = change.resource
    forcing = [item for item in change.changes if item.replaces]
    reasons = [[item.where, item.note, masked(item.before), masked(item.after)] for item in forcing]
    text = json.dumps([stack, change.kind, address(resource.urn), reasons], sort_keys=True, default=repr)
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
    # No blanks: an environment variable names several, with blanks between them.
    name = re.sub(r"\s", "_", f"{stack}/{kind(resource)}/{resource.name}@{digest}")
    what = f"{kind(resource)} {resource.name} is {WORDS[change.kind]} and loses {change.loses}"
    return Loss(resource.urn, what, name, name in accepted)
