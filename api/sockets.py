"""The live line: one WebSocket per open page, on which the counts of watched journeys arrive as they change.

    page    watch {"journey_id"} | unwatch {"journey_id"}
    engine  counts (as GET …/counts answers, at most twice a second for each journey), overview (every three seconds)

A page is let in with a session and from our own address only, and may watch journeys of its own workspace.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from flask import Flask, current_app, request
from flask_login import current_user
from flask_socketio import SocketIO, join_room, leave_room

from api.auth import own_origins
from api.errors import answer as answer_error
from api.live import Live
from journey_engine.errors import NotSignedIn, Unavailable
from journey_engine.store import journeys
from journey_engine.store.session import transaction


def open_line(app: Flask) -> SocketIO:
    """Take WebSockets at /socket.io; the first page that comes starts the thread that tells what moves."""

    class Json:
        loads = staticmethod(json.loads)

        @staticmethod
        def dumps(value: Any, **_: Any) -> str:
            return app.json.dumps(value)

    def is_own(origin: str, environ: dict[str, Any]) -> bool:
        with app.app_context():
            return origin in own_origins(environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""))

    plain = app.wsgi_app
    line = SocketIO(
        app,
        async_mode="threading",
        transports=["websocket"],
        cors_allowed_origins=is_own,
        json=Json,
        manage_session=False,
    )
    app.wsgi_app = _only_signed_in(app, app.wsgi_app, plain)
    app.extensions["live"] = Live(app, line)
    line.on_event("connect", connect)
    line.on_event("disconnect", disconnect)
    line.on_event("watch", watch)
    line.on_event("unwatch", unwatch)
    return line


def _only_signed_in(app: Flask, line: Callable, plain: Callable) -> Callable:
    """Refuse strangers before their line is open: an open line holds a thread, whether it ever says a word or not.

    Other requests go to the application directly: Engine.IO makes a class for each one that passes through it, which
    takes time, and memory until the collector comes.
    """

    def answer(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith("/socket.io"):
            return plain(environ, start_response)
        with app.request_context(environ):
            try:
                signed_in = current_user.is_authenticated
            except Unavailable as error:
                return answer_error(error)(environ, start_response)
            if not signed_in:
                return answer_error(NotSignedIn())(environ, start_response)
        return line(environ, start_response)

    return answer


def connect(_: Any = None) -> bool:
    """False refuses the page: nobody is signed in, or it does not say where it comes from."""
    if not current_user.is_authenticated or "Origin" not in request.headers:
        return False
    join_room(f"overview {current_user.operator.workspace_id}")
    current_app.extensions["live"].came(request.sid, current_user.operator.workspace_id)
    return True


def disconnect(*_: Any) -> None:
    current_app.extensions["live"].left(request.sid)


def watch(asked: Any = None) -> dict[str, Any]:
    """Begin to send the counts of a journey; a foreign one does not exist here."""
    journey_id = _journey_id(asked)
    workspace_id = current_user.operator.workspace_id if current_user.is_authenticated else 0
    with transaction(current_app.extensions["engine"]) as tx:
        if journey_id is None or journeys.one(tx, workspace_id, journey_id) is None:
            return {"error": "There is no such journey.", "code": "not_found", "where": {}}
    join_room(str(journey_id))
    current_app.extensions["live"].watch(request.sid, workspace_id, journey_id)
    return {}


def unwatch(asked: Any = None) -> dict[str, Any]:
    journey_id = _journey_id(asked)
    if journey_id is not None:
        leave_room(str(journey_id))
        current_app.extensions["live"].unwatch(request.sid, journey_id)
    return {}


def _journey_id(asked: Any) -> UUID | None:
    try:
        return UUID(asked["journey_id"])
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
