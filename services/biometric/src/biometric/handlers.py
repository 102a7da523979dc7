"""Which problem answers which error of the routes."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from biometric.failures import refused_for
from biometric.problems import Refused, invalid, response


def handle_in(app: FastAPI) -> None:
    """Answer every error of the application in one form."""

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> Response:
        return response(error)

    @app.exception_handler(RequestValidationError)
    async def unprocessable(_: Request, error: RequestValidationError) -> Response:
        return response(invalid(error))

    @app.exception_handler(Exception)
    async def failed(_: Request, error: Exception) -> Response:
        # The guard logs it: starlette raises it again.
        return response(refused_for(error))

    @app.exception_handler(HTTPException)
    async def other(_: Request, error: HTTPException) -> Response:
        return response(Refused(HTTPStatus(error.status_code), error.detail, headers=error.headers))
