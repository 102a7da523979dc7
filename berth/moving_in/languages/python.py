"""Python: FastAPI, Flask, Django and others, with uv, pip or a bare program."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from berth.moving_in.folder import Folder
from berth.moving_in.image import Placed
from berth.moving_in.project import (
    CONFINED,
    NEVER_SENT,
    READABLE,
    Project,
    by_shell,
    command,
    first_of,
    procfile,
    stage,
)

VERSION: Final = "3.13"
UV: Final = "0.9.9"
ASGI: Final = {"fastapi": "FastAPI", "starlette": "Starlette", "litestar": "Litestar", "quart": "Quart"}
WSGI: Final = {"flask": "Flask", "bottle": "Bottle", "falcon": "Falcon"}
_SERVERS: Final = {"aiohttp": "aiohttp", "tornado": "Tornado", "sanic": "Sanic", "django": "Django"}
_DRIVERS: Final = {name: name for name in ("psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "pg8000")}
_PROGRAMS: Final = ("main.py", "app.py", "server.py", "__main__.py", "run.py", "src/main.py", "src/app.py")
_HEALTH: Final = {
    "FastAPI": ('@app.get("/healthz")', "async def healthz() -> dict[str, str]:", "    return {}"),
    "Flask": ('@app.get("/healthz")', "def healthz():", "    return {}"),
    "Django": ('path("healthz", lambda request: HttpResponse()),',),
}


def detect(folder: Folder) -> Project | None:
    """Return the project, None where it is none in Python."""
    wanted = dict(_requirements(folder))
    described = [name for name in ("pyproject.toml", "requirements.txt", "Pipfile.lock") if name in folder]
    if not described and not any(True for _ in folder.code(".py")):
        return None
    found = first_of({**ASGI, **WSGI, **_SERVERS}, wanted)
    driver = first_of(_DRIVERS, wanted)
    framework = found[1] if found else ""
    words, more = _command(folder, found[0] if found else "", wanted)
    problem = ""
    if "poetry.lock" in folder and "requirements.txt" not in folder:
        problem = "Poetry's lock file is read by Poetry only: poetry export -f requirements.txt -o requirements.txt"
    elif not words:
        problem = (
            f"There is none of {', '.join(_PROGRAMS[:4])}, no application of FastAPI or Flask in a variable, no"
            " manage.py, and no line web: in a Procfile. Say in a Procfile how it is started, e.g. web: python -m shop"
        )
    return Project(
        language="Python",
        framework=framework,
        serves=bool(found),
        driver=Placed(driver[1], driver[2]) if driver else None,
        health_lines=_HEALTH.get(framework, ()),
        dockerfile="" if problem else _dockerfile(folder, words or [], more),
        ignored=(*NEVER_SENT, "**/__pycache__", "**/*.pyc", "**/.venv", "**/venv", ".pytest_cache", ".mypy_cache"),
        problem=problem,
    )


def _document(folder: Folder) -> Mapping[str, Any]:
    try:
        return tomllib.loads(folder.text("pyproject.toml"))
    except tomllib.TOMLDecodeError:
        return {}


def _requirements(folder: Folder) -> Iterator[tuple[str, str]]:
    """Yield the names of what it depends on, small and with hyphens, and where each stands."""
    for line in folder.text("requirements.txt").splitlines():
        if found := re.match(r"\s*([A-Za-z0-9][\w.-]*)(\[[^\]]*\])?", line):
            yield from _named(found, "requirements.txt")
    document = _document(folder)
    poetry = document.get("tool", {}).get("poetry", {}).get("dependencies", {})
    for one in (*document.get("project", {}).get("dependencies", ()), *poetry):
        if found := re.match(r"([A-Za-z0-9][\w.-]*)(\[[^\]]*\])?", str(one)):
            yield from _named(found, "pyproject.toml")


def _named(found: re.Match[str], place: str) -> Iterator[tuple[str, str]]:
    yield re.sub(r"[-_.]+", "-", found[1]).lower(), place
    # What brings its server along.
    if found[2] and found[1].lower() == "fastapi" and re.search("standard|all", found[2]):
        yield "uvicorn", place


def _command(folder: Folder, framework: str, wanted: Mapping[str, str]) -> tuple[list[str] | None, str]:
    """Return what starts it, and a server that the image needs beside what it depends on."""
    if declared := procfile(folder):
        return declared, ""
    if framework in ASGI:
        if made := _application(folder, rf"{ASGI[framework]}\("):
            options = "--host 0.0.0.0 --port ${PORT:-8080} --timeout-keep-alive 75"
            return by_shell(f"uvicorn {made} {options}"), "" if "uvicorn" in wanted else "uvicorn>=0.30,<1"
    elif framework == "django":
        if found := folder.find(re.compile(r"^application\s*=\s*get_wsgi_application", re.MULTILINE), "wsgi.py"):
            return _gunicorn(_module(found[1].rpartition(":")[0]), wanted)
    elif framework in WSGI and (made := _application(folder, rf"(?:{WSGI[framework]}|App|API)\(")):
        return _gunicorn(made.replace(" --factory", "()"), wanted)
    program = next((name for name in _PROGRAMS if name in folder), None)
    return (["python", program], "") if program else (None, "")


def _gunicorn(application: str, wanted: Mapping[str, str]) -> tuple[list[str], str]:
    """Return gunicorn's command; it listens on PORT, on all addresses, unless told otherwise."""
    words = ["gunicorn", "--threads=8", "--keep-alive=75", "--worker-tmp-dir=/tmp", application]
    return words, "" if "gunicorn" in wanted else "gunicorn>=23"


