"""Files of a service as volumes: what the project holds in a ConfigMap, secrets in a Secret, a folder each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.service.spec import File, Source


def files_name(service: str) -> str:
    """Return the name of the ConfigMap and of the Secret."""
    return f"{service}-files"


def keys(files: Sequence[File]) -> dict[str, File]:
    """Return the files by their key in the ConfigMap or Secret, which may hold no slash."""
    ordered = sorted(files, key=lambda file: file.path)
    return {f"{index}-{file.path.rpartition('/')[2]}": file for index, file in enumerate(ordered)}


def volumes(service: str, files: Sequence[File]) -> list[dict[str, Any]]:
    """Return the chart's ``files``: a volume for each folder, projected from one or both."""
    named = keys(files)
    return [
        {
            "name": f"files-{index}",
            "folder": folder,
            "sources": [
                {kind: {"name": files_name(service), "items": items}}
                for kind, secret in (("configMap", False), ("secret", True))
                if (items := _items(named, folder, secret=secret))
            ],
        }
        for index, folder in enumerate(sorted({file.folder for file in files}))
    ]


def _items(named: dict[str, File], folder: str, *, secret: bool) -> list[dict[str, str]]:
    return [
        {"key": key, "path": key.partition("-")[2]}
        for key, file in named.items()
        if file.folder == folder and isinstance(file.content, Source) == secret
    ]
