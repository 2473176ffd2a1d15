"""Report: tell whoever watches that journeys moved. A hint, not a number: who hears it reads the counts."""

from collections.abc import Iterable
from uuid import UUID

import orjson
import redis

CHANNEL = "journeys-moved"


def report(connection: redis.Redis | None, journeys: Iterable[UUID]) -> None:
    """Say which journeys moved; nothing is lost when nobody hears it."""
    moved = [str(journey) for journey in journeys]
    if connection is None or not moved:
        return
    try:
        connection.publish(CHANNEL, orjson.dumps({"journeys": moved}))
    except redis.RedisError:
        return
