"""What every trigger kind has in common: which events it watches, and what an arriving event means to it.

fire    the customer enters now
arm     a clock starts (or starts anew); the customer enters when it runs out
cancel  the clock of that key stops
refuse  it matched, but starts nothing; counted with the reason
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from journey_engine.config import LATE_AFTER_S
from journey_engine.model.comparison import MISSING, Comparison, all_hold, look_up
from journey_engine.model.customer import Customer
from journey_engine.model.event import Event
from journey_engine.nodes.base import Piece
from journey_engine.setting import setting
from journey_engine.text import Text

FIRE, ARM, CANCEL, REFUSE = "fire", "arm", "cancel", "refuse"
LATE = timedelta(seconds=LATE_AFTER_S)
KEY_CHARS = 200


@dataclass(slots=True)
class Match:
    """What one event means to one trigger. `at` is the moment the entry counts from, or runs out at."""

    customer: Customer
    event: Event
    kind: str
    key: str = ""
    at: datetime | None = None
    reason: dict[str, Any] = field(default_factory=dict)


class Trigger(Piece):
    """A trigger of a journey. Its settings always include the key and what to do with late events."""

    role = "trigger"
    shelf = "triggers"
    reads_count: ClassVar[bool] = False

    where: tuple[Comparison, ...] = setting(
        "filters",
        "Only when",
        "仅当",
        default=[],
        help=Text("Reads the event, once, at entry.", "在进入时读取事件的属性，只判断一次。"),
    )
    key: str = setting(
        "property",
        "Key",
        "键属性",
        default="",
        help=Text(
            "A property such as cart_id: each value is a journey of its own.",
            "例如 cart_id：每个值对应一次独立的旅程。",
        ),
    )
    late_events: bool = setting(
        "boolean",
        "Late events start it anyway",
        "迟到的事件也能触发",
        default=False,
        help=Text(
            "Otherwise an event that is more than 24 hours old when it arrives starts nothing.",
            "否则，到达时已超过 24 小时的事件不会触发旅程。",
        ),
    )

    def problems(self) -> list[Text]:
        return []

    def watches(self) -> frozenset[str]:
        """Names of the events this trigger wants to see."""
        raise NotImplementedError

    def match(self, arrivals: Iterable[tuple[Customer, Event]], now: datetime) -> list[Match]:
        raise NotImplementedError

    def admit(self, customer: Customer, event: Event) -> Match | str:
        """The key of an event that may start something, or the refusal."""
        if not all_hold(self.where, event.properties):
            return Match(customer, event, REFUSE, reason={"why": "filter"})
        if not self.late_events and event.received_at - event.occurred_at > LATE:
            return Match(customer, event, REFUSE, reason={"why": "late event"})
        key = self.key_of(event)
        if key is None:
            return Match(customer, event, REFUSE, reason={"why": "no key", "key": self.key})
        return key

    def told(self, event: Event) -> dict[str, Any]:
        """What later nodes and templates may read of the event that started it."""
        return event.properties

    def key_of(self, event: Event) -> str | None:
        """The key's value as text; None when the event does not carry it."""
        if not self.key:
            return ""
        value = look_up(event.properties, self.key)
        return None if value is MISSING or isinstance(value, dict | list) else str(value)[:KEY_CHARS]
