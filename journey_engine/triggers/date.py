"""Date: the journey starts on a date that is stored with the customer, or some time before or after it.

The date is an attribute (`birthday`), lies inside an object (`card.expires_at`), or in each object of a list
(`coupons[].expires_at`): then each of them is an entry of its own, under its key. 29 February is the 28th in years that
have none.
"""

from datetime import UTC, datetime

from journey_engine.model.duration import Duration
from journey_engine.model.event import CUSTOMER_UPDATED
from journey_engine.model.internal import CHANGED, DATE_REACHED
from journey_engine.model.moment import Clock, read_date
from journey_engine.model.needs import Needs
from journey_engine.model.values import MISSING, anniversary, look_up
from journey_engine.model.zone import SAYS_ZONE, at, local, zone_of
from journey_engine.setting import setting
from journey_engine.text import Text
from journey_engine.triggers.base import FIRE, KEY_CHARS, REFUSE, Dues, Internal, Match, Passing

ON, BEFORE, AFTER = "on", "before", "after"
EACH = "[]."

MOST_ITEMS = 1_000


class DateTrigger(Internal):
    kind, icon = "date", "cake"
    title = Text("Date", "日期")
    help = Text(
        "Starts on a date stored with the customer, such as a birthday or the end of a coupon, or before or after it.",
        "在客户的某个日期（例如生日、优惠券到期日）当天、之前或之后进入旅程。",
    )
    sentence = Text("On {attribute}[, {time}]", "在 {attribute} 当天[ {time}]")
    sentences = (
        "shift",
        {
            ON: Text("On {attribute}[, {time}]", "在 {attribute} 当天[ {time}]"),
            BEFORE: Text("{offset} before {attribute}[, {time}]", "{attribute} 前 {offset}[ {time}]"),
            AFTER: Text("{offset} after {attribute}[, {time}]", "{attribute} 后 {offset}[ {time}]"),
        },
    )
    hears_of = DATE_REACHED

    attribute: str = setting(
        "attribute",
        "Date",
        "日期属性",
        required=True,
        help=Text(
            "Also inside an object (card.expires_at) or each object of a list (coupons[].expires_at).",
            "也可以是对象中的日期（card.expires_at）或列表中每个对象的日期（coupons[].expires_at）。",
        ),
    )
    shift: str = setting(
        "choice",
        "When",
        "时机",
        default=ON,
        choices={ON: Text("on it", "当天"), BEFORE: Text("before it", "之前"), AFTER: Text("after it", "之后")},
    )
    offset: Duration = setting("duration", "By", "提前/延后", required=True, only_when={"shift": (BEFORE, AFTER)})
    time: Clock = setting(
        "time",
        "At",
        "时刻",
        help=Text(
            "In the customer's zone. Empty: the time of the date itself.", "客户所在时区；留空则使用日期本身的时刻。"
        ),
    )
    yearly: bool = setting(
        "boolean", "Every year", "每年", default=False, help=Text("Such as a birthday.", "例如生日。")
    )
    item_key: str = setting(
        "property",
        "Key of an object",
        "对象的键",
        default="id",
        help=Text(
            "Which value of an object in a list tells it from the others, such as coupon_id.",
            "列表中用于区分各对象的值，例如 coupon_id。",
        ),
    )

    @property
    def key(self):
        return self.item_key if EACH in self.attribute else ""

    def problems(self):
        if self.attribute and (self.attribute.count(EACH) > 1 or self.attribute.startswith("[")):
            return [
                Text(
                    "a date lies in one list at most: coupons[].expires_at",
                    "日期最多位于一层列表中：coupons[].expires_at",
                )
            ]
        return []

    def needs(self):
        return Needs(attributes={self._root()}, zone=True)

    def rereads(self):
        return frozenset((CUSTOMER_UPDATED, CHANGED, DATE_REACHED))

    def passing(self):
        return Passing(attribute=self._root())

    def timing(self):
        return f"{self.attribute} {self.shift} {self.offset} {self.time} {self.yearly} {self.item_key}"

    def pass_at(self, after, since, home, place=""):
        """Once, when it begins to count: those whose dates are known already."""
        return None if place else (since, "all")

    def first_dues(self, customer, since, place):
        return self._dues(customer, since)

    def dues(self, customer, event, now):
        if event.name == DATE_REACHED:
            return self._next_year(customer, event)
        changed = customer.before if event.name == CUSTOMER_UPDATED else event.properties.get("before") or {}
        concerned = self._root() in changed or not SAYS_ZONE.isdisjoint(changed)
        return Dues(self._dues(customer, now)) if concerned else None

    def meet(self, customer, event, now):
        """The date may have been changed since it was noted."""
        key = event.properties.get("key", "")
        found = self._found(customer).get(key)
        read = {"attribute": self.attribute, "date": None if found is None else str(found[0])[:100]}
        instant = None if found is None else self._instant_from(found[0], event.occurred_at, customer)
        if instant != event.occurred_at:
            return Match(customer, event, REFUSE, key, reason={"why": "date changed", **read})
        reason = {"why": "date", **read}
        return Match(customer, event, FIRE, key, event.occurred_at, reason, {**found[1], "date": found[0]})

    def _next_year(self, customer, event):
        """Of those of every year the next is noted when one has come."""
        key, told = event.properties.get("key", ""), event.properties.get("trigger")
        found = self._found(customer).get(key)
        if not self.yearly or told != self.id or found is None:
            return None
        after = self._instant_after(found[0], event.occurred_at, customer)
        return None if after is None else Dues({key: after}, whole=False)

    def _dues(self, customer, after):
        comings = {key: self._instant_after(said, after, customer) for key, (said, _) in self._found(customer).items()}
        return {key: instant for key, instant in comings.items() if instant is not None}

    def _found(self, customer):
        """The dates by key, each with the object it lies in."""
        path, each, inner = self.attribute.partition(EACH)
        value = look_up(customer.attributes, path)
        if not each:
            return {} if value is MISSING or isinstance(value, list | dict) else {"": (value, {})}
        items = [item for item in value if isinstance(item, dict)][:MOST_ITEMS] if isinstance(value, list) else []
        return {
            self._key(item, inner): (look_up(item, inner), item)
            for item in items
            if look_up(item, inner) is not MISSING
        }

    def _key(self, item, inner):
        value = look_up(item, self.item_key) if self.item_key else MISSING
        return str(look_up(item, inner) if value is MISSING or isinstance(value, dict | list) else value)[:KEY_CHARS]

    def _instant_after(self, said, after, customer):
        """When it comes next after an instant; None when it does not come any more, or is no date."""
        zone = zone_of(customer.attributes, customer.calendar.zone, customer.phone or "")
        found = read_date(said, zone)
        if found is None:
            return None
        if not self.yearly:
            comings = [self._moved(found, zone)]
        else:
            wall, year = local(found, zone), local(after, zone).year
            days = (anniversary(wall.date(), year + n) for n in range(-3, 5))  # an offset is two years at most
            comings = [self._moved(at(datetime.combine(day, wall.time()), zone), zone) for day in days]
        return min((instant for instant in comings if instant > after), default=None)

    def _instant_from(self, said, instant, customer):
        """The same, counting the instant itself."""
        return self._instant_after(said, instant - datetime.resolution, customer)

    def _moved(self, found, zone):
        """The date moved by the offset and set to the time of day; days are moved on the calendar."""
        way = {ON: 0, BEFORE: -1, AFTER: 1}[self.shift]
        if way and self.offset.unit == "days":
            found = at(local(found, zone) + way * self.offset.span, zone)
        elif way:
            found += way * self.offset.span
        return (found if self.time is None else at(self.time.on(local(found, zone).date()), zone)).astimezone(UTC)

    def _root(self):
        """The attribute at the top in which the date lies."""
        return self.attribute.split(EACH)[0].split(".")[0]
