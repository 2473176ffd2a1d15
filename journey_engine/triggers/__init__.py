"""The trigger kinds, in palette order. Triggers decide and nothing else.

To add one: write its file, add a line here, give it cases in `tests/triggers/`.
"""

from journey_engine.triggers.absence import Absence
from journey_engine.triggers.api import Api
from journey_engine.triggers.attribute_changed import AttributeChanged
from journey_engine.triggers.base import Trigger
from journey_engine.triggers.channel import ChannelTrigger
from journey_engine.triggers.date import DateTrigger
from journey_engine.triggers.event import EventTrigger
from journey_engine.triggers.inactivity import Inactivity
from journey_engine.triggers.journey import JourneyTrigger
from journey_engine.triggers.schedule import Schedule
from journey_engine.triggers.segment import SegmentTrigger

TRIGGERS: dict[str, type[Trigger]] = {
    trigger.kind: trigger
    for trigger in (
        EventTrigger,
        Absence,
        Inactivity,
        SegmentTrigger,
        Schedule,
        DateTrigger,
        AttributeChanged,
        Api,
        JourneyTrigger,
        ChannelTrigger,
    )
}
