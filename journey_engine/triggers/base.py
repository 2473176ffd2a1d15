"""What every trigger kind has in common: which events it watches, and what an arriving event means to it.

A trigger that goes by the clock watches an internal event, and says beforehand when that falls due for a customer:
`dues` are noted whenever something happens that changes them, and told as events when their time has come.

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
from journey_engine.model.needs import Needs
from journey_engine.model.rule import Rule
from journey_engine.nodes.base import Piece
from journey_engine.setting import setting
from journey_engine.text import Text

FIRE, ARM, CANCEL, REFUSE = "fire", "arm", "cancel", "refuse"
LATE = timedelta(seconds=LATE_AFTER_S)
KEY_CHARS = 200


@dataclass(slots=True)
class Match:
    """What one event means to one trigger. `at` is the moment the entry counts from, or runs out at; `told` what later
    nodes and templates may read of it, when that is not what the event itself tells."""

    customer: Customer
    event: Event
    kind: str
    key: str = ""
    at: datetime | None = None
    reason: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Dues:
    """When a trigger's moment comes for one customer, by key. `whole`: keys that are not named have none any more."""

    at: dict[str, datetime]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Passing:
    """Whom a pass meets: those who did one of these things, those with an attribute, those of an audience; or all."""

    names: frozenset[str] | None = None
    attribute: str | None = None
    audience: Rule | None = None


class Trigger(Piece):
    """A trigger of a journey. Its settings always include the key and what to do with late events."""

    role = "trigger"
    shelf = "triggers"
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

    extends: ClassVar[bool] = False
    """When two customers become one: whether the later of their moments counts, or that of the one who stays."""

    audience: Rule | None = None
    """Who it is for, when it is not for everybody who matches."""

    def problems(self) -> list[Text]:
        return []

    def watches(self) -> frozenset[str]:
        """Names of the events this trigger wants to see."""
        raise NotImplementedError

    def match(self, arrivals: Iterable[tuple[Customer, Event]], now: datetime) -> list[Match]:
        raise NotImplementedError

    def needs(self) -> Needs:
        """What it reads of a customer when an event has arrived."""
        return Needs()

    def rereads(self) -> frozenset[str]:
        """Names of the events after which its moment for a customer has to be told anew."""
        return frozenset()

    def dues(self, customer: Customer, event: Event, now: datetime) -> Dues | None:
        """When its moment comes for this customer, after this event; None when that has not changed."""
        return None

    def pass_at(self, after: datetime, since: datetime, home: str, place: str = "") -> tuple[datetime, str] | None:
        """When it next has to pass over all customers, and for which of its moments; `place` is the last pass."""
        return None

    def passing(self) -> Passing:
        """Which customers such a pass has to meet."""
        return Passing()

    def first_dues(self, customer: Customer, since: datetime, place: str) -> dict[str, datetime]:
        """When its moment comes, after `since`, for a customer met in a pass; by key."""
        return {}

    def timing(self) -> str:
        """The settings that decide when its moments come, in one line; empty when it does not go by the clock."""
        return ""

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


class Internal(Trigger):
    """A trigger that an internal event starts. One that names a trigger is heard by that trigger alone."""

    hears_of: ClassVar[str]
    where: tuple[Comparison, ...] = ()
    key: str = ""
    late_events: bool = False

    def watches(self) -> frozenset[str]:
        return frozenset((self.hears_of,))

    def match(self, arrivals: Iterable[tuple[Customer, Event]], now: datetime) -> list[Match]:
        own = [(customer, event) for customer, event in arrivals if event.properties.get("trigger", self.id) == self.id]
        matches = [self.meet(customer, event, now) for customer, event in own]
        return [match for match in matches if match is not None]

    def meet(self, customer: Customer, event: Event, now: datetime) -> Match | None:
        """What the event means for this customer; None when nothing."""
        raise NotImplementedError
