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

    Nobody can where a whole root is copied over nothing, as the sample's Dockerfile does.

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
            arguments: Mapping[str, str] = build.get("args") or {}
            try:
                text = (root / str(build.get("dockerfile") or f"{build['context']}/Dockerfile")).read_text()
                final = next(final_users(text, Build(arg=arguments.get)))
            except (OSError, Refused, Unresolvable):
                return None
            whole = any(step.keyword == "copy" and step.rest.split()[-1] == "/" for step, _ in final.steps)
            return None if whole else final.base
    return None
