"""What stands in for the load balancer: haproxy on this machine, with the routes and weights of the Plan's moorings.

Public and internal services have a front each, as they have a listener each. Every answer says which mooring gave it.
"""

from __future__ import annotations

import http.client
import math
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from berth.plan import Mooring
from berth.rehearse.checks import Check
from berth.rehearse.drivers.driver import free_port
from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import HOST, HOST_INSIDE
from berth.rehearse.podman import Podman, require

HEADER: Final = "berth-mooring"
"""Of every answer: the mooring that gave it, e.g. ``shop at eks``."""
LARGEST_WEIGHT: Final = 256
"""Of a server in haproxy; AWS's go to 999."""
ANSWER_SECONDS = 30.0

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


@dataclass(frozen=True)
class Target:
    """A mooring, and where it answers."""

    mooring: Mooring
    port: int
    """Of this machine's loopback."""
    health_path: str

    @property
    def name(self) -> str:
        """What messages and answers call it."""
        return f"{self.mooring.service} at {self.mooring.berth}"


def is_needed(moorings: Sequence[Mooring]) -> bool:
    """Return whether there is anything to choose between: one public service at one berth is asked itself."""
    return len(moorings) > 1 or any(one.path or one.host or one.exposure == "internal" for one in moorings)


def shares(weights: Sequence[int]) -> list[int]:
    """Return weights as haproxy takes them, as small as they can be; those above its largest are rounded."""
    divisor = math.gcd(*weights) or 1
    largest = max(weights) // divisor
    if largest <= LARGEST_WEIGHT:
        return [weight // divisor for weight in weights]
    return [math.ceil(weight / divisor * LARGEST_WEIGHT / largest) for weight in weights]


def condition(mooring: Mooring) -> str | None:
    """Return when a request is for a service, None for the one that gets what nobody else does."""
    # Containers know internal services by an address, which they cannot give a name.
    host = mooring.host if mooring.exposure == "public" else None
    of_host = f"{{ req.hdr(host),field(1,:) -m str -i {shlex.quote(host)} }}" if host else ""
    path = (mooring.path or "").rstrip("/")
    if not path:
        return of_host or None
    of_path = (f"{{ path {shlex.quote(path)} }}", f"{{ path_beg {shlex.quote(path + '/')} }}")
    return " || ".join(f"{of_host} {one}".strip() for one in of_path)


def configuration(fronts: Mapping[str, int], services: Mapping[str, Sequence[Target]]) -> str:
    """Write haproxy's configuration.

    Args:
        fronts: Port of each front, by exposure.
        services: Each service's moorings, all of which have the same routes.
    """
    parts = [CONFIG, NOTHING]
    for exposure, port in fronts.items():
        default, rules = "nothing", []
        found = [targets[0].mooring for targets in services.values() if targets[0].mooring.exposure == exposure]
        # The most particular rule first.
        for mooring in sorted(found, key=lambda one: (one.host is None, -len(one.path or ""))):
            if when := condition(mooring):
                rules.append(f"    use_backend {mooring.service} if {when}\n")
            else:
                default = mooring.service
        parts.append(f"frontend {exposure}\n    bind {HOST}:{port}\n{''.join(rules)}    default_backend {default}\n")
    for service, targets in services.items():
        weights = shares([target.mooring.weight for target in targets])
        parts.append(
            f"backend {service}\n    http-response set-header {HEADER} '%[be_name] at %[srv_name]'\n"
            + "".join(
                f"    server {target.mooring.berth} {HOST}:{target.port} weight {weight}\n"
                for target, weight in zip(targets, weights, strict=True)
            )
        )
    return "".join(parts)


class Proxy:
    """The running proxy."""

    def __init__(self, podman: Podman, name: str, targets: Sequence[Target]) -> None:
        """Choose its ports.

        Args:
            podman: Starts and ends it, as everything else.
            name: Of its configuration's file; by it a later rehearsal finds one that was left running.
            targets: Every mooring.
        """
        self._podman = podman
        self._file = podman.scratch / f"{name}.cfg"
        self._services: dict[str, list[Target]] = {}
        for target in targets:
            self._services.setdefault(target.mooring.service, []).append(target)
        exposures = {target.mooring.exposure for target in targets}
        self._fronts: dict[str, int] = {one: free_port() for one in ("public", "internal") if one in exposures}

    @property
    def url(self) -> str:
        """Where this machine's user reaches it."""
        return f"http://{HOST}:{next(iter(self._fronts.values()))}"

    def url_of(self, mooring: Mooring) -> str:
        """Return where a mooring's service is reached through it."""
        return f"http://{HOST}:{self._fronts[mooring.exposure]}{mooring.path or ''}"

    def urls_inside(self) -> dict[str, str]:
        """Return the addresses of internal services as containers see them, by the variable that is to hold them."""
        return {
            f"{service.upper().replace('-', '_')}_URL": self.url_of(targets[0].mooring).replace(HOST, HOST_INSIDE)
            for service, targets in self._services.items()
            if targets[0].mooring.exposure == "internal"
        }

    def start(self) -> None:
        """Start it in the background; the moorings need not answer yet.

        Raises:
            RehearsalError: It does not start.
        """
        program = require("haproxy", "haproxy", "it stands in for the load balancer")
        self._file.write_text(configuration(self._fronts, self._services))
        output = self._podman.finish([program, "-D", "-f", str(self._file)])
        if output.status:
            raise RehearsalError(f"haproxy did not start:\n{output.err}")

    def judge(self) -> list[Check]:
        """Ask each service as often as its weights have parts, and judge who answered."""
        return [check for targets in self._services.values() for check in self._judge(targets)]

    def _judge(self, targets: Sequence[Target]) -> list[Check]:
        """Judge the moorings of one service."""
        wanted = shares([target.mooring.weight for target in targets])
        count = max(1, sum(wanted))
        seen = self._ask(targets[0], count)
        told = ", ".join(f"{who} ({times})" for who, times in seen.items())
        return [
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
        ]

    def _ask(self, target: Target, count: int) -> Counter[str]:
        """Ask a service so many times; return how often which mooring answered."""
        mooring = target.mooring
        seen: Counter[str] = Counter()
        connection = http.client.HTTPConnection(HOST, self._fronts[mooring.exposure], timeout=ANSWER_SECONDS)
        for _ in range(count):
            try:
                headers = {"Host": mooring.host} if mooring.host else {}
                connection.request("GET", mooring.path or target.health_path, headers=headers)
                answer = connection.getresponse()
                answer.read()
                seen[answer.getheader(HEADER) or f"nobody, with status {answer.status}"] += 1
            except (OSError, http.client.HTTPException) as error:
                seen[f"nobody: {error}"] += 1
                connection.close()
        connection.close()
        return seen

    @property
    def not_rehearsed(self) -> list[str]:
        """What of the moorings it cannot do as the load balancer does."""
        lines = []
        for service, targets in self._services.items():
            mooring, weights = targets[0].mooring, [target.mooring.weight for target in targets]
            if max(shares(weights)) * math.gcd(*weights) < max(weights):
                lines.append(f"{service}'s weights are rounded: haproxy's go up to {LARGEST_WEIGHT}")
            if mooring.exposure == "internal" and mooring.host:
                lines.append(f"{service}'s host {mooring.host}: containers reach it by its address")
        return lines
