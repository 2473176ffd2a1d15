"""Places: a journey that lets in only so many within an hour or a day gives each who comes the next free one.

Places are numbered from the beginning of the present span on, so whoever comes when it is full has one in a later span,
in the order of coming, and nobody has to look for a place again. The row stays locked until the turn ends: no place is
given twice, and none is lost when a turn is undone.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from journey_engine.journey_settings import DAY, SKIP
from journey_engine.model.zone import at, local, named_zone
from journey_engine.pipeline.routes import LiveJourney
from journey_engine.pipeline.scene import Scene

HOUR_S = 3600


class Full(Exception):
    """All places of this span are taken, and nobody is to wait for one."""


def take_place(scene: Scene, journey: LiveJourney, limit: Any) -> datetime | None:
    """The next place of this journey: None when it is one of now, else when its time comes; raises Full."""
    zone = named_zone(scene.routes.calendar(journey.workspace_id).zone)
    volume = scene.volumes.get(journey.id)
    if volume is None:
        volume = scene.volumes[journey.id] = scene.world.volume(journey.id, journey.workspace_id)
    span = local(scene.now, zone).toordinal() if limit.per == DAY else int(scene.now.timestamp()) // HOUR_S
    if volume.span - span == 1:
        span = volume.span  # another turn, which began later, was faster
    gone = limit.at_most * abs(span - volume.span)
    volume.span, volume.taken = span, max(volume.taken - gone, 0)
    ahead, place = divmod(volume.taken, limit.at_most)
    if ahead and limit.then == SKIP:
        raise Full()
    volume.taken += 1
    if not ahead:
        return None
    later = span + ahead
    begins = at(datetime.combine(date.fromordinal(later), time()), zone) if limit.per == DAY else _hour(later)
    return begins + timedelta(microseconds=place)


def _hour(number: int) -> datetime:
    return datetime.fromtimestamp(number * HOUR_S, UTC)
