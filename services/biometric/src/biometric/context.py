"""Which request is being served: known to every line of log that is written meanwhile."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
trace_id: ContextVar[str | None] = ContextVar("trace_id", default=None)
"""32 hexadecimal digits, as W3C Trace Context has it; None where nobody traces."""
