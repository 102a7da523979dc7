"""A rehearsed move: what is refused, counted and judged, and its course with real servers behind a real haproxy."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from berth.errors import ConfigError
from berth.move.start import start
from berth.plan import Mooring, Plan, Way
from berth.rehearse.drivers.driver import Driver
from berth.rehearse.moving import story
from berth.rehearse.moving.figures import Kill, Moved, Phase, figures, percentile, slowest
from berth.rehearse.moving.judgement import judge
from berth.rehearse.moving.load import Answer, Ask
from berth.rehearse.moving.move import Move, check
from berth.rehearse.podman import Output, Podman
from berth.rehearse.proxy import Proxy, spans
from berth.rehearse.routes import Target
from berth.rehearse.session import proxies
from berth.rehearse.workload import LoadBalancer, find_load_balancers

from . import plans

HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
MOVE = Move({"old": 100, "new": 0}, "new", (50, 100), clients=2, requests=8)


def test_a_move_starts_with_the_new_berth_beside_the_others_at_0() -> None:
    plan = Plan("toy", [*plans.moored(plans.ecs(), "toy", "ecs-fargate", 90)], {})
    before, instead = start(plan, "eks")
    assert before == {"ecs-fargate": 90, "eks": 0}
    assert instead == {"berth:backend": None, "berth:berths": before}
    both = Plan("toy", [*plan.resources, *plans.moored(plans.eks(), "toy", "eks", 10)], {})
    assert start(both, "eks")[0] == {"ecs-fargate": 90, "eks": 0}


def test_who_is_there_already_does_not_move_and_neither_does_a_program_without_berths() -> None:
    with pytest.raises(ConfigError, match="are there already"):
        start(Plan("toy", plans.moored(plans.eks(), "toy", "eks"), {}), "eks")
    with pytest.raises(ConfigError, match="nothing to move"):
        start(plans.eks(), "eks")


def test_a_move_that_nobody_would_notice_or_cannot_be_made_here_is_refused() -> None:
    def at(berth: str) -> Target:
        mooring = Mooring(berth, "toy", berth, 1, ways=(Way(8080),))
        return Target(mooring, mooring.ways[0], 1, LoadBalancer("/", frozenset({200})))

    check(MOVE, "toy", [at("old"), at("new")])
    with pytest.raises(ConfigError, match="nobody to ask"):
        check(MOVE, "toy", [])
    with pytest.raises(ConfigError, match="runs toy at new"):
        check(MOVE, "toy", [at("old")])
    with pytest.raises(ConfigError, match="--kill-at 10: it is none of the move's steps, 50, 100"):
        check(replace(MOVE, kill_at=10), "toy", [at("old"), at("new")])


def test_a_target_groups_questions_are_taken_from_the_plan() -> None:
    check = {"path": "/healthz", "interval": 10.0, "timeout": 4, "unhealthyThreshold": 3}
    group = plans.resource(plans.TARGET_GROUP, "toy", {"healthCheck": check, "deregistrationDelay": 20})
    [found] = find_load_balancers([group])
    assert (found.interval, found.timeout, found.failures, found.drain_seconds) == (10, 4, 3, 20)
    assert found.notices_within == 34
    [silent] = find_load_balancers([plans.target_group()])
    assert (silent.interval, silent.failures, silent.drain_seconds) == (30, 2, 300)


def test_statuses_are_written_as_haproxy_takes_them() -> None:
    assert spans({200}) == "200"
    assert spans([200, 204, 201, 302]) == "200-201,204,302"


def answer(sent: float, done: float, who: str | None = "toy at old", kind: str = "read", problem: str = "") -> Answer:
    """An answer, by default a good one of the old berth's."""
    return Answer(sent, done, kind, who, problem or None)  # type: ignore[arg-type]


PHASES = [
    Phase("0 %", {"old": 100, "new": 0}, 0.0, 0.1),
    Phase("50 %", {"old": 50, "new": 50}, 10.0, 10.1),
    Phase("100 %", {"old": 0, "new": 100}, 20.0, 20.1),
]


