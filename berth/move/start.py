"""What a move starts from: the weights that a stack has, and its config with the new berth beside the others."""

from __future__ import annotations

from berth.errors import ConfigError
from berth.plan import Plan


def start(plan: Plan, to: str) -> tuple[dict[str, int], dict[str, object]]:
    """Return the weights that a stack's services have, and the config that puts another berth beside them.

    Args:
        plan: The stack's own.
        to: The berth that the services are to move to; it begins without a request.

    Returns:
        The weights, and what stands instead of the stack's own config, by full key.

    Raises:
        ConfigError: There is nothing to move, or nowhere to move from.
    """
    before = {one.berth: one.weight for one in plan.moorings}
    if not before:
        raise ConfigError(f"{plan.stack} has no services at berths, so there is nothing to move.")
    if not any(weight for name, weight in before.items() if name != to):
        raise ConfigError(
            f"--move-to {to}: all services of {plan.stack} are there already.\n"
            "Name a berth that they are to move to, for example --move-to eks"
        )
    before[to] = 0
    return before, {"berth:backend": None, "berth:berths": before}
