"""What stands in for the load balancer: haproxy on this machine, with the routes and weights of the Plan's moorings.

Public and internal services have a front each, as they have a listener each. Every answer says which mooring gave it.
"""

from __future__ import annotations

import http.client
import math
import re
import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Final

from berth.plan import Mooring, Plan, Way
from berth.rehearse import control
from berth.rehearse.checks import Check
from berth.rehearse.drivers.driver import free_port
from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import HOST, HOST_INSIDE
from berth.rehearse.podman import Podman, require
from berth.rehearse.routes import ANSWER_SECONDS, Target, judge_route
from components.rooms.edge.routes import BERTH_HEADER

HEADER: Final = "berth-mooring"
"""Of every answer: the mooring that gave it, e.g. ``shop at eks``, by a further port ``shop.admin at eks``."""
LARGEST_WEIGHT: Final = 256
"""Of a server in haproxy; AWS's go to 999."""

CONFIG = """\
global
    nbthread 1
defaults
    mode http
    balance roundrobin
    retries 0
    timeout connect 5s
    timeout client 60s
    timeout server 60s
"""
# A listener without a service of its own default answers so.
NOTHING = """\
backend nothing
    http-request return status 404
"""


def is_needed(moorings: Sequence[Mooring]) -> bool:
    """Return whether there is anything to choose between: one public service at one berth is asked itself."""
    ways = [way for mooring in moorings for way in mooring.ways]
    return len(ways) > 1 or any(way.path or way.host or way.exposure == "internal" for way in ways)


def has_choice(plan: Plan) -> bool:
    """Return whether the Plan's load balancer lets a request choose its berth."""
    return any(
        isinstance(header := condition.get("httpHeader"), Mapping) and header.get("httpHeaderName") == BERTH_HEADER
        for rule in plan.of_type("aws:lb/listenerRule:ListenerRule")
        for condition in rule.inputs["conditions"]
    )


def shares(weights: Sequence[int]) -> list[int]:
    """Return weights as haproxy takes them, as small as they can be; those above its largest are rounded."""
    divisor = math.gcd(*weights) or 1
    largest = max(weights) // divisor
    if largest <= LARGEST_WEIGHT:
        return [weight // divisor for weight in weights]
    return [math.ceil(weight / divisor * LARGEST_WEIGHT / largest) for weight in weights]


def condition(way: Way) -> str | None:
    """Return when a request is for a port of a service, None for the one that gets what nobody else does."""
    # Containers know internal services by an address, which they cannot give a name.
    host = way.host if way.exposure == "public" else None
    of_host = f"{{ req.hdr(host),field(1,:) -m str -i {shlex.quote(host)} }}" if host else ""
    path = (way.path or "").rstrip("/")
    if not path:
        return of_host or None
    of_path = (f"{{ path {shlex.quote(path)} }}", f"{{ path_beg {shlex.quote(path + '/')} }}")
    return " || ".join(f"{of_host} {one}".strip() for one in of_path)


def rewriting(way: Way) -> str:
    """Return the line that takes a way's path off what a service is sent, as the load balancer's rule does."""
    if not way.strip or not way.path:
        return ""
    return f"    http-request replace-path ^{re.escape(way.path)}/?(.*)$ /\\1\n"


def choice(target: Target) -> str:
    """Return the line that leads a request to the berth that it names, whatever the weights."""
    berth = target.mooring.berth
    return f"    use-server {berth} if {{ req.hdr({BERTH_HEADER}) -m str -i {berth} }}\n"


def spans(numbers: Iterable[int]) -> str:
    """Return numbers as haproxy takes them: ``200-299,304``."""
    runs = groupby(enumerate(sorted(numbers)), key=lambda one: one[1] - one[0])
    found = [[number for _, number in run] for _, run in runs]
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in found)


def watching(target: Target) -> str:
    """Return the backend that asks a target for its health as its target group does, and that nobody is led to.

    So a berth keeps its share when it is unhealthy, as from an ALB: a target group without a healthy target is sent its
    requests all the same. A target that is well again is known at once, which on AWS takes its questions.
    """
    health = target.health
    return (
        f"backend {target.watcher}\n    option httpchk\n    timeout check {1000 * health.timeout:.0f}ms\n"
        f"    http-check send meth GET uri {shlex.quote(health.path)}\n"
        f"    http-check expect status {spans(health.statuses)}\n"
        f"    server {target.mooring.berth} {HOST}:{target.port}"
        f" check inter {1000 * health.interval:.0f}ms fall {health.failures} rise 1 downinter 250ms\n"
    )


