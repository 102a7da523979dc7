"""Services that are functions of Lambda: what its alias stands for."""

from __future__ import annotations

from typing import Final

from berth.live.aws import Aws
from berth.live.errors import AbsentError
from berth.live.place import Place
from berth.live.status import Deployment, Status, version
from berth.live.targets import targets

ALIAS: Final = "live"
"""Name of the alias that the load balancer calls."""


def status(aws: Aws, place: Place) -> Status:
    """Return what is known of the function's version that is called; not present without function or alias.

    Raises:
        LiveError: AWS cannot be asked.
    """
    try:
        found = aws.call("lambda", "get_function", FunctionName=place.cluster, Qualifier=ALIAS)
    except AbsentError:
        return Status(place, present=False)
    function = found["Configuration"]
    state, reason = function.get("State", "Active"), function.get("StateReason", "")
    return Status(
        place,
        deployment=Deployment(
            f"version {function['Version']}",
            "failed" if state == "Failed" else "in progress" if state == "Pending" else "completed",
            version(found.get("Code", {}).get("ImageUri", "")),
            reason=reason,
        ),
        targets=targets(aws, place),
    )
