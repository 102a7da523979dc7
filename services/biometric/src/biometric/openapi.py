"""The OpenAPI document: FastAPI's own, with headers and the form of errors added.

``python -m biometric.openapi`` prints it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from biometric.paths import ALIVE, HEALTH, LATEST_ROUTE, STREAM_ROUTE
from biometric.problems import MEDIA_TYPE
from biometric.schema import Problem, Record

SCHEMAS = "#/components/schemas/"
EVENTS = {
    "description": "Server-sent events: `id` is the order of arrival, `data` a Record; the first may come without one",
    "content": {"text/event-stream": {}},
}
HEADERS = {
    "X-Request-Id": "Under which the service's log has the request; the gateway's, if it gave one.",
    "Idempotent-Replayed": "`true` where an attempt before had stored it; absent otherwise.",
    "Retry-After": "Seconds after which another try makes sense.",
    "WWW-Authenticate": "`Bearer`, as RFC 6750 has it.",
}
PROBLEMS = {
    "400": "The client left before its request was complete",
    "401": "A token is asked for, and this is none that is accepted",
    "404": "There is no record of this user",
    "413": "The body is too large",
    "422": "Something in the request is wrong; `errors` lists all of it",
    "500": "The request could not be fulfilled",
    "503": "Not now; try again",
}
BY_STATUS = {"201": "Idempotent-Replayed", "401": "WWW-Authenticate", "503": "Retry-After"}
"""Which header comes with which status; one more comes with all."""
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {}]
"""A gateway or the service asks for a token where it is told to; without one, a deployment is open."""


def describe(app: FastAPI) -> None:
    """Let the application, with all its routes, publish the whole document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    document["paths"] = dict(sorted(document["paths"].items()))
    document["paths"][STREAM_ROUTE]["get"]["responses"] = {"200": EVENTS}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path not in HEALTH:
                operation["security"] = SECURITY
            _answer(path, operation)
    # Once more: FastAPI writes limits as floats, which have no room for the largest integers.
    exact = models_json_schema([(Record, "validation"), (Problem, "serialization")], ref_template=SCHEMAS + "{model}")
    schemas = document["components"]["schemas"] | exact[1]["$defs"]
    document["components"] = {
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()},
        # Without FastAPI's own form of errors.
        "schemas": {name: schemas[name] for name in sorted(schemas) if not name.endswith("ValidationError")},
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    }
    return document


def _answer(path: str, operation: dict[str, Any]) -> None:
    """Add to an operation's answers those that are problems, and every answer's headers."""
    problem = {MEDIA_TYPE: {"schema": {"$ref": f"{SCHEMAS}Problem"}}}
    problems = {status: {"description": PROBLEMS[status], "content": problem} for status in _problems(path, operation)}
    answers = {**operation["responses"], **problems}
    for status, answer in answers.items():
        names = ["X-Request-Id"] + ([BY_STATUS[status]] if status in BY_STATUS else [])
        answers[status] = answer | {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}
    operation["responses"] = dict(sorted(answers.items()))


def _problems(path: str, operation: dict[str, Any]) -> Iterator[str]:
    """Yield the statuses of the problems that an operation may answer with."""
    if path not in HEALTH:
        yield from ("401", "422")
    if "requestBody" in operation:
        yield from ("400", "413")
    if path == LATEST_ROUTE:
        yield "404"
    if path != ALIVE:
        yield from ("500", "503")


def main() -> None:
    """Print the document."""
    # Imported only here: the application imports this module.
    from biometric.app import Application
    from biometric.settings import Settings

    document = Application(Settings(environment="development")).api.openapi()
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
