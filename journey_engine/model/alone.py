"""A customer alone: what rules read that are about no entry into a journey, such as those of segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from journey_engine.model.customer import Customer
from journey_engine.model.event import Activity, Event
from journey_engine.model.standing import NOTHING, Entered, SentMessage, Standing


@dataclass(slots=True)
class Alone:
    """The facts of one customer. What belongs to an entry is empty; a rule that reads it is refused beforehand."""

    customer: Customer

    @property
    def attributes(self) -> dict[str, Any]:
        return self.customer.attributes

    @property
    def properties(self) -> dict[str, Any]:
        return {}

    variables = properties

    @property
    def fired_at(self) -> datetime:
        return datetime.max.replace(tzinfo=UTC)

    @property
    def home_zone(self) -> str:
        return self.customer.calendar.zone

    @property
    def journey_id(self) -> str:
        return ""

    @property
    def standing(self) -> Standing:
        return self.customer.standing or NOTHING

    @property
    def consents(self) -> dict[tuple[str, str], str]:
        return {**self.standing.consents, **self.customer.said}

    @property
    def segments(self) -> set[str]:
        return self.standing.segments

    @property
    def messages(self) -> Sequence[SentMessage]:
        return self.standing.messages

    @property
    def entries(self) -> Sequence[Entered]:
        return list(self.standing.entries.values())

    def reached_at(self, node: str) -> datetime | None:
        return None

    def activity(self, event: str) -> Activity | None:
        return self.customer.activity.get(event)

    def events(self, event: str) -> Sequence[Event]:
        return self.customer.history.get(event, ())
