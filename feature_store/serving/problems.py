"""Errors as services get them: problem documents (RFC 9457), without what was sent and without secrets."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from feature_store.serving.bodies import Problem
from ontime.errors import OntimeError
from ontime.redaction import without_secrets

if TYPE_CHECKING:
    from fastapi import FastAPI

MEDIA_TYPE: Final = "application/problem+json"
logger = logging.getLogger(__name__)


def problem_response(status: int, detail: str) -> JSONResponse:
    """A problem as an answer."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=without_secrets(detail))
    return JSONResponse(problem.model_dump(), status_code=status, media_type=MEDIA_TYPE)


def describe_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problems as the OpenAPI page shows them."""
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {"description": HTTPStatus(status).phrase, "model": Problem, "content": {MEDIA_TYPE: reference}}
        for status in statuses
    }


def add_handlers(app: FastAPI) -> None:
    """Let all errors of an application be problems."""

    @app.exception_handler(OntimeError)
    def _of_ours(_request: Request, error: OntimeError) -> JSONResponse:
        return problem_response(error.http_status, str(error))

    @app.exception_handler(RequestValidationError)
    def _of_the_request(_request: Request, error: RequestValidationError) -> JSONResponse:
        # what was sent may hold numbers that JSON has not, and secrets
        parts = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return problem_response(422, "; ".join(parts))

    @app.exception_handler(HTTPException)
    def _of_the_framework(_request: Request, error: HTTPException) -> JSONResponse:
        answer = problem_response(error.status_code, error.detail)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    def _unexpected(_request: Request, error: Exception) -> JSONResponse:
        logger.error("unexpected %s: %s", type(error).__name__, without_secrets(str(error)))
        return problem_response(500, f"unexpected {type(error).__name__}")
