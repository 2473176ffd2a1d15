"""What rules read of a customer, whether they are in a journey or not."""

from collections.abc import Sequence
from typing import Any

from journey_engine.model.customer import Customer
from journey_engine.model.event import Activity, Event
from journey_engine.model.standing import NOTHING, Entered, SentMessage, Standing


class Known:
    """The facts that belong to the customer; who derives from it adds those of an entry into a journey."""

    __slots__ = ()

    customer: Customer

    @property
    def attributes(self) -> dict[str, Any]:
        return self.customer.attributes

    @property
    def home_zone(self) -> str:
        """The workspace's zone, in which dates are meant that name none."""
        return self.customer.calendar.zone

    @property
    def standing(self) -> Standing:
        return self.customer.standing or NOTHING

    @property
    def consents(self) -> dict[tuple[str, str], str]:
        """What the customer last said, by channel and topic."""
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

    def activity(self, event: str) -> Activity | None:
        return self.customer.activity.get(event)

    def events(self, event: str) -> Sequence[Event]:
        return self.customer.history.get(event, ())
