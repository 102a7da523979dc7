"""The OpenAPI document: FastAPI's own, with the hot paths, headers and the form of errors added.

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

from biometric.attempts import KEY_LENGTH
from biometric.paths import ALIVE, BATCH, HEALTH, LATEST_ROUTE, RECORDS, STREAM_ROUTE
from biometric.problems import MEDIA_TYPE
from biometric.schema import BATCH_RECORDS, LONG_MAX, Problem, Record

SCHEMAS = "#/components/schemas/"
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A string that is new for each record or batch, as a UUID is; a retry with it stores nothing twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": r"^[!-~]+$"},
}
LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "Id of the last event that the client has seen.",
    "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"},
}
EVENTS = {
    "description": "Server-sent events: `id` is the order of arrival, `data` a Record; the first may come without one",
    "content": {"text/event-stream": {}},
}
RECORD = {"application/json": {"schema": {"$ref": f"{SCHEMAS}Record"}}}
HOT: dict[str, dict[str, dict[str, Any]]] = {
    RECORDS: {
        "post": {
            "summary": "Create",
            "description": "Store a record and answer it as stored. An Idempotency-Key makes a retry safe.",
            "operationId": "create",
            "parameters": [IDEMPOTENCY_KEY],
            "requestBody": {"required": True, "content": RECORD},
            "responses": {"201": {"description": "Stored, now or by an attempt before", "content": RECORD}},
        }
    },
    LATEST_ROUTE: {
        "get": {
            "summary": "Latest",
            "description": "Answer the user's record with the highest tsStop, of several the one that arrived last.",
            "operationId": "latest",
            "parameters": [
                {
                    "name": "userId",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "integer", "minimum": 1, "maximum": LONG_MAX},
                }
            ],
            "responses": {"200": {"description": "The latest record", "content": RECORD}},
        }
    },
}
BATCH_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "array",
                "items": {"$ref": f"{SCHEMAS}Record"},
                "minItems": 1,
                "maxItems": BATCH_RECORDS,
            }
        }
    },
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
    """Let the application publish the whole document.

    Args:
        app: The application, with all its routes.
    """

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    paths = document["paths"]
    for path, operations in HOT.items():
        paths.setdefault(path, {}).update({method: dict(operation) for method, operation in operations.items()})
    batch = paths[BATCH]["post"]
    batch["requestBody"] = BATCH_BODY
    batch["parameters"] = [IDEMPOTENCY_KEY]
    stream = paths[STREAM_ROUTE]["get"]
    stream["parameters"] = [one for one in stream["parameters"] if one["in"] != "header"] + [LAST_EVENT_ID]
    stream["responses"] = {"200": EVENTS}
    for path, operations in paths.items():
        for operation in operations.values():
            if path not in HEALTH:
                operation["security"] = SECURITY
            _answer(path, operation)
    _, models = models_json_schema(
        [(Record, "validation"), (Problem, "serialization")], by_alias=True, ref_template=SCHEMAS + "{model}"
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(models["$defs"])
    document["components"] = {
        "headers": {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()},
        "schemas": dict(sorted(schemas.items())),
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    }
    document["paths"] = dict(sorted(paths.items()))
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
