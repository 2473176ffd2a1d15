"""Is this server alive, can it work, and how is the whole installation doing."""

from flask import Response, current_app
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from redis import Redis, RedisError

from api.blueprint import Blueprint
from api.metrics import REGISTRY
from journey_engine.errors import JourneyError, Unavailable
from journey_engine.store import overview
from journey_engine.store.session import migration_state, transaction

blueprint = Blueprint("health", __name__, description="Health of the installation")

REDIS_TIMEOUT_S = 1


@blueprint.get("/healthz")
@blueprint.response(200)
def alive():
    """This process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@blueprint.response(200)
def ready():
    """The database answers and has the tables of this release. Redis is told, but nothing needs it to be right."""
    config = current_app.config["JOURNEY"]
    try:
        found, needed = migration_state(config.database_url)
    except Exception as error:  # whatever keeps us from asking keeps us from working
        raise Unavailable("The database cannot be reached.") from error
    if found != needed:
        message = f"The database is at {found}, this release needs {needed}. Run `journey migrate`."
        raise Unavailable(message, code="unavailable:migrations")
    return {"status": "ready", "database": "ok", "migration": found, "redis": _redis(config.redis_url)}


@blueprint.get("/metrics")
@blueprint.response(200)
def metrics():
    """Numbers for Prometheus: of this process, and of the work that waits."""
    return Response(generate_latest(REGISTRY) + generate_latest(_backlog()), content_type=CONTENT_TYPE_LATEST)


def _redis(url: str) -> str:
    if not url:
        return "not configured"
    try:
        with Redis.from_url(url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S) as redis:
            redis.ping()
    except RedisError:
        return "away"
    return "ok"


def _backlog() -> CollectorRegistry:
    """What waits in the database, over all workspaces."""
    registry = CollectorRegistry()
    try:
        with transaction(current_app.extensions["engine"]) as tx:
            health = overview.health(tx)
    except JourneyError:
        Gauge("journey_database_up", "Whether the database answers", registry=registry).set(0)
        return registry
    Gauge("journey_database_up", "Whether the database answers", registry=registry).set(1)
    Gauge("journey_inbox_events", "Events not yet worked", registry=registry).set(health["inbox"])
    Gauge("journey_inbox_oldest_seconds", "Age of the oldest of them", registry=registry).set(
        health["oldest_inbox_s"] or 0
    )
    Gauge("journey_wake_lag_seconds", "How late the most overdue wake is", registry=registry).set(
        health["wake_lag_s"] or 0
    )
    queued = Gauge("journey_lane_queued", "Messages waiting to leave", ["lane"], registry=registry)
    oldest = Gauge("journey_lane_oldest_seconds", "Age of the oldest due message", ["lane"], registry=registry)
    for lane in health["lanes"]:
        queued.labels(lane["lane"]).set(lane["queued"])
        oldest.labels(lane["lane"]).set(lane["oldest_s"] or 0)
    return registry
