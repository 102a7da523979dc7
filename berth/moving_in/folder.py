"""A folder's texts: what stands in its source, and where."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from berth.moving_in.image import Placed

CODE: Final = (".py", ".js", ".mjs", ".cjs", ".ts", ".go", ".java", ".kt", ".rb", ".rs", ".php", ".cs")
_MORE: Final = (".toml", ".json", ".mod", ".xml", ".gradle", ".kts", ".properties", ".yml", ".yaml", ".ru", ".txt")
_NAMES: Final = ("Procfile", "Gemfile", "manage.py", ".python-version", ".nvmrc", ".dockerignore", "gradlew", "go.sum")
_LOCKS: Final = ("uv.lock", "poetry.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "Pipfile.lock")
"""Whether they are there is all that matters."""
_PASSED_OVER: Final = re.compile(
    r"\..*|node_modules|vendor|venv|env|target|build|dist|bin|obj|__pycache__|tests?|__tests__|specs?|migrations"
)
"""Folders that hold no source of what runs."""
_TEST: Final = re.compile(r"(test_.*|.*_test|.*\.test|.*\.spec|conftest|.*Tests?)\.\w+")
LARGEST: Final = 300_000
"""Bytes of a file that is read; source is smaller."""
MOST: Final = 3000
"""Files that are read: a guess need not be dear."""


@dataclass(frozen=True)
class Folder:
    """The texts of a folder, by path below it; a lock file's text is left out."""

    texts: Mapping[str, str]

    def __contains__(self, path: str) -> bool:
        return path in self.texts

    def text(self, path: str) -> str:
        """Return a file's text, empty where there is none."""
        return self.texts.get(path, "")

    def code(self, *suffixes: str) -> Iterator[tuple[str, str]]:
        """Yield the source files, those nearest to the top first."""
        for path in sorted(self.texts, key=lambda path: (path.count("/"), path)):
            if path.endswith(suffixes or CODE):
                yield path, self.texts[path]

    def copied(self, sources: Sequence[str]) -> Folder:
        """Return it without the source that an image is not given.

        Args:
            sources: files and folders that the Dockerfile copies; where there is none, or ``.``, it is given all.
        """
        if not sources or "." in sources:
            return self
        return Folder(
            {
                path: text
                for path, text in self.texts.items()
                if not path.endswith(CODE) or any(path == one or path.startswith(f"{one}/") for one in sources)
            }
        )

    def find(self, pattern: re.Pattern[str], *suffixes: str) -> tuple[re.Match[str], str] | None:
        """Return the first match in the source, and its place: ``app/main.py:12``."""
        for path, text in self.code(*suffixes):
            if found := pattern.search(text):
                return found, f"{path}:{text.count(chr(10), 0, found.start()) + 1}"
        return None

    def placed(self, pattern: re.Pattern[str], *suffixes: str) -> Placed | None:
        """Return what the pattern's last group that matched holds, and where."""
        found = self.find(pattern, *suffixes)
        return Placed(found[0][found[0].lastindex or 0], found[1]) if found else None


def _is_read(path: Path) -> bool:
    told = path.name in _NAMES or path.name.endswith((*CODE, *_MORE))
    return told and not _TEST.fullmatch(path.name) and path.is_file() and path.stat().st_size <= LARGEST


def read(root: Path) -> Folder:
    """Read a folder's source and the files that describe it."""
    texts: dict[str, str] = {}
    for place, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if not _PASSED_OVER.fullmatch(name))
        for name in sorted(names):
            path = Path(place, name)
            key = path.relative_to(root).as_posix()
            if name in _LOCKS:
                texts[key] = ""
            elif _is_read(path):
                texts[key] = path.read_text(errors="replace")
            if len(texts) >= MOST:
                return Folder(texts)
    return Folder(texts)