def _application(folder: Folder, made_by: str) -> str | None:
    """Return the application as ``package.module:variable``, or what makes it with ``--factory`` behind."""
    if found := folder.find(re.compile(rf"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?{made_by}", re.MULTILINE), ".py"):
        return f"{_module(found[1].rpartition(':')[0])}:{found[0][1]}"
    if found := folder.find(re.compile(r"^def\s+((?:create|make|build)_app)\(", re.MULTILINE), ".py"):
        return f"{_module(found[1].rpartition(':')[0])}:{found[0][1]} --factory"
    return None


def _module(path: str) -> str:
    """Return a file as it is imported: ``shop.main`` for ``src/shop/main.py``."""
    return path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _version(folder: Folder) -> str:
    """Return the Python that it asks for, if it asks for one only."""
    wanted = folder.text(".python-version").strip() or str(
        _document(folder).get("project", {}).get("requires-python", "")
    )
    found = re.fullmatch(r"(?:==|~=)?\s*(3\.\d+)(?:\.\d+|\.\*)?", wanted)
    return found[1] if found else VERSION


def _dockerfile(folder: Folder, words: list[str], server: str) -> str:
    base = f"FROM docker.io/library/python:{_version(folder)}-slim-bookworm"
    packaged = "build-system" in _document(folder)
    path = "PATH=/app/.venv/bin:$PATH " if _installs(folder, server) else ""
    source = "/app/src" if any(path.startswith("src/") for path, _ in folder.code(".py")) and not packaged else ""
    return "\n".join(
        (
            stage(f"{base} AS build", "WORKDIR /app", *_installation(folder, server, packaged), READABLE),
            stage(
                base,
                # Nobody's home: programs that keep something there find /tmp.
                f"ENV {path}PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp",
                f"ENV PYTHONPATH={source}" if source else "",
                "WORKDIR /app",
                "COPY --from=build /app /app",
                CONFINED,
                command(words),
            ),
        )
    )


def _installs(folder: Folder, server: str) -> bool:
    """Return whether it depends on anything."""
    return "pyproject.toml" in folder or "requirements.txt" in folder or bool(server)


def _installation(folder: Folder, server: str, packaged: bool) -> Iterator[str]:
    """Yield what installs it: dependencies before the source, so that only their own change installs them again."""
    if not _installs(folder, server):
        yield "COPY . ."
        return
    by_uv = "pyproject.toml" in folder and "requirements.txt" not in folder
    tool = "uv pip" if by_uv else "pip"
    if by_uv:
        yield f"RUN pip install --no-cache-dir uv=={UV}"
        yield "ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never"
    else:
        yield "RUN python -m venv /app/.venv"
        yield "ENV PATH=/app/.venv/bin:$PATH PIP_NO_CACHE_DIR=1"
    if by_uv and "uv.lock" in folder:
        yield "COPY pyproject.toml uv.lock ./"
        yield "RUN uv sync --frozen --no-dev --no-install-project"
    elif by_uv:
        yield "COPY pyproject.toml ./"
        yield "RUN uv venv /app/.venv && uv pip install -r pyproject.toml"
    elif "requirements.txt" in folder:
        yield "COPY requirements.txt ./"
        yield "RUN pip install -r requirements.txt"
    if server:
        yield "# Its server is not among what it depends on; there it would be pinned with the rest."
        yield f'RUN {tool} install "{server}"'
    yield "COPY . ."
    if by_uv and packaged:
        locked = "uv.lock" in folder
        yield "RUN uv sync --frozen --no-dev --no-editable" if locked else "RUN uv pip install --no-deps ."
