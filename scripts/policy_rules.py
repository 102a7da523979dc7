"""Write policy/RULES.md and policy/config.schema.json from the policies' rules.

python scripts/policy_rules.py [--check]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from policy.rules.config import CONFIGURABLE, EVERY_RULE, LEVEL_KEY, LEVELS, PRODUCTION  # noqa: E402
from policy.rules.kubernetes.podrule import NEWEST  # noqa: E402
from policy.rules.registry import RULES  # noqa: E402
from policy.rules.rule import AnyRule, Level, StackRule  # noqa: E402
from policy.rules.workloads import IMAGES_ONLY, JUDGED, MACHINES, UNJUDGED  # noqa: E402
from scripts.generated import table, write  # noqa: E402

TABLE: Final = ROOT / "policy" / "RULES.md"
SCHEMA: Final = ROOT / "policy" / "config.schema.json"

GROUPS: Final = {
    "kubernetes": (
        "Kubernetes",
        "Every kind that starts pods, what is shaped like a pod in custom resources, and what a Helm release renders.\n"
        f"The Pod Security Standards are known up to v1.{NEWEST}.",
    ),
    "ecs": ("Amazon ECS", "Task definitions and Batch jobs by whatever name: templates' and Cloud Control's, too."),
    "docker": ("Docker", "Containers, services, and the Dockerfiles of images that the program builds."),
    "machine": ("Machines", "Containers that a machine starts by its user data: units of Quadlet, and commands."),
    "aws": ("AWS", "What surrounds a workload: its network, edge, images, database, buckets, rights and machines."),
    "pack": (
        "The pack itself",
        "What of a configuration is over or not needed. Exemptions hold whatever the level, and always are listed;\n"
        "[README.md](README.md#exemptions) shows how to write them.",
    ),
}

WORKLOADS: Final = """\
Every type of the AWS and Docker providers whose inputs say what to run, held to the providers' own lists by a test, and
what is known of others. On Kubernetes every kind that starts pods is judged, and Helm releases are as README.md says.
What is not known is named by `pack-nothing-unjudged`, once for a type."""

INTRODUCTION: Final = """\
# The rules

<!-- Written by scripts/policy_rules.py from the rules themselves; a test keeps it so. -->

{count} rules. A **mandatory** one stops a deployment, an **advisory** one is printed, and one that is **off** runs when
a configuration turns it on. Where a rule needs a value that is not known yet, it is broken: a pass would be a guess.
Rules marked † look at a resource together with the rest of its stack.

How to use and configure them is in [README.md](README.md); what a configuration may hold is also there as a
[JSON schema](config.schema.json).
"""


def reference() -> str:
    """Return ``policy/RULES.md``."""
    strangers = {rule.split("-")[0] for rule in CONFIGURABLE} - GROUPS.keys()
    if strangers:
        raise SystemExit(f"no group is described for the rules {', '.join(sorted(strangers))}")
    parts = [INTRODUCTION.format(count=len(RULES))]
    for prefix, (title, about) in GROUPS.items():
        rules = [rule for rule in CONFIGURABLE.values() if rule.id.startswith(f"{prefix}-")]
        parts += [f"## {title}\n\n{about}\n", _rules(rules), _settings(rules)]
    parts.append(f"## What runs code\n\n{WORKLOADS}\n\n{_workloads()}")
    return "\n".join(part for part in parts if part)


def _workloads() -> str:
    what = {
        **JUDGED,
        **dict.fromkeys(MACHINES, "its units of Quadlet are judged; named where its user data starts others"),
        IMAGES_ONLY: "judged by what starts its image; named where the stack does not build that",
        **dict.fromkeys(UNJUDGED, "not known to this pack: named once"),
    }
    return table(["type", "what the pack does with it"], ([f"`{token}`", what[token]] for token in sorted(what)))


def _rules(rules: list[AnyRule]) -> str:
    head = ["rule", "level", "severity", "what it checks", "how to mend it", "what it answers to"]
    return table(
        head,
        (
            [
                f"`{rule.id}`{' †' if isinstance(rule, StackRule) else ''}",
                "off" if rule.level is Level.OFF else rule.level.value,
                rule.severity.value,
                rule.description,
                rule.remediation,
                "; ".join(rule.frameworks),
            ]
            for rule in rules
        ),
    )


def _settings(rules: list[AnyRule]) -> str:
    """Return a table of the settings, each once with all rules that have it."""
    known: dict[str, tuple[str, Any, list[str]]] = {}
    for rule in rules:
        for key, about in rule.config.items():
            known.setdefault(json.dumps([key, about], sort_keys=True), (key, about, []))[2].append(rule.id)
    if not known:
        return ""
    rows = (
        [f"`{key}`", about["type"], _default(key, about), about["description"], _named(ids, rules)]
        for key, about, ids in known.values()
    )
    return "Settings:\n\n" + table(["key", "type", "default", "what it says", "rules"], rows)


def _default(key: str, about: Any) -> str:
    return f"`<project>:{key}` of the stack" if key == PRODUCTION else f"`{json.dumps(about['default'])}`"


def _named(ids: list[str], rules: list[AnyRule]) -> str:
    others = [rule.id for rule in rules if rule.id not in ids]
    if len(others) < len(ids):
        return "every rule of this table" + (" but " + ", ".join(f"`{one}`" for one in others) if others else "")
    return ", ".join(f"`{one}`" for one in ids)


def schema() -> str:
    """Return ``policy/config.schema.json``."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of the berth policy pack",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            EVERY_RULE: {
                "description": "The level of every rule that is not named.",
                "anyOf": [{"$ref": "#/$defs/level"}, _settings_schema({})],
            },
            **{
                rule.id: {
                    "description": rule.description,
                    "anyOf": [{"$ref": "#/$defs/level"}, _settings_schema(rule.config)],
                }
                for rule in CONFIGURABLE.values()
            },
        },
        "$defs": {"level": {"enum": list(LEVELS)}},
    }
    return json.dumps(document, indent=2) + "\n"


def _settings_schema(config: Any) -> dict[str, Any]:
    own = {key: dict(about) for key, about in config.items()}
    own.get(PRODUCTION, {}).pop("default", None)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {LEVEL_KEY: {"$ref": "#/$defs/level"}, **own},
    }


def outputs() -> dict[Path, str]:
    """Return the files that are written, with what they should hold."""
    return {TABLE: reference(), SCHEMA: schema()}


def main() -> int:
    """Write or check the files; return the exit status."""
    return write(outputs, ROOT, (__doc__ or "").splitlines()[0])


if __name__ == "__main__":
    sys.exit(main())
