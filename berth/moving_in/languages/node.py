"""Node: Express, Fastify, Next and others, with npm, yarn or pnpm."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any, Final

from berth.moving_in.folder import Folder
from berth.moving_in.image import Placed
from berth.moving_in.project import CONFINED, NEVER_SENT, READABLE, Project, command, first_of, procfile, stage

VERSION: Final = "22"
FRAMEWORKS: Final = {
    "next": "Next",
    "@nestjs/core": "Nest",
    "express": "Express",
    "fastify": "Fastify",
    "koa": "Koa",
    "hono": "Hono",
    "@hapi/hapi": "hapi",
}
_DRIVERS: Final = {name: name for name in ("pg", "postgres", "pg-promise")}
_PROGRAMS: Final = ("server.js", "index.js", "app.js", "main.js", "src/server.js", "src/index.js", "src/app.js")
_HEALTH: Final = {
    "Express": ('app.get("/healthz", (request, response) => response.send("ok"));',),
    "Fastify": ('fastify.get("/healthz", async () => "ok");',),
    "Koa": ('router.get("/healthz", (context) => { context.body = "ok"; });',),
    "Nest": ('@Get("healthz")', 'healthz() { return "ok"; }'),
}


def detect(folder: Folder) -> Project | None:
    """Return the project, None where it is none of Node's."""
    if "package.json" not in folder and not any(name in folder for name in _PROGRAMS):
        return None
    try:
        package = json.loads(folder.text("package.json") or "{}")
    except ValueError:
        package = None
    if not isinstance(package, dict):
        return Project("Node", problem="package.json is no JSON object.")
    wanted = dict.fromkeys(package.get("dependencies") or {}, "package.json")
    found, driver = first_of(FRAMEWORKS, wanted), first_of(_DRIVERS, wanted)
    words = _command(folder, package)
    framework = found[1] if found else ""
    return Project(
        language="Node",
        framework=framework,
        serves=bool(found),
        driver=Placed(driver[1], driver[2]) if driver else None,
        health_lines=_HEALTH.get(framework, ()),
        dockerfile=_dockerfile(folder, package, words) if words else "",
        ignored=(*NEVER_SENT, "**/node_modules", "npm-debug.log*", ".next", "coverage"),
        problem=""
        if words
        else f'package.json has neither "main" nor a script "start", and there is none of {", ".join(_PROGRAMS[:4])}.'
        ' Say there how it is started, e.g. "scripts": {"start": "node server.js"}',
    )


def _command(folder: Folder, package: Mapping[str, Any]) -> list[str] | None:
    """Return what starts it: without npm, which would stand between SIGTERM and the program."""
    if declared := procfile(folder):
        return declared
    start = (package.get("scripts") or {}).get("start")
    if isinstance(start, str) and start.strip():
        # What only a shell could run stays npm's.
        words = [] if re.search(r"[$&|;<>`=]", start) else shlex.split(start)
        if words[:1] == ["node"]:
            return words
        return (
            [f"node_modules/.bin/{words[0]}", *words[1:]]
            if words and words[0] not in ("npm", "yarn")
            else [
                "npm",
                "start",
            ]
        )
    main = package.get("main")
    named = [main] if isinstance(main, str) and (main in folder or main.removeprefix("./") in folder) else []
    program = next((name for name in (*named, *_PROGRAMS) if name.removeprefix("./") in folder), None)
    return ["node", program] if program else None


def _version(folder: Folder, package: Mapping[str, Any]) -> str:
    """Return the major version that it asks for, if it asks for one only."""
    wanted = folder.text(".nvmrc").strip() or str((package.get("engines") or {}).get("node", ""))
    found = re.fullmatch(r"[v^~]?(\d+)(\.[\dx*]+)*", wanted)
    return found[1] if found else VERSION


def _installation(folder: Folder, builds: bool) -> tuple[str, str, str]:
    """Return the files that say what is installed, what installs it, and what drops what only the build needs."""
    if "pnpm-lock.yaml" in folder:
        pnpm = "corepack enable && pnpm install --frozen-lockfile"
        return "package.json pnpm-lock.yaml", pnpm + ("" if builds else " --prod"), "CI=true pnpm prune --prod"
    if "yarn.lock" in folder and ".yarnrc.yml" not in folder:
        production = "yarn install --frozen-lockfile --production"
        return "package.json yarn.lock", production.removesuffix(" --production") if builds else production, production
    locked = "package-lock.json" in folder
    install = f"npm {'ci' if locked else 'install'}"
    if "package.json" not in folder:
        return "", "", ""
    return (
        "package.json package-lock.json" if locked else "package.json",
        install if builds else f"{install} --omit=dev",
        "npm prune --omit=dev",
    )


def _dockerfile(folder: Folder, package: Mapping[str, Any], words: list[str]) -> str:
    base = f"FROM docker.io/library/node:{_version(folder, package)}-bookworm-slim"
    scripts = package.get("scripts") or {}
    builds = "build" in scripts
    files, install, prune = _installation(folder, builds)
    run = "pnpm" if "pnpm-lock.yaml" in folder else "npm"
    return "\n".join(
        (
            stage(
                f"{base} AS build",
                "WORKDIR /app",
                f"COPY {files} ./\nRUN {install}" if files else "",
                "COPY . .",
                f"RUN {run} run build && {prune}" if builds else "",
                READABLE,
            ),
            stage(
                base,
                # Nobody's home: programs that keep something there find /tmp.
                "ENV NODE_ENV=production HOME=/tmp",
                "WORKDIR /app",
                "COPY --from=build /app /app",
                CONFINED,
                command(words),
            ),
        )
    )
