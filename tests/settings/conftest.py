from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.settings import Settings, parse
from tests.settings.judging import Judge


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's folder with the sample's Dockerfile in it."""
    root = tmp_path_factory.mktemp("project")
    context = root / "services" / "biometric"
    context.mkdir(parents=True)
    (context / "Dockerfile").write_text("FROM scratch\nUSER 10001\n")
    return root


@pytest.fixture
def judge(project: Path) -> Judge:
    return Judge(project)


@pytest.fixture
def settings_of(project: Path) -> Any:
    """Parse a config that must be right: three lines, and whatever the test adds to them."""

    def build(stack: str = "dev", backend: str = "ecs-fargate", **sections: Any) -> Settings:
        config: Mapping[str, Any] = {
            "aws:region": "us-east-1",
            "berth:backend": backend,
            **{f"berth:{name}": value for name, value in sections.items()},
        }
        return parse(stack, config, project)

    return build
