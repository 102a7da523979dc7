"""Traces and metrics as a collector gets them; and what it never gets."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import postgres
import processes
from collector import Collector, attributes, collecting
from conftest import NewDatabase, with_schema

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
LATEST = "/rest/read/json/latest/"
USER = 202004285


@pytest.fixture(scope="module")
def collected(
    server: postgres.Server, new_postgres: NewDatabase, tmp_path_factory: pytest.TempPathFactory, sample: bytes
) -> tuple[Collector, str]:
    """What a collector has got, and what the log says, after some requests good and bad."""
    variables = with_schema(new_postgres())
    with server.connect(variables["DATABASE_NAME"]) as connection:
        connection.execute("ALTER TABLE record ADD CHECK (heart_rate2 < 200)")
    with collecting() as collector:
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{collector.port}"
        with processes.serving(variables, tmp_path_factory.mktemp("telemetry")) as service:
            assert service.request("POST", "/rest/records", sample)[0] == 201
            traced = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
            assert service.request("GET", f"{LATEST}{USER}", headers=traced)[0] == 200
            assert service.request("GET", f"{LATEST}{USER + 1}?secret=f21czytu117t")[0] == 404
            assert service.request("GET", f"/rest/records?userId={USER}")[0] == 200
            assert service.request("GET", f"/f21czytu117t/{USER}")[0] == 404
            broken = sample.replace(b'"heartRate2":91', b'"heartRate2":201')
            assert service.request("POST", "/rest/records", broken)[0] == 500
            service.process.send_signal(signal.SIGTERM)  # what is measured so far is sent at the end
            service.process.wait(timeout=20)
            log = service.log.read_text()
    return collector, log


def test_a_request_goes_on_with_the_callers_trace(collected: tuple[Collector, str]) -> None:
    (span,) = collected[0].named(f"GET {LATEST}{{userId}}")[:1]
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert attributes(span)["http.route"] == f"{LATEST}{{userId}}"
    assert attributes(span)["http.response.status_code"] == 200
    assert f'"trace_id":"{TRACE}"' in collected[1]


def test_the_databases_spans_are_children_of_the_requests(collected: tuple[Collector, str]) -> None:
    collector, _ = collected
    for name, statement in (
        (f"GET {LATEST}{{userId}}", "SELECT"),
        ("POST /rest/records", "INSERT"),
        ("GET /rest/records", "SELECT"),
    ):
        request = collector.named(name)[0]
        queries = [attributes(span).get("db.query.text", "") for span in collector.spans
                   if span.parent_span_id == request.span_id]  # fmt: skip
        assert any(statement in query for query in queries), (name, queries)


def test_rate_errors_and_duration_are_measured_by_route(collected: tuple[Collector, str]) -> None:
    (duration,) = [metric for metric in collected[0].metrics if metric.name == "http.server.request.duration"]
    found = {}
    for point in duration.histogram.data_points:
        labels = attributes(point)
        found[labels["http.request.method"], labels["http.route"], labels["http.response.status_code"]] = point.count
    latest = f"{LATEST}{{userId}}"
    assert found["POST", "/rest/records", 201] == 1
    assert found["POST", "/rest/records", 500] == 1
    assert (found["GET", latest, 200], found["GET", latest, 404]) == (1, 1)
    assert found["GET", "other", 404] == 1, "who tries every path does not make a time series of each"


def test_nothing_of_a_record_and_no_path_is_sent(collected: tuple[Collector, str]) -> None:
    collector, log = collected
    assert any(attributes(span).get("error.type") == "CheckViolationError" for span in collector.spans)
    for content in (b"f21czytu117t", b"5.122996", b"-23.831520", str(USER).encode(), b"1588114545442", b"heartRate"):
        assert not any(content in body for body in collector.raw), content
        assert content.decode() not in log


def test_without_an_endpoint_nothing_is_imported() -> None:
    # FastAPI itself imports OpenTelemetry's interface where it is installed; that measures nothing.
    measuring = tuple(f"opentelemetry.{part}" for part in ("sdk", "exporter", "instrumentation"))
    names = (*measuring, "jwt", "botocore", "alembic")
    code = (
        "import sys; from biometric.app import Application; from biometric.settings import load;"
        "Application(load({'ENVIRONMENT': 'development'}));"
        f"print([name for name in sys.modules if name.startswith({names!r})])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_collector_that_is_away_costs_no_request(stored: dict[str, str], tmp_path: Path, sample: bytes) -> None:
    stored["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{processes.free_port()}"
    with processes.serving(stored | {"SHUTDOWN_SECONDS": "6"}, tmp_path) as service:
        assert service.request("POST", "/rest/records", sample)[0] == 201
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(timeout=6)