def configuration(
    fronts: Mapping[str, int],
    backends: Mapping[str, Sequence[Target]],
    socket: Path | None = None,
    *,
    by_header: bool = False,
) -> str:
    """Write haproxy's configuration.

    Args:
        fronts: Port of each front, by exposure.
        backends: The moorings of each port of a service, all of which have the same routes.
        socket: Where it is to be steered by; it then watches the health of all targets, too.
        by_header: Whether a request may choose its berth.
    """
    parts = [
        CONFIG.replace("global\n", f"global\n    stats socket {socket} level admin\n") if socket else CONFIG,
        NOTHING,
    ]
    for exposure, port in fronts.items():
        default, rules = "nothing", []
        found = [targets[0] for targets in backends.values() if targets[0].way.exposure == exposure]
        # The most particular rule first.
        for one in sorted(found, key=lambda one: (one.way.host is None, -len(one.way.path or ""))):
            if when := condition(one.way):
                rules.append(f"    use_backend {one.backend} if {when}\n")
            else:
                default = one.backend
        parts.append(f"frontend {exposure}\n    bind {HOST}:{port}\n{''.join(rules)}    default_backend {default}\n")
    for backend, targets in backends.items():
        weights = shares([target.mooring.weight for target in targets])
        parts.append(
            f"backend {backend}\n    http-response set-header {HEADER} '%[be_name] at %[srv_name]'\n"
            + rewriting(targets[0].way)
            + "".join(choice(target) for target in targets if by_header)
            + "".join(
                f"    server {target.mooring.berth} {HOST}:{target.port} weight {weight}\n"
                for target, weight in zip(targets, weights, strict=True)
            )
        )
        parts += [watching(target) for target in targets if socket]
    return "".join(parts)


