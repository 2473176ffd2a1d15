"""The first page: what runs, what happened today, what waits."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from redis import Redis, RedisError
from sqlalchemy import Engine

from api.auth import workspace_id
from api.blueprint import Blueprint
from journey_engine.clock import monotonic_s, now
from journey_engine.ids import first_id_of
from journey_engine.store import overview as store
from journey_engine.store import workspaces
from journey_engine.store.session import transaction

blueprint = Blueprint("overview", __name__, url_prefix="/api/v1/overview", description="What happens today")

TODAY_KNOWN_S = 2.0
"""Counting a day reads its events, so several open pages share one count."""


@blueprint.get("")
@blueprint.response(200)
def show():
    """Journeys by status, today's numbers in the workspace's time zone, and the health of the engine."""
    return read_overview(current_app, workspace_id())


def read_overview(app: Any, workspace: int) -> dict[str, Any]:
    """The overview of one workspace, at most two seconds old."""
    known = app.extensions.setdefault("overviews", {})
    found, until = known.get(workspace, (None, 0.0))
    if until < monotonic_s():
        found = _read(app.extensions["engine"], workspace, app.config["JOURNEY"].redis_url)
        known[workspace] = (found, monotonic_s() + TODAY_KNOWN_S)
    return found


def _read(engine: Engine, workspace: int, redis_url: str) -> dict[str, Any]:
    with transaction(engine) as tx:
        zone = ZoneInfo(workspaces.timezone(tx, workspace))
        return {
            "journeys": store.journeys_by_status(tx, workspace),
            "today": store.today(tx, workspace, first_id_of(_midnight(zone))),
            "health": store.health(tx, workspace) | {"workers": _workers(redis_url)},
        }


def _midnight(zone: ZoneInfo) -> datetime:
    local = now().astimezone(zone)
    return local - timedelta(
        hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )


def _workers(redis_url: str) -> int:
    """How many workers are registered; none are known while Redis is away."""
    if not redis_url:
        return 0
    try:
        with Redis.from_url(redis_url, socket_timeout=0.5, socket_connect_timeout=0.5) as redis:
            return redis.scard("rq:workers")
    except RedisError:
        return 0
