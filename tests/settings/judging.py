"""What a config is told by the report: the helper of these tests."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.settings import Problem, SettingsError, parse


@dataclass(frozen=True)
class Judge:
    """Gives the problems of a config, three lines of it right unless a test says otherwise."""

    root: Path

    def __call__(
        self,
        config: dict[str, Any] | None = None,
        *,
        stack: str = "dev",
        backend: str = "ecs-fargate",
        secret_keys: Collection[str] = (),
        **sections: Any,
    ) -> list[Problem]:
        """Return the problems; ``sections`` are ``berth:`` keys, ``config`` replaces the three lines."""
        base = {"aws:region": "us-east-1", "berth:backend": backend} if config is None else config
        full = {**base, **{f"berth:{name}": value for name, value in sections.items()}}
        try:
            parse(stack, full, self.root, secret_keys)
        except SettingsError as error:
            return list(error.problems)
        return []

    def section(self, name: str, values: Any, **others: Any) -> list[Problem]:
        """Return the problems of a config with one ``berth:`` object."""
        return self(**others, **{name: values})

    def one(self, path: str, value: Any, **others: Any) -> Problem:
        """Return the only problem of a config with one dotted key set."""
        problems = self(**others, **nested(path, value))
        assert [problem.key for problem in problems] == [f"berth:{path}"], problems
        return problems[0]


def nested(path: str, value: Any) -> dict[str, Any]:
    """Return ``{"service": {"cpu": 1}}`` for ``service.cpu`` and 1."""
    for name in reversed(path.split(".")):
        value = {name: value}
    assert isinstance(value, dict)
    return value
