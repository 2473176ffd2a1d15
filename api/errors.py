"""One shape for everything that goes wrong: `{"error": sentence, "error_zh": sentence, "code": "…", "where": {…}}`.

What was not foreseen is logged with its trace and answered with one sentence that gives nothing away.
"""

import structlog
from flask import Flask, Response, jsonify, request
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from api.words import CHINESE
from journey_engine import errors
from journey_engine.errors import JourneyError
from journey_engine.text import Text

log = structlog.get_logger("api")

DATABASE_RETRY_S = 5
"""A database that restarts is back in about this time."""

BY_STATUS: dict[int, type[JourneyError]] = {
    400: errors.BadRequest,
    401: errors.NotSignedIn,
    403: errors.Forbidden,
    404: errors.NotFound,
    413: errors.TooLarge,
    415: errors.WrongType,
    422: errors.Invalid,
    429: errors.TooMany,
}


class MethodNotAllowed(JourneyError):
    """This address does not take that method; `Allow` lists those it takes."""

    code, status = "request:method", 405


def answer_errors(app: Flask) -> None:
    """Every exception of a request becomes an answer of the one shape."""
    app.register_error_handler(JourneyError, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(Exception, _unforeseen)


def to_json(error: JourneyError) -> dict:
    """The error as it is told; the Chinese sentence comes with the error or from the list of codes."""
    body = error.to_json()
    own = getattr(error, "text", None)
    chinese = own.zh if isinstance(own, Text) else CHINESE.get(error.code)
    if chinese:
        body["error_zh"] = chinese
    return body


def answer(error: JourneyError) -> Response:
    body = to_json(error) | getattr(error, "more", {})
    if request.path.startswith("/v1/"):
        body["message"] = error.message  # where Segment's libraries look for it
    response = jsonify(body)
    response.status_code = error.status
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, errors.Unavailable):
        response.headers["Retry-After"] = str(DATABASE_RETRY_S)
    if isinstance(error, errors.NotSignedIn):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.TooLarge):
        response.headers["Connection"] = "close"  # what is left of the body is not worth reading
    if error.status == 500:
        log.error("failed", code=error.code, sentence=error.message)
    return response


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code == 405:
        response = answer(MethodNotAllowed())
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response
    return answer(BY_STATUS.get(error.code, JourneyError)())


def _database(error: SQLAlchemyError) -> Response:
    """No connection to be had, or one that broke, is a matter of time; anything else is a fault of ours."""
    if isinstance(error, OperationalError) or "QueuePool limit" in str(error):
        log.warning("database_away", kind=type(error).__name__)
        return answer(errors.Unavailable())
    return _unforeseen(error)


def _unforeseen(error: Exception) -> Response:
    log.error("failed", kind=type(error).__name__, exc_info=error)
    return answer(JourneyError("The engine made a mistake; its log has the details. Trying again may help."))
