"""What an image lacks, and the lines that mend it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from berth.moving_in import routes
from berth.moving_in.findings import LOWEST_PORT, Findings
from berth.moving_in.folder import Folder
from berth.moving_in.image import Image
from berth.moving_in.project import NEVER_SENT, Project
from berth.moving_in.survey import Survey

USER: Final = "10001:10001"
ELSEWHERE: Final = "the load balancer asks from outside the container, where 127.0.0.1 is not reached"
_SHELL: Final = re.compile(r"[$&|;<>`*?(]")
_SERVERS: Final = {
    "uvicorn": (("--host",), "UVICORN_HOST"),
    "flask": (("--host", "-h"), "FLASK_RUN_HOST"),
    "hypercorn": (("--bind", "-b"), ""),
    "rails": (("--binding", "-b"), "BINDING"),
    "rackup": (("--host", "-o"), ""),
}
"""Servers that listen on 127.0.0.1 unless an option, or a variable, says otherwise."""
_LOCAL: Final = re.compile(r"(?:^|[\s=/@\"'])(127\.0\.0\.1|localhost)(?::\d+)?(?=[\s\"']|$)")
_RUNNERS: Final = ("npm", "yarn", "pnpm")
_NGINX: Final = re.compile(r"^(docker\.io/)?(library/)?nginx(?=[:@]|$)")


@dataclass(frozen=True)
class Lack:
    """One thing that an image lacks."""

    what: str
    why: str
    where: str
    """Where the lines go: ``Dockerfile, before CMD``."""
    lines: tuple[str, ...]
    needed: bool = True
    """False for what works today, and fails under load or at a deployment."""


def lacks(survey: Survey, port: int, web: bool) -> list[Lack]:
    """List what a service lacks, what stops it first.

    Args:
        survey: what is known of it.
        port: where it is to listen.
        web: whether it listens at all.
    """
    image, file = survey.image, survey.dockerfile
    found = [*_user(image, file), *_volume(image, file), *_command(image, file, web)]
    if web:
        found += _port(survey.findings, port, file)
        found += _source(image, survey.source)
        found += _health(survey.project, survey.findings)
    if not survey.ignores:
        ignored = survey.project.ignored if survey.project else NEVER_SENT
        why = "whatever else lies in the folder enters the build, and another file of it is another image"
        found.append(Lack("no .dockerignore", why, ".dockerignore", ignored, needed=False))
    return sorted(found, key=lambda one: not one.needed)


def _user(image: Image, file: str) -> Iterator[Lack]:
    if image.user == USER or image.user == USER.partition(":")[0]:
        return
    given = "no USER" if image.user is None else f"USER {image.user}"
    place = "before CMD" if image.user is None else f"instead of line {image.user_line}"
    why = "every berth starts it as uid 10001, and the policies refuse an image that could be root"
    if found := _NGINX.match(image.base):
        instead = f"FROM docker.io/nginxinc/nginx-unprivileged{image.base[found.end() :]}"
        yield Lack("an nginx that needs root", why, f"{file}, instead of FROM {image.base}", (instead, f"USER {USER}"))
    else:
        yield Lack(given, why, f"{file}, {place}", (f"USER {USER}",))


def _volume(image: Image, file: str) -> Iterator[Lack]:
    if "/tmp" not in image.volumes:
        why = "the root file system is read-only, and on Fargate a volume at /tmp takes its owner from the image"
        lines = ["VOLUME /tmp"]
        if image.base == "scratch":
            lines = ["# in the build's stage:", "RUN mkdir -m 1777 -p /rootfs/tmp", "# in the last one:"]
            lines += ["COPY --from=build /rootfs/ /", "VOLUME /tmp"]
        yield Lack("no VOLUME /tmp", why, f"{file}, before USER", tuple(lines))
    if others := [path for path in image.volumes if path != "/tmp"]:
        why = "only /tmp can be written, and what is there ends with the container"
        yield Lack(f"VOLUME {' '.join(others)}", why, f"{file}, in its place", ("VOLUME /tmp",))


def _command(image: Image, file: str, web: bool) -> Iterator[Lack]:
    """Yield what is wrong with the command, with one line that mends all of it."""
    shell = image.shell if image.shell and not image.shell.lstrip().startswith("exec ") else None
    line = image.shell or shlex.join(image.command)
    faults = []
    if shell:
        faults.append(("a shell runs the command", "it keeps SIGTERM to itself, and requests under way are lost"))
    if web and (found := _on_loopback(line, image)):
        faults.append((f"it listens on {found[0]}", ELSEWHERE))
        line = found[1]
    if faults:
        words = shlex.split(line) if not _SHELL.search(line) else ["sh", "-c", _last_by_exec(line)]
        what, why = "; ".join(what for what, _ in faults), "; ".join(why for _, why in faults)
        yield Lack(what, why, f"{file}:{image.command_line}", (f"{image.keyword} {json.dumps(words)}",))
    elif image.command[:1] and image.command[0] in _RUNNERS:
        why = f"{image.command[0]} stands between SIGTERM and the program"
        lines = ('CMD ["node", "server.js"]   # what its script runs',)
        yield Lack(f"{line} is the command", why, f"{file}:{image.command_line}", lines, needed=False)


def _last_by_exec(line: str) -> str:
    """Return a shell's line whose last command takes the shell's place."""
    return line if line.startswith("exec ") else re.sub(r"(?s)^(.*(?:&&|;)\s*)?", r"\1exec ", line, count=1)


def _on_loopback(line: str, image: Image) -> tuple[str, str] | None:
    """Return the address that a command listens on and no other container reaches, and the line without it."""
    if local := _LOCAL.search(line):
        return local[1], line.replace(local[1], "0.0.0.0")
    for name, (options, variable) in _SERVERS.items():
        if re.search(rf"(^|[\s/]){name}(\s|$)", line):
            given = any(re.search(rf"(^|\s){re.escape(option)}[= ]", line) for option in options)
            if not given and not (variable and variable in image.environment):
                return "127.0.0.1", f"{line} {options[0]} 0.0.0.0"
    return None


def _port(findings: Findings, port: int, file: str) -> Iterator[Lack]:
    found = findings.port
    if found and int(found.value) < LOWEST_PORT:
        why = "a process that is not root cannot bind a port below 1024"
        lines = (f"ENV PORT={port}", f"EXPOSE {port}")
        yield Lack(f"port {found.value} ({found.place})", why, f"{file}; and have it listen on $PORT", lines)


def _source(image: Image, folder: Folder) -> Iterator[Lack]:
    """Yield where the source turns the load balancer away; where a server of its own listens its command says."""
    served = any(word.rpartition("/")[2] in (*_SERVERS, "gunicorn") for word in " ".join(image.command).split())
    if not served and (named := routes.loopback(folder)):
        yield Lack(f"it listens on {named.value}", ELSEWHERE, named.place, ('"0.0.0.0" instead',))
    if hosts := routes.refused_hosts(folder):
        why = "the load balancer asks by the container's address, and Django answers 400"
        lines = ('ALLOWED_HOSTS = ["*"]  # who asks is the load balancer, which has routes for what is meant for it',)
        yield Lack(f"{hosts.value} without the container's address", why, hosts.place, lines)


def _health(project: Project | None, findings: Findings) -> Iterator[Lack]:
    if findings.health is None:
        lines = project.health_lines if project else ()
        why = "whoever does not answer 200 there is replaced; it should ask nothing else, above all no database"
        told = ("GET /healthz answers 200",)
        yield Lack("no path that says it is alive", why, "the program", lines or told)
