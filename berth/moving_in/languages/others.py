"""Languages that are known by their files, and whose Dockerfile is not written here."""

from __future__ import annotations

import re
from typing import Final

from berth.moving_in.folder import Folder
from berth.moving_in.image import Placed
from berth.moving_in.project import NEVER_SENT, Project

_FILES: Final = {"Gemfile": "Ruby", "config.ru": "Ruby", "Cargo.toml": "Rust", "composer.json": "PHP"}
_SUFFIXES: Final = {".rb": "Ruby", ".rs": "Rust", ".php": "PHP", ".cs": "C#", ".kt": "Kotlin", ".java": "Java"}
_FRAMEWORK: Final = re.compile(
    r"\b(rails|sinatra|puma|axum|actix-web|rocket|warp|hyper|laravel|symfony)\b", re.IGNORECASE
)
_DRIVER: Final = re.compile(r"""\b(pg|tokio-postgres|sqlx|postgres)\b""")


def detect(folder: Folder) -> Project | None:
    """Return the project, None where nothing of it is known."""
    described = next((name for name in _FILES if name in folder), None)
    suffix = next((suffix for suffix in _SUFFIXES if any(True for _ in folder.code(suffix))), None)
    if described is None and suffix is None:
        return None
    text = folder.text(described) if described else ""
    framework, driver = _FRAMEWORK.search(text), _DRIVER.search(text)
    language = _FILES[described] if described else _SUFFIXES[str(suffix)]
    return Project(
        language=language,
        framework=framework[1] if framework else "",
        serves=framework is not None,
        driver=Placed(driver[1], str(described)) if driver else None,
        ignored=NEVER_SENT,
        problem=f"For {language} no Dockerfile is written. docs/your-own-service.md says what an image needs",
    )
