"""What the waits for a local time share: whose zone it is in, and that a hold is planned anew when the zone changes."""

from datetime import datetime
from zoneinfo import ZoneInfo

from journey_engine.model.decision import HOLD, Decision, hold
from journey_engine.model.event import CUSTOMER_UPDATED
from journey_engine.model.internal import CHANGED
from journey_engine.model.needs import Needs
from journey_engine.model.visitor import Visitor
from journey_engine.model.zone import at, named_zone
from journey_engine.nodes.base import Node
from journey_engine.setting import setting
from journey_engine.text import Text

ATTRIBUTES_CHANGED = frozenset((CUSTOMER_UPDATED, CHANGED))
"""A customer's attributes may change by an event of the shop, and by a node of a journey."""


class Waiting(Node):
    """A node that holds until an instant which follows from its settings, the customer, and when they came.

    Subclasses say in `plan` what they want for a visitor who is held since then.
    """

    shelf, holds, recounts = "timing", True, True

    def local(self) -> bool:
        """Whether the customer's own zone is read."""
        return False

    def plan(self, visitor: Visitor, since: datetime) -> Decision:
        raise NotImplementedError

    def needs(self):
        return Needs(zone=self.local())

    def hears(self):
        return ATTRIBUTES_CHANGED if self.local() else frozenset()

    def visit(self, visitors, now):
        return [self.plan(visitor, now) for visitor in visitors]

    def hear(self, visitor, event, now):
        return unless_same(visitor, self.plan(visitor, visitor.enrollment.held_since))


class ZonedWaiting(Waiting):
    """A wait for a time in the customer's zone, or in a named one."""

    zone: str = setting(
        "zone",
        "Zone",
        "时区",
        default="",
        help=Text(
            "Empty: the customer's own, from their attribute, address or number, else the workspace's.",
            "留空则使用客户所在时区（依次取属性、地址、电话号码），都没有时使用工作区时区。",
        ),
    )

    def local(self):
        return not self.zone

    def zone_for(self, visitor: Visitor) -> ZoneInfo:
        return named_zone(self.zone) or visitor.zone


def unless_same(visitor: Visitor, decision: Decision) -> Decision | None:
    """Nothing, when a visitor who is held is to be held as they are."""
    same = decision.kind == HOLD and decision.until == visitor.enrollment.wake_at
    return None if same else decision


def hold_until(visitor: Visitor, wall: datetime, zone: ZoneInfo, **read: object) -> Decision:
    """Hold until the clock on the wall says this; the reason keeps what it says, where, and the instant."""
    until = at(wall, zone)
    reason = {"why": "wait", "until": until.isoformat(), "wall": wall.isoformat(" ", "seconds"), "zone": zone.key}
    return hold(visitor, until, {**reason, **read})