def good() -> list[Answer]:
    """What a move without a fault looks like: ten answers a phase, and four with which the phases change."""
    shares = [["old"] * 10, ["old", "new"] * 5, ["new"] * 10]
    whole = [
        answer(10 * number + 1 + 0.1 * index, 10 * number + 1.05 + 0.1 * index, f"toy at {who}")
        for number, owners in enumerate(shares)
        for index, who in enumerate(owners)
    ]
    at_the_turn = [answer(9.95, 10.2, "toy at new"), answer(10.05, 10.2), answer(19.95, 20.3, "toy at new")]
    return [*whole, *at_the_turn, answer(20.05, 20.3), answer(30, 30.1, "toy at new", "back")]


def judged(moved: Moved) -> dict[str, tuple[str, bool]]:
    """Return what was seen of each promise, and whether it is kept."""
    return {one.promise: (one.seen, one.kept) for one in judge(moved)}


def test_a_move_is_counted_by_phases_and_shares_by_whole_requests() -> None:
    moved = figures(MOVE, PHASES, good())
    assert [(row.requests, row.counted, dict(row.seen)) for row in moved.rows] == [
        (11, 10, {"old": 10}),
        (12, 10, {"old": 5, "new": 5}),
        (11, 10, {"new": 10}),
    ]
    assert (moved.requests, moved.records, moved.failures) == (34, 1, [])
    assert judged(moved) == {
        "requests": ("0 of 34 failed", True),
        "new's share": ("0.0, 50.0, 100.0 %", True),
        "records": ("0 of 1 lost", True),
    }


def test_one_failed_request_or_lost_record_is_one_too_many() -> None:
    lost = answer(30, 31, None, "back", "404")
    failed = [answer(5, 5.1, None, "read", f"GET / answered {status}") for status in (502, 503, 502)]
    moved = figures(MOVE, PHASES, [*good(), *failed, lost])
    assert judged(moved)["requests"] == ("3 of 37 failed", False)
    assert judged(moved)["records"] == ("1 of 2 lost", False)
    [place] = [one.place for one in judge(moved) if one.promise == "requests"]
    assert place == "3 of 37 requests failed: GET / answered 502 (2 times); GET / answered 503"


@pytest.mark.parametrize(
    ("phase", "owners"),
    [
        (0, ["old"] * 9 + ["new"]),
        (1, ["new"] * 20),
        (1, ["old"] * 20),
        (2, ["new"] * 9 + ["old"] * 20),
        (2, ["old"] * 6),
    ],
)
def test_a_share_that_the_weights_do_not_give_is_broken(phase: int, owners: list[str]) -> None:
    wrong = [answer(10 * phase + 5, 10 * phase + 5.1, f"toy at {who}") for who in owners]
    others = [one for one in good() if not 10 * phase <= one.sent < 10 * phase + 10]
    assert not judged(figures(MOVE, PHASES, [*others, *wrong]))["new's share"][1]


def killed(failures: Sequence[Answer]) -> dict[str, tuple[str, bool]]:
    """Judge a move whose new berth was killed at 50 %, 15 s after its first request, to be known within 2 s."""
    phases = [*PHASES[:2], Phase("back to 0 %", {"old": 100, "new": 0}, 17.0, 17.1)]
    # Between the kill and the return the old berth answers every other one of 20.
    others = [answer(15 + 0.1 * index, 15.05 + 0.1 * index) for index in range(10)]
    late = [answer(18 + 0.1 * index, 18.05 + 0.1 * index) for index in range(5)]
    before = [one for one in good() if one.done < 15]
    kill = Kill(50, 15.0, 15.1, 17.1, 2.0)
    return judged(figures(MOVE, phases, [*before, *others, *late, *failures], kill))


def failing(*moments: float) -> list[Answer]:
    """Requests that failed, sent at these moments."""
    return [answer(sent, sent + 0.06, None, "read", "502") for sent in moments]


def test_a_kill_may_cost_what_is_under_way_and_its_share_until_it_has_to_be_known() -> None:
    during = failing(14.97, *(15.05 + 0.1 * index for index in range(10)))
    found = killed(during)
    assert found["killed at 50 %"] == ("11 failed in 1.0 s", True)
    assert found["requests"][1] and found["new's share"] == ("0.0, 0.0 %", True)
    # Twice its share, and one after it had to be known.
    assert not killed([*during, *failing(*(15.02 + 0.05 * index for index in range(16)))])["killed at 50 %"][1]
    assert not killed([*during, *failing(17.5)])["requests"][1]
    assert not killed([*during, *failing(12)])["requests"][1]


