"""Services at their berths: what is run of each, and how the proxy leads to them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest

from berth.plan import Mooring, Plan, Way
from berth.rehearse.drivers.claims import left_out, units
from berth.rehearse.drivers.driver import free_port
from berth.rehearse.local import HOST
from berth.rehearse.podman import Output, Podman
from berth.rehearse.proxy import HEADER, Proxy, condition, configuration, has_choice, is_needed, shares
from berth.rehearse.roundtrip import request
from berth.rehearse.routes import Target, judge_route
from berth.rehearse.session import proxies
from berth.rehearse.workload import LoadBalancer, find_load_balancers
from components.rooms.edge import routes

from . import plans

HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")


def mooring(service: str, berth: str = "eks", weight: int = 1, **routes: str | bool) -> Mooring:
    """A mooring that is in no plan."""
    return Mooring(f"{service}-{berth}", service, berth, weight, ways=(Way(8080, **routes),))  # type: ignore[arg-type]


def way(**routes: str) -> Way:
    """A way to a service."""
    return Way(8080, **routes)  # type: ignore[arg-type]


def target(mooring: Mooring, port: int, health: str = "/healthz", way: int = 0) -> Target:
    """Where a mooring answers."""
    return Target(mooring, mooring.ways[way], port, LoadBalancer(health, frozenset({200, 204})))


def test_each_moorings_own_workload_is_run() -> None:
    both = [
        *plans.moored(plans.ecs(), "toy", "ecs-fargate", 90),
        *plans.moored(plans.eks(), "toy", "eks", 10),
    ]
    outside = plans.resource(plans.TASK, "cron", {})
    plan = Plan("toy", [*both, outside], {})
    found = list(units(plan))
    assert [(one.name, one.workload.type) for one in found] == [
        ("toy at ecs-fargate", plans.TASK),
        ("toy at eks", plans.DEPLOYMENT),
    ]
    assert left_out(plan) == ["TaskDefinition cron"]


def test_a_mooring_that_no_driver_takes_is_named() -> None:
    [component, *_] = plans.moored(plans.ecs(), "toy", "lambda")
    plan = Plan("toy", [component, *plans.moored(plans.eks(), "toy", "eks")], {})
    assert left_out(plan) == ["toy at lambda"]


def test_a_mooring_has_its_own_target_group() -> None:
    def asks(path: str, plan: Plan) -> Plan:
        return plans.edit(plan, plans.TARGET_GROUP, lambda inputs: inputs["healthCheck"].update(path=path))

    shop, billing = (
        plans.moored(asks(f"/{name}", plans.ecs()), name, "ecs-fargate", path=f"/{name}")
        for name in ("shop", "billing")
    )
    asked = [find_load_balancers(one.surroundings) for one in units(Plan("toy", [*shop, *billing], {}))]
    assert [[one.path for one in found] for found in asked] == [["/billing"], ["/shop"]]


def test_several_workloads_of_a_mooring_are_told_apart() -> None:
    shop = plans.moored(plans.ecs(), "shop", "ecs-fargate")
    more = plans.moored(plans.eks(), "shop", "ecs-fargate")[1:]
    assert [one.name for one in units(Plan("toy", [*shop, *more], {}))] == [
        "shop at ecs-fargate (toy-task)",
        "shop at ecs-fargate (toy)",
    ]


@pytest.mark.parametrize(
    ("moorings", "needed"),
    [
        ([], False),
        ([mooring("shop")], False),
        ([mooring("shop", path="/shop")], True),
        ([mooring("shop", host="shop.example")], True),
        ([mooring("shop", exposure="internal")], True),
        ([mooring("shop", "eks", 0), mooring("shop", "ecs-fargate", 1)], True),
    ],
)
def test_one_public_service_at_one_berth_needs_no_proxy(moorings: Sequence[Mooring], needed: bool) -> None:
    assert is_needed(moorings) is needed


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([90, 10], [9, 1]),
        ([100], [1]),
        ([0, 0], [0, 0]),
        ([0, 7], [0, 1]),
        ([256, 255], [256, 255]),
        # haproxy's largest is 256, and nobody who has a share loses it.
        ([999, 1], [256, 1]),
        ([999, 500, 0], [256, 129, 0]),
    ],
)
def test_weights_become_haproxys(weights: list[int], expected: list[int]) -> None:
    assert shares(weights) == expected


def test_conditions_are_those_of_the_listeners_rules() -> None:
    assert condition(way()) is None
    assert condition(way(path="/shop")) == "{ path /shop } || { path_beg /shop/ }"
    assert condition(way(host="shop.example")) == "{ req.hdr(host),field(1,:) -m str -i shop.example }"
    assert condition(way(exposure="internal", host="shop.example")) is None
    both = condition(way(host="shop.example", path="/a b"))
    assert both is not None and both.count("shop.example") == 2 and "{ path_beg '/a b/' }" in both


SERVICES = (
    mooring("site", "ecs-fargate", 90),
    mooring("site", "eks", 10),
    mooring("shop", path="/shop"),
    mooring("sales", path="/shop/sales"),
    mooring("admin", host="admin.example"),
    mooring("billing", exposure="internal"),
)


def written() -> str:
    """The configuration for all of them."""
    services: dict[str, list[Target]] = {}
    for port, one in enumerate(SERVICES, 8000):
        services.setdefault(one.service, []).append(target(one, port, "/healthz"))
    return configuration({"public": 4000, "internal": 4001}, services)


def test_the_most_particular_rule_comes_first_and_internal_services_have_a_front_of_their_own() -> None:
    public, internal = written().partition("frontend public")[2].split("frontend internal")
    rules = [line.split()[1] for line in public.splitlines() if "_backend" in line]
    assert rules == ["admin", "sales", "shop", "site"]
    internal_front = internal.partition("backend site")[0]
    assert "bind 127.0.0.1:4001" in internal_front and "default_backend billing" in internal_front
    assert "billing" not in public
    assert "server ecs-fargate 127.0.0.1:8000 weight 9" in internal
    assert "server eks 127.0.0.1:8001 weight 1" in internal


def test_who_has_no_route_gets_nothing() -> None:
    text = configuration({"public": 4000}, {"shop": [target(mooring("shop", path="/shop"), 8000, "/")]})
    assert "default_backend nothing" in text


@pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed")
def test_haproxy_understands_it(tmp_path: Path) -> None:
    file = tmp_path / "proxy.cfg"
    file.write_text(written())
    assert HAPROXY is not None
    checked = subprocess.run([HAPROXY, "-c", "-f", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0 and "WARN" not in checked.stderr, checked.stderr


class Machine:
    """In podman's place: it starts the proxy."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def finish(self, command: Sequence[str]) -> Output:
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        return Output(ended.returncode, ended.stdout, ended.stderr)


