"""A visitor: an enrollment standing at a node, with what the node may read of its customer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from journey_engine.model.coupon import Coupon
from journey_engine.model.customer import Customer
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.event import Activity, Event
from journey_engine.model.standing import NOTHING, Entered, SentMessage, Standing
from journey_engine.model.zone import zone_of


@dataclass(slots=True)
class Visitor:
    """What nodes, rules and templates see. `path` collects the nodes passed in this turn, with the reasons; `coupon` is
    the code that is held for them at a node that grants one."""

    enrollment: Enrollment
    customer: Customer
    graph: Any
    cause: dict[str, Any]
    path: list[dict[str, Any]] = field(default_factory=list)
    coupon: Coupon | None = None

    @property
    def attributes(self) -> dict[str, Any]:
        return self.customer.attributes

    @property
    def properties(self) -> dict[str, Any]:
        return self.enrollment.context.get("event", {})

    @property
    def variables(self) -> dict[str, Any]:
        """What this enrollment was told to remember."""
        return self.enrollment.context.get("vars", {})

    @property
    def fired_at(self) -> datetime:
        return self.enrollment.fired_at

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the customer's local times are."""
        return zone_of(self.attributes, self.customer.calendar.zone, self.customer.phone)

    @property
    def home_zone(self) -> str:
        """The workspace's zone, in which dates are meant that name none."""
        return self.customer.calendar.zone

    @property
    def journey_id(self) -> str:
        return str(self.enrollment.journey_id)

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

    def reached_at(self, node: str) -> datetime | None:
        """When this enrollment last came to a node."""
        return self.enrollment.reached.get(node) if self.enrollment.reached else None

    def activity(self, event: str) -> Activity | None:
        return self.customer.activity.get(event)

    def events(self, event: str) -> Sequence[Event]:
        return self.customer.history.get(event, ())