def test_percentiles_and_the_slowest_second() -> None:
    assert percentile([], 99) == 0
    assert percentile([1, 2, 3, 4], 50) == 2 and percentile([1, 2, 3, 4], 99) == 4
    assert slowest([]) is None and slowest([answer(0, 0.5)]) is None
    times = [0.1, 0.2, 0.3, 1.1, 2.1, 2.2, 3.05]
    found = slowest([answer(done - 0.1, done) for done in times])
    assert found is not None and (found.at, found.answered) == (1, 1) and found.longest == pytest.approx(0.1)


@dataclass
class Berth:
    """A server in a berth's place, that stores records in a database, which both berths have in common."""

    name: str
    records: dict[str, Any]
    refuses: bool = False
    """Answers every post with 500."""
    sick_after: int | None = None
    """How many records it takes until its health is gone."""
    taken: int = 0
    connections: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        berth = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body at once: in two pieces the second waits 40 ms for the first's receipt

            def setup(self) -> None:
                super().setup()
                berth.connections.append(self.connection)

            def do_GET(self) -> None:
                if self.path == "/healthz":
                    return self._answer(503 if berth.sick else 200)
                if berth.sick:
                    time.sleep(SICK_SECONDS)
                document = berth.records.get(self.path.rpartition("/")[2])
                return self._answer(200, document) if document else self._answer(404)

            def do_POST(self) -> None:
                document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if berth.refuses:
                    return self._answer(500)
                berth.taken += 1
                berth.records[str(document["userId"])] = document
                return self._answer(201, document)

            def _answer(self, status: int, document: object = None) -> None:
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def sick(self) -> bool:
        """Whether it says that it is not well."""
        return self.sick_after is not None and self.taken >= self.sick_after

    @property
    def target(self) -> Target:
        """Where it answers."""
        mooring = Mooring(self.name, "toy", self.name, 1, ways=(Way(8080),))
        # So often that a test sees it, and so seldom that a busy machine answers in time.
        health = LoadBalancer("/healthz", frozenset({200}), None, 0.5, 5.0, 2, 5.0)
        return Target(mooring, mooring.ways[0], self.server.server_port, health)

    @property
    def driver(self) -> Driver:
        """What would run it."""
        service = SimpleNamespace(name="toy", place="toy", stop_seconds=30, init=False)
        unit = SimpleNamespace(name=f"toy at {self.name}", mooring=self.target.mooring)
        found = SimpleNamespace(unit=unit, service=service, containers=(service,), podman_name=lambda _: self.name)
        return cast(Driver, found)

    def end(self) -> None:
        """Take no further connection, and lose those that are there."""
        self.server.shutdown()
        self.server.server_close()
        for one in self.connections:
            with suppress(OSError):  # its client may have closed it
                one.shutdown(socket.SHUT_RDWR)


class Machine:
    """In podman's place: it starts programs, and ends the servers that stand for containers."""

    def __init__(self, scratch: Path, berths: Sequence[Berth]) -> None:
        self.scratch, self.berths = scratch, {one.name: one for one in berths}
        self.ended: list[tuple[str, str]] = []

    def finish(self, command: Sequence[str]) -> Output:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        return Output(ended.returncode, ended.stdout, ended.stderr)

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)

    def end(self, process: subprocess.Popen[str]) -> None:
        process.kill()
        process.wait()

    def forget(self, process: subprocess.Popen[str]) -> None:
        pass

    def run(self, what: str, *arguments: str, **_: Any) -> Output:
        self.ended.append((what, arguments[-1]))
        self.berths[arguments[-1]].end()
        return Output(0, "", "")

    def attempt(self, *_: str) -> Output:
        return Output(0, "exited 0", "")


def end_proxies(prefix: str) -> None:
    """End the proxies whose names begin so."""
    for pid in proxies(prefix):
        os.kill(int(pid), signal.SIGTERM)


