"""The pack's configuration: one JSON object with each rule's level and settings, as the Pulumi CLI reads it.

    {
      "all": "mandatory",
      "kubernetes-run-as-user": "disabled",
      "ecs-read-only-root": {"enforcementLevel": "mandatory", "exemptContainers": ["log_router"]}
    }

The CLI takes names that it does not know in silence. Here they are errors: a rule that someone meant to turn on, or a
container that someone meant to exempt, must not depend on a spelling.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .exemptions import EXEMPTIONS, exemption_problems
from .registry import RULES
from .rule import AnyRule, Config, Level
from .schema import problems

CONFIGURABLE: Final[Mapping[str, AnyRule]] = {**RULES, EXEMPTIONS.id: EXEMPTIONS}
"""What a configuration may name beside ``all``, by id."""

EVERY_RULE: Final = "all"
"""The name under which a config sets the level of every rule."""

LEVEL_KEY: Final = "enforcementLevel"

LEVELS: Final = {
    "mandatory": Level.MANDATORY,
    "advisory": Level.ADVISORY,
    "disabled": Level.OFF,
    # The CLI's fourth level: a rule that cannot mend what it finds stops the deployment, there as here.
    "remediate": Level.MANDATORY,
}

PRODUCTION: Final = "production"
"""The key of rules that are stricter in production. Where it is not given, the stack's config decides."""


class ConfigError(ValueError):
    """A configuration that cannot be used; the text lists everything that is wrong with it."""

    def __init__(self, problems: Collection[str]) -> None:
        super().__init__("The policies' configuration cannot be used:\n" + "\n".join(f"- {one}" for one in problems))
        self.problems: Final = tuple(problems)


@dataclass(frozen=True)
class PackConfig:
    """What a configuration says."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    """Levels that differ from the rules' own, by id."""
    settings: Mapping[str, Config] = field(default_factory=dict)
    """Each rule's settings, by id."""


def read(file: Path) -> PackConfig:
    """Read a configuration file.

    Raises:
        ConfigError: It is not there, not JSON, or says something that no rule knows.
    """
    try:
        text = file.read_text(encoding="utf-8")
        document = json.loads(text, object_pairs_hook=_unique) if text.strip() else {}
    except OSError as error:
        raise ConfigError([f"{file} cannot be read: {error.strerror}"]) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError([f"{file} is not JSON: {error}"]) from None
    return parse(document)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, which would take the last of two equal keys in silence.

    Raises:
        ConfigError: A key stands there twice.
    """
    twice = sorted(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
    if twice:
        raise ConfigError([f"{name}: stands there more than once; write each name once" for name in twice])
    return dict(pairs)


def parse(document: Any) -> PackConfig:
    """Make sense of a configuration as the CLI does.

    Raises:
        ConfigError: It says something that no rule knows.
    """
    if not isinstance(document, dict):
        raise ConfigError(['must be an object, for example {"ecs-read-only-root": "mandatory"}'])
    found = list(_strangers(document))
    levels: dict[str, Level] = {}
    settings: dict[str, Config] = {}
    for name in sorted(document, key=lambda name: (name != EVERY_RULE, name)):
        if name not in CONFIGURABLE and name != EVERY_RULE:
            continue
        value = document[name]
        if not isinstance(value, str | dict):
            found.append(f'{name}: must be a level or an object, for example {{{json.dumps(LEVEL_KEY)}: "advisory"}}')
            continue
        given = {LEVEL_KEY: value} if isinstance(value, str) else value
        level = LEVELS.get(given[LEVEL_KEY]) if isinstance(given.get(LEVEL_KEY), str) else None
        if LEVEL_KEY in given and level is None:
            found.append(f"{name}: {LEVEL_KEY} must be one of {', '.join(LEVELS)}")
        own = {key: member for key, member in given.items() if key != LEVEL_KEY}
        found += setting_problems(name, own)
        if level is not None:
            levels |= dict.fromkeys(CONFIGURABLE if name == EVERY_RULE else [name], level)
        if own:
            settings[name] = own
    if found:
        raise ConfigError(found)
    return PackConfig(levels, settings)


def _strangers(names: Collection[str]) -> Iterator[str]:
    for name in sorted(names):
        if name not in CONFIGURABLE and name != EVERY_RULE:
            if name == "environments":
                yield f"{name}: only the Pulumi Cloud can resolve these; write the settings themselves"
            else:
                yield f"{name}: no such rule{_nearest(name, [*CONFIGURABLE, EVERY_RULE])}; policy/RULES.md lists all"


def setting_problems(name: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one rule's settings, or with those of a rule that does not exist."""
    if name == EVERY_RULE:
        if settings:
            yield f"{name}: takes nothing but {LEVEL_KEY}; write {', '.join(sorted(settings))} under each rule"
        return
    if name not in CONFIGURABLE:
        yield from _strangers([name])
        return
    schemas = CONFIGURABLE[name].config
    found = 0
    for key in sorted(settings):
        if key not in schemas:
            allowed = ", ".join([LEVEL_KEY, *schemas])
            yield f"{name}: no such key: {key}{_nearest(key, [LEVEL_KEY, *schemas])}; it knows {allowed}"
            found += 1
            continue
        for problem in problems(schemas[key], settings[key]):
            yield f"{name}: {key} {problem}"
            found += 1
    if name == EXEMPTIONS.id and not found:
        yield from exemption_problems(settings, RULES)


def _nearest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    return f" (the nearest is {near[0]})" if near else ""


def is_production(project: str, stack_config: Mapping[str, str]) -> bool:
    """Tell whether the stack's config marks it as one that holds what must not be lost: ``<project>:production``.

    Anything but a plain "false" counts as yes: it is the stricter reading.
    """
    return stack_config.get(f"{project}:{PRODUCTION}", "false").strip().lower() != "false"


def in_stack(rule: AnyRule, config: Config, production: bool) -> Config:
    """Return a rule's configuration with what follows from the stack, where it says nothing else itself."""
    if PRODUCTION in rule.config and PRODUCTION not in config:
        return {**config, PRODUCTION: production}
    return config
