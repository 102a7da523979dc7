"""What a service's source says of its port and its paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from berth.moving_in.folder import Folder
from berth.moving_in.image import Placed

ALIVE: Final = ("healthz", "livez", "health/live", "health", "_health", "live", "ping", "up", "status")
"""Usual paths of a service that says whether it is alive, the most telling first."""
READY: Final = ("readyz", "health/ready", "ready", "readiness")
_LITERAL: Final = r"""["'`](?:GET )?(/{path}/?)["'`]"""
_RELATIVE: Final = r"""\b(?:path|get|url|route|GetMapping|RequestMapping)\s*\(?\s*["']({path}/?)["']"""
"""Django, Rails and Spring write a path without the slash before it."""
_ROOT: Final = re.compile(
    r"""["'`](?:GET )?(/)(?:\{\$\})?["'`]\s*[,)]|\bpath\(\s*["']()["']\s*,|\broot\s+(?:to:|["'])"""
)
_READS_PORT: Final = re.compile(
    r"""(?:environ(?:\.get)?|[gG]etenv|process\.env|ENV(?:\.fetch)?|env::var|GetEnvironmentVariable)\W{1,3}(PORT)\b"""
    r"""|\$\{(PORT)\b"""
)
_OTHERS: Final = r"(?!(?:5432|3306|6379|27017|5672|9092|9200|11211|1433)\b)"
"""Ports of databases and brokers, which a service asks and does not listen on."""
_FIXED: Final = re.compile(
    rf"(?:listen|port|bind|addr|serve|InetSocketAddress)\w*\b[^\n;]{{0,40}}?\W{_OTHERS}([1-9]\d{{3,4}})\b(?!\.)",
    re.IGNORECASE,
)
_LOOPBACK: Final = re.compile(
    r"""(?:listen|\brun|bind|serve|host|InetSocketAddress)\w*\b[^\n]{0,60}?["'](127\.0\.0\.1|localhost)(?::\d*)?["']""",
    re.IGNORECASE,
)
_BELONGS_ELSEWHERE: Final = re.compile(
    r"data_?base|postgres|redis|mongo|mysql|amqp|kafka|smtp|proxy|metric|connect", re.IGNORECASE
)


def alive(folder: Folder) -> Placed | None:
    """Return the path by which it says that it is alive."""
    return _path(folder, ALIVE)


def ready(folder: Folder) -> Placed | None:
    """Return the path by which it says that it is ready."""
    return _path(folder, READY)


def _path(folder: Folder, names: tuple[str, ...]) -> Placed | None:
    for name in names:
        for template in (_LITERAL, _RELATIVE):
            found = folder.placed(re.compile(template.replace("{path}", re.escape(name))))
            if found:
                return Placed(f"/{found.value.lstrip('/')}", found.place)
    return None


def root(folder: Folder) -> Placed | None:
    """Return ``/`` where the source has a route for it."""
    found = folder.find(_ROOT)
    return Placed("/", found[1]) if found else None


def reads_port(folder: Folder) -> Placed | None:
    """Return where it reads the variable PORT."""
    return folder.placed(_READS_PORT)


def fixed_port(folder: Folder) -> Placed | None:
    """Return the port that it names itself."""
    return next((one for one in _own(folder, _FIXED) if 1024 <= int(one.value) <= 65535), None)


def loopback(folder: Folder) -> Placed | None:
    """Return where it listens on this machine's own address only."""
    return next(_own(folder, _LOOPBACK), None)


def _own(folder: Folder, pattern: re.Pattern[str]) -> Iterator[Placed]:
    """Yield what is found in lines that speak of the service itself, not of what it asks."""
    for path, text in folder.code():
        for number, line in enumerate(text.splitlines(), 1):
            if not _BELONGS_ELSEWHERE.search(line):
                yield from (Placed(found[1], f"{path}:{number}") for found in pattern.finditer(line))


def refused_hosts(folder: Folder) -> Placed | None:
    """Return where Django is told hosts of which the load balancer's, the container's own address, is none."""
    return folder.placed(re.compile(r"^(ALLOWED_HOSTS)\s*=\s*(?!.*[\"']\*[\"'])", re.MULTILINE), ".py")
