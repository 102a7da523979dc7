"""The OpenAPI document: FastAPI's own, with the hot paths and the form of errors added."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from biometric.attempts import KEY_LENGTH
from biometric.hot import LATEST_ROUTE, RECORDS
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
PROBLEMS = {
    "400": "The client left before its request was complete, or sent no HTTP",
    "401": "A token is asked for, and this is none that is accepted",
    "404": "There is nothing",
    "413": "The body is too large",
    "422": "Something in the request is wrong; `errors` lists all of it",
    "500": "The request could not be fulfilled",
    "503": "Not now; try again",
}


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
    batch = paths[f"{RECORDS}:batch"]["post"]
    batch["requestBody"] = BATCH_BODY
    batch["parameters"] = [IDEMPOTENCY_KEY]
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": f"{SCHEMAS}Problem"}}}}
    for path, operations in paths.items():
        for operation in operations.values():
            operation["responses"] = operation["responses"] | {
                status: {"description": text, **problem}
                for status, text in PROBLEMS.items()
                if status != "401" or not path.endswith("z")
            }
    _, models = models_json_schema(
        [(Record, "validation"), (Problem, "serialization")], by_alias=True, ref_template=SCHEMAS + "{model}"
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(models["$defs"])
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    document["paths"] = dict(sorted(paths.items()))
    return document
