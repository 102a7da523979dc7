"""Traces and metrics by OpenTelemetry, sent by OTLP; imported only where ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set.

Rate, errors and duration of every route are in one histogram, ``http.server.request.duration``. Each statement is a
span of its own. Neither a path, which names a user, nor what a statement was given or an error quotes, is sent.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

# Read when the instrumentations are first used: the stable names of HTTP and database attributes.
os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from starlette.types import ASGIApp, Receive, Scope, Send

from biometric import logs
from biometric.paths import route_of

CLOSE_SECONDS = 0.7
"""For each of the two; together they fit what the server leaves for closing."""
OTHER = "other"
"""The route of paths that are none of this service's: who tries them all shall not make a time series of each."""


class Telemetry:
    """What is sent, and where it is measured."""

    def __init__(self) -> None:
        """Read the standard's variables (``OTEL_*``) and begin to send."""
        resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "biometric")})
        self._traces = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._traces.add_span_processor(BatchSpanProcessor(_QuietExporter()))
        self._metrics = MeterProvider(
            [PeriodicExportingMetricReader(OTLPMetricExporter())], resource, shutdown_on_exit=False
        )
        self._statements: Any = AsyncPGInstrumentor()  # type: ignore[no-untyped-call]
        self._statements.instrument(tracer_provider=self._traces)

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application with a span and a measurement around each request."""
        measured = OpenTelemetryMiddleware(
            _unmasked(app),
            tracer_provider=self._traces,
            meter_provider=self._metrics,
            default_span_details=lambda scope: (f"{scope['method']} {scope['path']}", {"http.route": scope["path"]}),
            exclude_spans=["receive", "send"],
        )

        async def masked(scope: Scope, receive: Receive, send: Send) -> None:
            route = route_of(scope["path"]) or OTHER
            hidden = {"path": route, "raw_path": route.encode(), "query_string": b"", "client": None}
            await measured(
                {**scope, **hidden, "route": SimpleNamespace(path_format=route), "unmasked": scope}, receive, send
            )

        return masked

    def close(self) -> None:
        """Send what is left, but let no collector that is away hold up the end."""
        self._statements.uninstrument()
        ends = [threading.Thread(target=one.shutdown, daemon=True) for one in (self._traces, self._metrics)]
        for end in ends:
            end.start()
        for end in ends:
            end.join(CLOSE_SECONDS)


def _unmasked(app: ASGIApp) -> ASGIApp:
    """Give the application the request as it came, and the trace's name to the log."""

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        logs.trace_id.set(trace.format_trace_id(trace.get_current_span().get_span_context().trace_id))
        await app(scope["unmasked"], receive, send)

    return inner


class _QuietExporter(OTLPSpanExporter):
    """Sends that something failed, and not the error's words: PostgreSQL's quote the row."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            span._events, span._status = (), trace.Status(span.status.status_code)
        return super().export(spans)
