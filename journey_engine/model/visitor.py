"""A visitor: an enrollment standing at a node, with what the node may read of its customer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from journey_engine.model.coupon import Coupon
from journey_engine.model.customer import Customer
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.known import Known
from journey_engine.model.zone import zone_of


@dataclass(slots=True)
class Visitor(Known):
    """What nodes, rules and templates see. `path` collects the nodes passed in this turn, with the reasons; `coupon` is
    the code that is held for them at a node that grants one."""

    enrollment: Enrollment
    customer: Customer
    graph: Any
    cause: dict[str, Any]
    path: list[dict[str, Any]] = field(default_factory=list)
    coupon: Coupon | None = None

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
    def journey_id(self) -> str:
        return str(self.enrollment.journey_id)

    def reached_at(self, node: str) -> datetime | None:
        """When this enrollment last came to a node."""
        return self.enrollment.reached.get(node) if self.enrollment.reached else None
