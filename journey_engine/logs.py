"""Logs: one JSON object a line, without personal data: no values of a statement, no local variables, no quotations."""

import logging
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer


def set_up_logs() -> None:
    """Configure structured logs for this process; call once when it starts."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=20)),
            _places_only,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def _places_only(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    """An exception's words may quote a customer (a database's do); its kind and places are enough to find it."""
    raised = entry.get("exception")
    for one in raised if isinstance(raised, list) else ():
        for name in ("exc_value", "exc_notes", "syntax_error"):
            one.pop(name, None)
    return entry
