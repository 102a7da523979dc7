"""Records and judges another revision's program, in a process of its own.

It reads one JSON object (``stack``, ``root``, ``salt``, ``policy_config``) and writes one: the Plan and the violations,
or the error. A process can hold the modules of one program only, and the caller may hold those of another revision.
Berth and the policies are this checkout's, so that both programs are judged alike.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import berth
from berth.errors import BerthError, ConfigError, ProgramError
from berth.plan import Plan

_HOME: Final = Path(berth.__file__).resolve().parents[1]
"""Where this berth lies; in a checkout, beside modules that are named as the revision's."""


def work(request: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one request."""
    root = Path(request["root"])
    try:
        plan = _recorded(request["stack"], root)
        from berth.difference.codec import dumps

        violations = _judged(plan, root, request["policy_config"])
        return {"plan": dumps(plan, bytes.fromhex(request["salt"])), "violations": violations}
    except BerthError as error:
        return {"error": str(error), "kind": "config" if isinstance(error, ConfigError) else "program"}


def _recorded(stack: str, root: Path) -> Plan:
    from berth.record import record_plan

    path = list(sys.path)
    # An editable install makes this checkout's modules importable by the same names. A module that only they
    # have must be missing, as it is for that revision's own `pulumi up`.
    sys.path[:] = [entry for entry in path if entry and (Path(entry).resolve() != _HOME or _is_installed())]
    _forget_policies()
    try:
        plan = record_plan(stack, root)
    finally:
        sys.path[:] = path
    _check_origin(root)
    return plan


def _is_installed() -> bool:
    return _HOME.name in ("site-packages", "dist-packages")


def _check_origin(root: Path) -> None:
    """Make sure that the revision's program ran with the revision's modules.

    Raises:
        ProgramError: If it did not: its Plan would be that of no program.
    """
    for name, module in sorted(sys.modules.items()):
        top = name.partition(".")[0]
        if top in ("__main__", "berth"):
            continue
        file = getattr(module, "__file__", None)
        if file and ((root / top).is_dir() or (root / f"{top}.py").is_file()):
            path = Path(file).resolve()
            if _HOME in path.parents and "site-packages" not in path.parts and root not in path.parents:
                raise ProgramError(f"The base's program imported {name} from this checkout instead of its own files.")


def _judged(plan: Plan, root: Path, config: str | None) -> list[dict[str, Any]]:
    # The revision's program may have imported a pack of its own; the judge is this checkout's.
    _forget_policies()
    # The recorder has taken the revision's directory off the path again; nothing hides this checkout's pack.
    from berth.judgement import judge_plan

    return [asdict(item) for item in judge_plan(plan, root, Path(config) if config else None).violations]


def _forget_policies() -> None:
    """Let the next import of a policy pack look for it anew."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "policy"]:
        del sys.modules[name]


def main() -> None:
    """Answer the request on standard input."""
    # Whatever the program's libraries print, even past Python, must not end up in the answer.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    with answer:
        json.dump(work(request), answer)


if __name__ == "__main__":
    main()
