"""Attribute changed: the journey starts when an attribute becomes something else.

It hears the shop's `Customer Updated` and what journeys change themselves. A value that was told again is no change.
"""

from journey_engine.model.comparison import same
from journey_engine.model.event import CUSTOMER_UPDATED
from journey_engine.model.internal import CHANGED
from journey_engine.model.needs import Needs
from journey_engine.model.values import MISSING, look_up
from journey_engine.setting import setting
from journey_engine.text import Text
from journey_engine.triggers.base import FIRE, LATE, REFUSE, Internal, Match


class AttributeChanged(Internal):
    kind, icon = "attribute_changed", "user-pen"
    title = Text("Attribute changed", "属性变化")
    help = Text(
        "Starts when this attribute of a customer changes, from one value to another if you say so.",
        "当客户的该属性发生变化时进入旅程，可以限定变化前后的值。",
    )
    sentence = Text(
        "When {attribute} changes[ from {from_value}][ to {to_value}]",
        "当 {attribute} 发生变化[，原值为 {from_value}][，变为 {to_value}]",
    )

    attribute: str = setting("attribute", "Attribute", "属性", required=True)
    from_value: str = setting(
        "text", "From", "原值", default="", help=Text("Empty: from anything.", "留空表示任意原值。")
    )
    to_value: str = setting("text", "To", "新值", default="", help=Text("Empty: to anything.", "留空表示任意新值。"))
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

    def needs(self):
        return Needs(attributes={self.attribute, self.attribute.split(".")[0]})

    def watches(self):
        return frozenset((CUSTOMER_UPDATED, CHANGED))

    def meet(self, customer, event, now):
        before, after = self._values(customer, event)
        if same_or_missing(before, after):
            return None
        if not self._fits(before, self.from_value) or not self._fits(after, self.to_value):
            return None
        read = {"attribute": self.attribute, "from": shown(before), "to": shown(after)}
        if not self.late_events and event.received_at - event.occurred_at > LATE:
            return Match(customer, event, REFUSE, reason={"why": "late event", **read})
        told = {name: value for name, value in read.items() if value is not None}
        return Match(customer, event, FIRE, "", event.counts_from, {"why": "attribute changed", **read}, told)

    def _values(self, customer, event):
        """What it was and what it is; `before` has the attributes that changed, null for those that are new."""
        if event.name == CHANGED:
            before, after = event.properties.get("before") or {}, event.properties.get("after") or {}
        else:
            before, after = customer.before, {name: customer.attributes.get(name) for name in customer.before}
        return look_up(before, self.attribute), look_up(after, self.attribute)

    def _fits(self, value, wanted):
        return wanted == "" or (value is not MISSING and (same(value, wanted) or as_text(value) == wanted))


def same_or_missing(before, after):
    """Whether nothing happened to it."""
    return (before is MISSING and after is MISSING) or before == after


def as_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def shown(value):
    return None if value is MISSING else value
