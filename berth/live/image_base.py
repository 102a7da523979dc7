"""Whether a service's image may lack a shell, as far as its name or its Dockerfile tells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from berth.live.place import Place
from berth.plan import Plan
from policy.rules.docker.lex import Refused, Unresolvable
from policy.rules.docker.stages import Build, final_users

_WITHOUT: Final = ("distroless", "chainguard", "cgr.dev")
"""What stands in the names of bases without a shell."""


def shell_less_base(plan: Plan, place: Place, root: Path) -> str | None:
    """Return what the image starts from if that brings no shell; None where it does, or where nobody can tell.

    Args:
        plan: the stack's, which says what is built from which Dockerfile.
        place: the service.
        root: the project's folder.
    """
    base = _base(plan, place.image, root) or place.image
    return base if base == "scratch" or any(name in base for name in _WITHOUT) else None


def _base(plan: Plan, image: str, root: Path) -> str | None:
    for one in plan.of_type("docker:index/image:Image"):
        build = one.inputs.get("build")
        if one.inputs.get("imageName") == image and isinstance(build, Mapping):
            arguments = build.get("args") or {}
            try:
                text = (root / str(build.get("dockerfile") or f"{build['context']}/Dockerfile")).read_text()
                return next(final_users(text, Build(arg=lambda name: arguments.get(name)))).base  # noqa: B023
            except (OSError, Refused, Unresolvable):
                return None
    return None