@contextmanager
def scene(folder: Path, old: Berth, new: Berth) -> Iterator[tuple[story.Scene, Machine]]:
    """Let haproxy stand before both berths, and clients post records."""
    machine, prefix = Machine(folder, [old, new]), f"tests-{os.getpid()}-"
    podman = cast(Podman, machine)
    proxy = Proxy(podman, f"{prefix}proxy", [old.target, new.target], steered=True)
    record = {"userId": 1, "speed": 0.0, "note": None}
    with ExitStack() as stack:
        stack.callback(end_proxies, prefix)
        proxy.start()
        ask = Ask(proxy.url, None, record=record, post="/rest/records", latest="/rest/latest/")
        yield story.Scene(podman, proxy, [old.driver, new.driver], [ask], print), machine


SICK_SECONDS = 0.1
"""An answer of a sick berth: so slow that a step is not over when its health is known to be gone."""
needs_haproxy = pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed")
SHORT = replace(MOVE, steps=(10, 50, 100), requests=1000)


@needs_haproxy
def test_requests_are_shared_out_step_by_step_and_the_old_berth_is_stopped_under_load(tmp_path: Path) -> None:
    records: dict[str, Any] = {}
    old, new = Berth("old", records), Berth("new", records)
    with scene(tmp_path, old, new) as (stage, machine):
        moved, checks, gone = story.perform(stage, SHORT)
    assert all(one.kept for one in checks), checks
    assert [row.phase.name for row in moved.rows] == ["0 %", "10 %", "50 %", "100 %", "old stopped"]
    assert moved.requests >= 1000 and not moved.failures
    assert moved.records == len(records) == old.taken + new.taken > 100 and not moved.lost
    assert machine.ended == [("stop", "old")] and [one.unit.name for one in gone] == ["toy at old"]
    assert [one.promise for one in checks] == ["requests", "new's share", "records", "drained", "stop"]


@needs_haproxy
def test_a_killed_berth_costs_until_its_health_is_known_and_the_weights_go_back(tmp_path: Path) -> None:
    records: dict[str, Any] = {}
    with scene(tmp_path, Berth("old", records), Berth("new", records)) as (stage, machine):
        moved, checks, gone = story.perform(stage, replace(SHORT, kill_at=50))
    assert all(one.kept for one in checks), checks
    assert [row.phase.name for row in moved.rows] == ["0 %", "10 %", "50 %", "back to 0 %"]
    assert 0 < len(moved.failures) <= moved.most_cost and not moved.lost
    assert set(moved.rows[-1].seen) == {"old"}
    assert machine.ended == [("kill", "new")] and [one.unit.name for one in gone] == ["toy at new"]


@needs_haproxy
def test_a_berth_that_falls_ill_gets_nothing_more_and_the_move_has_failed(tmp_path: Path) -> None:
    records: dict[str, Any] = {}
    with scene(tmp_path, Berth("old", records), Berth("new", records, sick_after=1)) as (stage, machine):
        moved, checks, gone = story.perform(stage, replace(SHORT, requests=2000))
    assert [one.promise for one in checks if not one.kept] == ["health"]
    assert moved.rows[-1].phase.name == "back to 0 %" and set(moved.rows[-1].seen) == {"old"}
    assert not moved.failures, "it answered all the same"
    assert not machine.ended and not gone


@needs_haproxy
def test_requests_that_the_new_berth_fails_are_counted_with_their_reasons(tmp_path: Path) -> None:
    records: dict[str, Any] = {}
    with scene(tmp_path, Berth("old", records), Berth("new", records, refuses=True)) as (stage, _):
        _, checks, _ = story.perform(stage, replace(SHORT, requests=100))
    [broken] = [one for one in checks if not one.kept]
    assert broken.promise == "requests" and "POST /rest/records answered 500" in broken.place


@needs_haproxy
def test_a_record_that_the_new_berth_keeps_elsewhere_is_missed(tmp_path: Path) -> None:
    with scene(tmp_path, Berth("old", {}), Berth("new", {})) as (stage, _):
        moved, checks, _ = story.perform(stage, SHORT)
    assert {one.promise for one in checks if not one.kept} == {"requests", "records"}
    assert moved.lost and all(one.problem and "answered 404" in one.problem for one in moved.lost)