class Well(BaseHTTPRequestHandler):
    """A service that has nothing to say."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Picky(Well):
    """A service that knows two paths."""

    def do_GET(self) -> None:
        self.send_response(204 if self.path in ("/healthz", "/a/b?c=d") else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Quiet(ThreadingHTTPServer):
    """Says nothing of connections that the proxy's end cuts."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@pytest.fixture
def well() -> Iterator[int]:
    """Give the port of a service that answers."""
    server = Quiet(("127.0.0.1", 0), Well)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed")
def test_shares_are_judged_by_who_answers(tmp_path: Path, well: int) -> None:
    gone = free_port()
    targets = [
        target(mooring("site", "ecs-fargate", 3), well, "/"),
        target(mooring("site", "eks", 0), gone, "/"),
        target(mooring("shop", "ecs-fargate", 2, path="/shop"), well, "/"),
        target(mooring("shop", "eks", 2, path="/shop"), gone, "/"),
        target(mooring("billing", "eks", exposure="internal", path="/bills"), well, "/"),
    ]
    prefix = f"tests-{os.getpid()}-"
    proxy = Proxy(cast(Podman, Machine(tmp_path)), f"{prefix}proxy", targets)
    try:
        proxy.start()
        found = {check.container: (check.promised, check.seen, check.kept) for check in proxy.judge()}
        places = [check.place for check in proxy.judge() if not check.kept]
    finally:
        for pid in proxies(prefix):
            os.kill(int(pid), signal.SIGTERM)
    assert found == {
        "site": ("/ leads to it", "GET /: 204", True),
        "shop": ("/shop leads to it", "GET /shop: 204, nobody, with status 503", False),
        "billing": ("/bills leads to it", "GET /bills: 204", True),
        "site at ecs-fargate": ("1 of 1", "1 of 1", True),
        "site at eks": ("0 of 1", "0 of 1", True),
        "shop at ecs-fargate": ("1 of 2", "1 of 2", True),
        "shop at eks": ("1 of 2", "0 of 2", False),
        "billing at eks": ("1 of 1", "1 of 1", True),
    }
    [route, share] = places
    assert route == "GET /shop is to be answered by shop; it was answered by 204, nobody, with status 503"
    assert share.startswith("its weight is 2, and 2 requests were answered by") and "status 503 (1)" in share
    assert proxy.urls_inside() == {"BILLING_URL": proxy.url_of(targets[-1].way).replace("127.0.0.1", "10.0.2.2")}
    assert proxy.urls_inside()["BILLING_URL"].endswith("/bills")


@pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed")
@pytest.mark.parametrize("by_header", [True, False])
def test_a_request_chooses_its_berth_whatever_the_weights_where_the_plan_lets_it(
    tmp_path: Path, well: int, by_header: bool
) -> None:
    targets = [target(mooring("site", berth, weight), well, "/") for berth, weight in (("ecs-fargate", 1), ("eks", 0))]
    prefix = f"tests-{os.getpid()}-choice-"
    proxy = Proxy(cast(Podman, Machine(tmp_path)), f"{prefix}proxy", targets, by_header=by_header)

    def asked(berth: str) -> str | None:
        request = urllib.request.Request(f"{proxy.url}/", headers={"X-Berth": berth})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.headers[HEADER]  # type: ignore[no-any-return]

    try:
        proxy.start()
        seen = [asked(berth) for berth in ("eks", "ecs-fargate", "EKS", "nowhere")]
        found = [check for check in proxy.judge() if check.promise == "berth by header"]
    finally:
        for pid in proxies(prefix):
            os.kill(int(pid), signal.SIGTERM)
    chosen, first = "site at eks" if by_header else "site at ecs-fargate", "site at ecs-fargate"
    assert seen == [chosen, first, chosen, first]
    assert [check.kept for check in found] == ([True, True] if by_header else [])


def test_a_plan_says_whether_a_request_may_choose() -> None:
    def planned(*conditions: object) -> Plan:
        rule = plans.resource("aws:lb/listenerRule:ListenerRule", "shop", {"conditions": list(conditions)})
        return Plan("shop", [rule], {})

    path = {"pathPattern": {"values": ["/shop"]}}
    header = {"httpHeader": {"httpHeaderName": routes.BERTH_HEADER, "values": ["eks"]}}
    assert has_choice(planned(header, path))
    assert not has_choice(planned(path, {"httpHeader": {"httpHeaderName": "berth-host", "values": ["eks"]}}))


def test_a_route_is_judged_by_the_health_that_it_leads_to_and_any_answer_is_one_elsewhere() -> None:
    def judged(status: int, health: str = "/healthz", **routes: Any) -> tuple[str, bool]:
        check = judge_route(target(mooring("shop", **routes), 1, health), [status])
        return check.seen, check.kept

    assert judged(200) == ("GET /healthz: 200", True)
    assert judged(404) == ("GET /healthz: 404", False)
    assert judged(404, path="/shop") == ("GET /shop: 404", True)
    assert judged(404, "/shop/healthz", path="/shop") == ("GET /shop/healthz: 404", False)
    assert judged(404, path="/shop", strip=True) == ("GET /shop/healthz: 404", False)
    assert not judge_route(target(mooring("shop"), 1), [200], ["billing at eks"]).kept
    assert not judge_route(target(mooring("shop"), 1), []).kept


def test_what_haproxy_cannot_do_as_the_load_balancer_does_is_named(tmp_path: Path) -> None:
    targets = [
        target(mooring("billing", "ecs-fargate", 999, exposure="internal", host="billing.example"), 1, "/"),
        target(mooring("billing", "eks", 1, exposure="internal", host="billing.example"), 2, "/"),
    ]
    assert Proxy(cast(Podman, Machine(tmp_path)), "test-proxy", targets).not_rehearsed == [
        "billing's weights are rounded: haproxy's go up to 256",
        "billing's host billing.example: containers reach it by its address",
    ]


@pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed")
def test_a_path_is_taken_off_what_a_service_is_sent(tmp_path: Path) -> None:
    prefix = f"tests-{os.getpid()}-"
    with Quiet((HOST, 0), Picky) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stripped = mooring("shop", path="/shop.v1", strip=True)
        targets = [
            target(stripped, server.server_port),
            target(mooring("site", path="/site"), server.server_port),
        ]
        proxy = Proxy(cast(Podman, Machine(tmp_path)), f"{prefix}proxy", targets)
        try:
            proxy.start()
            seen = {check.container: check.seen for check in proxy.judge() if check.promise == "route"}
            base = proxy.url_of(stripped.ways[0])
            statuses = [request(f"{base}{path}")[0] for path in ("/a/b?c=d", "/healthz", "")]
        finally:
            for pid in proxies(prefix):
                os.kill(int(pid), signal.SIGTERM)
            server.shutdown()
    assert seen == {"shop": "GET /shop.v1/healthz: 204", "site": "GET /site: 404"}
    assert statuses == [204, 204, 404]