class Proxy:
    """The running proxy."""

    def __init__(
        self, podman: Podman, name: str, targets: Sequence[Target], *, steered: bool = False, by_header: bool = False
    ) -> None:
        """Choose its ports.

        Args:
            podman: Starts and ends it, as everything else.
            name: Of its configuration's file; by it a later rehearsal finds one that was left running.
            targets: Every port of every mooring that requests reach.
            steered: Whether its weights are to change while it runs.
            by_header: Whether a request may choose its berth.
        """
        self._by_header = by_header
        self._podman = podman
        self._socket = podman.scratch / "proxy.sock" if steered else None
        self._file = podman.scratch / f"{name}.cfg"
        self._backends: dict[str, list[Target]] = {}
        for target in targets:
            self._backends.setdefault(target.backend, []).append(target)
        exposures = {target.way.exposure for target in targets}
        self._fronts: dict[str, int] = {one: free_port() for one in ("public", "internal") if one in exposures}

    @property
    def url(self) -> str:
        """Where this machine's user reaches it."""
        return f"http://{HOST}:{next(iter(self._fronts.values()))}"

    def url_of(self, way: Way) -> str:
        """Return where a port of a service is reached through it."""
        return f"{self.front_of(way)}{way.path or ''}"

    def front_of(self, way: Way) -> str:
        """Return where the front is that leads to a port of a service, among others."""
        return f"http://{HOST}:{self._fronts[way.exposure]}"

    def urls_inside(self) -> dict[str, str]:
        """Return the addresses of internal services as containers see them, by the variable that is to hold them."""
        return {
            f"{backend.upper().replace('-', '_').replace('.', '_')}_URL": self.url_of(way).replace(HOST, HOST_INSIDE)
            for backend, way in ((backend, targets[0].way) for backend, targets in self._backends.items())
            if way.exposure == "internal"
        }

    def start(self) -> None:
        """Start it in the background; the moorings need not answer yet.

        Raises:
            RehearsalError: It does not start.
        """
        program = require("haproxy", "haproxy", "it stands in for the load balancer")
        self._file.write_text(configuration(self._fronts, self._backends, self._socket, by_header=self._by_header))
        output = self._podman.finish([program, "-D", "-f", str(self._file)])
        if output.status:
            raise RehearsalError(f"haproxy did not start:\n{output.err}")

    @property
    def targets(self) -> list[Target]:
        """Every port of every mooring, of each service's ports the first berth's first."""
        return [target for targets in self._backends.values() for target in targets]

    def weigh(self, weights: Mapping[str, int]) -> None:
        """Share out all further requests so; a berth that is not named gets none.

        Raises:
            RehearsalError: haproxy does not take it.
        """
        found: list[tuple[str, str, int]] = []
        for backend, targets in self._backends.items():
            berths = [target.mooring.berth for target in targets]
            given = shares([weights.get(berth, 0) for berth in berths])
            found += [(backend, berth, weight) for berth, weight in zip(berths, given, strict=True)]
        control.weigh(self._control, found)

    def under_way(self, berths: Collection[str]) -> int:
        """Return how many requests these berths are about."""
        seen = control.servers(self._control)
        at = [target for target in self.targets if target.mooring.berth in berths]
        return sum(seen[target.backend, target.mooring.berth].current for target in at)

    def is_healthy(self, berth: str) -> bool:
        """Return whether every target of a berth is healthy, by as many questions as its target group asks."""
        seen = control.servers(self._control)
        at = [target for target in self.targets if target.mooring.berth == berth]
        return all(seen[target.watcher, berth].status.startswith("UP") for target in at)

    @property
    def _control(self) -> Path:
        assert self._socket is not None, "it is not steered"
        return self._socket

    def judge(self) -> list[Check]:
        """Ask each route as often as its service's weights have parts, and judge who answered, and what."""
        return [check for targets in self._backends.values() for check in self._judge(targets)]

    def _judge(self, targets: Sequence[Target]) -> list[Check]:
        """Judge one route, and the moorings that it leads to."""
        wanted = shares([target.mooring.weight for target in targets])
        count = max(1, sum(wanted))
        answers = self._ask(targets[0], count)
        seen = Counter(who for who, _ in answers)
        told = ", ".join(f"{who} ({times})" for who, times in seen.items())
        own = {target.name for target in targets}
        statuses = [status for who, status in answers if who in own and status is not None]
        # Where all weights are 0 nobody is to answer.
        route = [judge_route(targets[0], statuses, sorted(seen.keys() - own))] if sum(wanted) else []
        return [
            *route,
            *(
                Check(
                    target.name,
                    "share of requests",
                    f"{share} of {count}",
                    f"{seen[target.name]} of {count}",
                    # Others may ask at the same time, so that the turns are shifted by one.
                    kept=abs(seen[target.name] - share) <= 1 and bool(share) == bool(seen[target.name]),
                    place=f"its weight is {target.mooring.weight}, and {count} requests were answered by {told}",
                )
                for target, share in zip(targets, wanted, strict=True)
            ),
            *(self._judge_choice(target) for target in targets if self._by_header),
        ]

    def _judge_choice(self, target: Target) -> Check:
        """Judge whether a request that names a berth is answered there."""
        berth = target.mooring.berth
        [(who, _)] = self._ask(target, 1, {BERTH_HEADER: berth})
        kept = who == target.name
        place = f"a request with {BERTH_HEADER}: {berth} was answered by {who}"
        return Check(
            target.name, "berth by header", f"{BERTH_HEADER}: {berth} leads to it", f"answered by {who}", kept, place
        )

    def _ask(
        self, target: Target, count: int, headers: Mapping[str, str] = MappingProxyType({})
    ) -> list[tuple[str, int | None]]:
        """Ask a route so many times; return who answered each time, and with what status."""
        headers = {**headers, **({"Host": target.way.host} if target.way.host else {})}
        way = target.way
        seen: list[tuple[str, int | None]] = []
        connection = http.client.HTTPConnection(HOST, self._fronts[way.exposure], timeout=ANSWER_SECONDS)
        for _ in range(count):
            try:
                connection.request("GET", target.path, headers=headers)
                answer = connection.getresponse()
                answer.read()
                seen.append((answer.getheader(HEADER) or f"nobody, with status {answer.status}", answer.status))
            except (OSError, http.client.HTTPException) as error:
                seen.append((f"nobody: {error}", None))
                connection.close()
        connection.close()
        return seen

    @property
    def not_rehearsed(self) -> list[str]:
        """What of the moorings it cannot do as the load balancer does."""
        lines = []
        for backend, targets in self._backends.items():
            way, weights = targets[0].way, [target.mooring.weight for target in targets]
            if max(shares(weights)) * math.gcd(*weights) < max(weights):
                lines.append(f"{backend}'s weights are rounded: haproxy's go up to {LARGEST_WEIGHT}")
            if way.exposure == "internal" and way.host:
                lines.append(f"{backend}'s host {way.host}: containers reach it by its address")
        return lines
