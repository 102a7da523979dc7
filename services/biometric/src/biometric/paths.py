"""The paths of the REST interface."""

from __future__ import annotations

RECORDS = "/rest/records"
BATCH = "/rest/records:batch"
USERS = "/rest/users"
LATEST = "/rest/read/json/latest/"
LATEST_ROUTE = "/rest/read/json/latest/{userId}"
STREAM = "/rest/stream/"
STREAM_ROUTE = "/rest/stream/{userId}"
ALIVE = "/healthz"
READY = "/readyz"
OPENAPI = "/openapi.json"

HEALTH = frozenset((ALIVE, READY))
"""Asked by load balancers and orchestrators, several times a minute and without a token."""
FIXED = HEALTH | {RECORDS, BATCH, USERS, OPENAPI}


def route_of(path: str) -> str | None:
    """Return the route that a path belongs to, which unlike the path names no user; None if there is none."""
    if path.startswith(LATEST):
        return LATEST_ROUTE
    if path.startswith(STREAM):
        return STREAM_ROUTE
    return path if path in FIXED else None
