"""Logs as JSON lines: each request with its id, status and time. No bodies, addresses or queries are ever written."""

import logging
import re
import secrets
import traceback
from typing import Any

import structlog
from flask import Flask, Response, g, request

from api.metrics import REQUESTS
from journey_engine.clock import monotonic_s

ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
QUIET = ("health.alive", "health.ready", "health.metrics", "editor.asset", "events.take", "segment.batch")
"""Asked so often that a line for each would hide the rest; their numbers are in /metrics."""

log = structlog.get_logger("api")


def log_requests(app: Flask) -> None:
    """Give every request an id, tell how long it took, and count it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _places_only,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    app.before_request(_begin)
    app.after_request(_end)


def _places_only(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    """An exception as its kind and the places it came through; its words may quote what a customer sent."""
    error = entry.pop("exc_info", None)
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        entry["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return entry


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if ID.fullmatch(given) else secrets.token_hex(8)
    g.began = monotonic_s()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    took_s = monotonic_s() - g.get("began", monotonic_s())
    endpoint = request.endpoint or "nothing"
    REQUESTS.labels(endpoint, request.method, response.status_code).observe(took_s)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    if endpoint not in QUIET or response.status_code >= 500:
        log.info(
            "request", endpoint=endpoint, method=request.method, status=response.status_code, ms=round(took_s * 1000, 1)
        )
    return response
