"""The base: the Plan of another revision's program, and the policies' findings in it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from berth.config import PROJECT_FILE
from berth.difference.codec import loads
from berth.difference.revision import Revision, checked_out, resolve
from berth.errors import ConfigError, ProgramError
from berth.plan import Notice, Plan
from berth.views.common import Violation
from berth.yaml_file import read

_SALT_BYTES: Final = 32


@dataclass(frozen=True)
class Base:
    """One side of the comparison."""

    revision: Revision
    plan: Plan
    """Its secrets are sealed."""
    violations: Sequence[Violation]
    """By this checkout's policies, so that only the program makes the difference."""
    notices: tuple[str, ...] = ()
    """What a reader of the difference should know."""
    salt: bytes = field(default=b"", repr=False)
    """What the Plan's secrets are sealed with, as those of the other side have to be."""


def base_at(stack: str, root: Path, rev: str, policy_config: Path | None = None) -> Base:
    """Plan and judge ``stack`` as the program was at ``rev``.

    The checkout is not touched. The program runs with the packages that are installed now, not with
    those that the revision locks.

    Args:
        stack: The stack's name.
        root: The project's directory in the checkout.
        rev: Anything that git takes for a commit.
        policy_config: The pack's configuration, as ``pulumi preview --policy-pack-config`` takes it.

    Raises:
        ConfigError: There is no repository or commit, or the stack's config at ``rev`` cannot be used.
        ProgramError: The program at ``rev`` fails.
    """
    root = root.resolve()
    revision = resolve(root, rev)
    with checked_out(root, revision) as tree:
        missing = next((name for name in (PROJECT_FILE, f"Pulumi.{stack}.yaml") if not (tree / name).is_file()), None)
        if missing:
            text = f"At {revision.short} there is no {missing}: everything is new."
            return Base(revision, Plan(stack, (), {}, (Notice("warning", text),)), (), (text,))
        salt = secrets.token_bytes(_SALT_BYTES)
        config = str(policy_config.resolve()) if policy_config else None
        request = {"stack": stack, "root": str(tree), "salt": salt.hex(), "policy_config": config}
        answer = _asked(request, revision)
        notices = _reencrypted(_encrypted(tree, stack), _encrypted(root, stack))
    findings = tuple(Violation(**item | {"frameworks": tuple(item["frameworks"])}) for item in answer["violations"])
    return Base(revision, loads(answer["plan"]), findings, notices, salt)


def _reencrypted(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is to be said of config whose ciphertext differs: both programs got the same placeholder for it."""
    changed = sorted(key for key in before.keys() & after.keys() if before[key] != after[key])
    if not changed:
        return ()
    return (f"Encrypted anew, so perhaps changed, and that is not seen here: {', '.join(changed)}.",)


def _encrypted(root: Path, stack: str) -> dict[str, str]:
    """Return the encrypted values of a stack's config: a path to its ciphertext."""
    file = root / f"Pulumi.{stack}.yaml"
    document = read(file).value if file.is_file() else None
    found: dict[str, str] = {}

    def look(value: Any, path: str) -> None:
        if isinstance(value, dict) and set(value) == {"secure"}:
            found[path] = str(value["secure"])
        elif isinstance(value, dict | list):
            items = value.items() if isinstance(value, dict) else enumerate(value)
            for key, item in items:
                look(item, f"{path}.{key}" if path else str(key))

    look(document.get("config") if isinstance(document, dict) else None, "")
    return found


def _asked(request: dict[str, Any], revision: Revision) -> dict[str, Any]:
    home = str(Path(__file__).resolve().parents[2])
    # The salt goes through a pipe: arguments can be read by everybody.
    done = subprocess.run(
        # No bytecode: the directory is gone in a moment. No current directory on the path: it is the head's.
        [sys.executable, "-B", "-P", "-m", "berth.difference.worker"],
        input=json.dumps(request),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise ProgramError(
            f"The program at {revision.short} ended its process (exit code {done.returncode}).\n{done.stderr.strip()}"
        ) from None
    if "error" in answer:
        kind = ConfigError if answer["kind"] == "config" else ProgramError
        raise kind(f"At {revision.short}:\n{answer['error']}")
    return answer
