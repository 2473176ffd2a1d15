"""Rules as SQL: the same tree that is judged on one customer, as a condition on the rows of `customers`.

Values are bound, never written into the statement. A part of a rule is true or false, never NULL, so that its opposite
is right. What a customer did is looked up by `customers.id IN (…)`, which the database answers from an index for a few
customers (`among`) and by hashing for all. A rule about one entry into a journey has no SQL.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatchmethod
from operator import ge, gt, le, lt
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Numeric,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, distinct_on
from sqlalchemy.dialects.postgresql import UUID as SqlUuid

from journey_engine.model.comparison import Comparison, When, after, days_between, written
from journey_engine.model.rules.base import Group, Not, Rule
from journey_engine.model.rules.compared import Compared
from journey_engine.model.rules.events import LAST, Counted, Did, Happened, Placed, Totalled
from journey_engine.model.rules.standing import (
    PROVED_BY,
    SENT,
    TAGS,
    Consented,
    InSegment,
    Journeyed,
    Messaged,
    Tagged,
)
from journey_engine.model.rules.window import Window
from journey_engine.model.values import exact, moment, number
from journey_engine.store.tables import (
    activity,
    consents,
    customers,
    enrollments,
    events,
    messages,
    receipts,
    segment_states,
    visits,
)

Condition = ColumnElement[bool]

ORDERS: dict[str, Callable[[Any, Any], Any]] = {">": gt, ">=": ge, "<": lt, "<=": le}


def condition(
    rule: Rule, workspace_id: int, zone: str, now: datetime, among: Sequence[UUID] | None = None
) -> Condition:
    """Whether a row of `customers` satisfies the rule at an instant. `among`: only these customers are asked about."""
    return and_(customers.c.workspace_id == workspace_id, Compiler(workspace_id, When(now, zone), among).held(rule))


@dataclass(frozen=True)
class Compiler:
    """Turns a tree into SQL, for one workspace and one instant."""

    workspace_id: int
    when: When
    among: Sequence[UUID] | None = None

    @singledispatchmethod
    def held(self, rule: Rule) -> Condition:
        raise NotImplementedError(type(rule).__name__)

    @held.register
    def _(self, rule: Group) -> Condition:
        parts = [self.held(one) for one in rule.rules]
        return and_(true(), *parts) if rule.every else or_(false(), *parts)

    @held.register
    def _(self, rule: Not) -> Condition:
        return not_(self.held(rule.rule))

    @held.register
    def _(self, leaf: Compared) -> Condition:
        return self.compared(leaf.comparison, _at(customers.c.attributes, leaf.comparison.name))

    @held.register
    def _(self, leaf: Tagged) -> Condition:
        return _has_item(_at(customers.c.attributes, TAGS), leaf.tag)

    # what the customer did

    @held.register
    def _(self, leaf: Did) -> Condition:
        if leaf.by_activity():
            did = self._by_activity(leaf, self._within(leaf.window, activity.c.last_at))
        else:
            did = self._somebody(self._events(leaf))
        return did if leaf.did else not_(did)

    @held.register
    def _(self, leaf: Counted) -> Condition:
        if leaf.by_activity():
            held, other = (
                self._by_activity(leaf, one) for one in _both(self._number(leaf.comparison, activity.c.count))
            )
        else:
            held, other = self._grouped(leaf, self._number(leaf.comparison, func.count()))
        return not_(other) if leaf.comparison.judge_value(0, self.when) else held

    @held.register
    def _(self, leaf: Totalled) -> Condition:
        read = _number_of(_at(cast(events.c.properties, JSONB), leaf.of))
        if leaf.measure == "avg":  # by multiplying, because the quotient would be rounded
            there = func.count(read) > 0
            return self._grouped(leaf, and_(there, self._number(leaf.comparison, func.sum(read), func.count(read))))[0]
        total = getattr(func, leaf.measure)(read)
        if leaf.measure != "sum":
            return self._grouped(leaf, _sure(self._number(leaf.comparison, total)))[0]
        held, other = self._grouped(leaf, self._number(leaf.comparison, func.coalesce(total, 0)))
        return not_(other) if leaf.comparison.judge_value(0, self.when) else held

    @held.register
    def _(self, leaf: Placed) -> Condition:
        if leaf.of:
            return self._property_of(leaf)
        if leaf.by_activity():
            at = activity.c.last_at if leaf.measure == LAST else activity.c.first_at
            return self._by_activity(leaf, and_(self._within(leaf.window, at), self._date(leaf.comparison, at)))
        at = (func.max if leaf.measure == LAST else func.min)(events.c.occurred_at)
        return self._grouped(leaf, self._date(leaf.comparison, at))[0]

    def _property_of(self, leaf: Placed) -> Condition:
        """Of each customer's first or last event, a property."""
        value = _at(cast(events.c.properties, JSONB), leaf.of).label("value")
        order = (events.c.occurred_at, events.c.id)
        order = [one.desc() for one in order] if leaf.measure == LAST else list(order)
        rows = self._events(leaf).with_only_columns(events.c.customer_id, value)
        placed = rows.ext(distinct_on(events.c.customer_id)).order_by(events.c.customer_id, *order).subquery()
        if leaf.comparison.op == "not_exists":
            return not_(self._somebody(select(placed.c.customer_id).where(_is_there(placed.c.value))))
        return self._somebody(select(placed.c.customer_id).where(self.compared(leaf.comparison, placed.c.value)))

    def _by_activity(self, leaf: Happened, wanted: Condition) -> Condition:
        found = select(activity.c.customer_id).where(
            activity.c.workspace_id == self.workspace_id, activity.c.name == leaf.event, wanted
        )
        return self._somebody(self._only(found, activity.c.customer_id))

    def _events(self, leaf: Happened) -> Select:
        """The customers of the events that count, one row for each event."""
        properties = cast(events.c.properties, JSONB)
        where = [self.compared(one, _at(properties, one.name)) for one in leaf.where]
        found = select(events.c.customer_id).where(
            events.c.workspace_id == self.workspace_id,
            events.c.name == leaf.event,
            self._within(leaf.window, events.c.occurred_at),
            *where,
        )
        return self._only(found, events.c.customer_id)

    def _grouped(self, leaf: Happened, having: Condition) -> tuple[Condition, Condition]:
        """Customers who have such events, and of whom all of them together satisfy something; and who do not."""
        found = self._events(leaf).group_by(events.c.customer_id)
        held, other = (self._somebody(found.having(one)) for one in _both(having))
        return held, other

    def _only(self, found: Select, customer: Any) -> Select:
        if self.among is None:
            return found
        return found.where(customer == any_(cast(literal(list(self.among), ARRAY(SqlUuid)), ARRAY(SqlUuid))))

    def _somebody(self, found: Select) -> Condition:
        return customers.c.id.in_(found)

    def _within(self, window: Window, at: Any) -> Condition:
        if window.last is not None:
            return at > _instant(self.when.now - window.last.span)
        if window.between is None:
            return true()
        span = window.days(self.when.zone)
        return and_(at >= _instant(span.start), at < _instant(span.end))

    # where the customer stands

    @held.register
    def _(self, leaf: InSegment) -> Condition:
        found = select(segment_states.c.customer_id).where(
            segment_states.c.segment_id == UUID(leaf.segment), segment_states.c.member
        )
        return self._somebody(self._only(found, segment_states.c.customer_id))

    @held.register
    def _(self, leaf: Consented) -> Condition:
        said = select(consents.c.customer_id).where(
            consents.c.workspace_id == self.workspace_id,
            consents.c.channel == leaf.channel,
            consents.c.topic == leaf.topic,
        )
        said = self._only(said, consents.c.customer_id)
        if leaf.state == "none":
            return not_(self._somebody(said))
        return self._somebody(said.where(consents.c.state == leaf.state))

    @held.register
    def _(self, leaf: Journeyed) -> Condition:
        found = select(enrollments.c.customer_id).where(
            enrollments.c.workspace_id == self.workspace_id,
            enrollments.c.journey_id == UUID(leaf.journey),
            enrollments.c.entered_at.is_not(None),
        )
        if leaf.state == "is_in":
            found = found.where(enrollments.c.ended_at.is_(None))
        if leaf.state == "reached":
            visit = func.json_array_elements(visits.c.path).table_valued("value", name="visit").render_derived()
            reached = select(1).select_from(visits).join(visit, true())
            here = visit.c.value.op("->>")(literal("node", Text)) == literal(leaf.node, Text)
            found = found.where(exists(reached.where(visits.c.enrollment_id == enrollments.c.id, here)))
        return self._somebody(self._only(found, enrollments.c.customer_id))

    @held.register
    def _(self, leaf: Messaged) -> Condition:
        found = select(messages.c.customer_id).where(messages.c.workspace_id == self.workspace_id)
        named = ((messages.c.node_id, leaf.node), (messages.c.channel, leaf.channel))
        found = found.where(*(column == value for column, value in named if value))
        if leaf.journey:
            found = found.where(messages.c.journey_id == UUID(leaf.journey))
        if leaf.what == SENT:
            found = found.where(messages.c.sent_at.is_not(None), self._within(leaf.window, messages.c.sent_at))
        else:
            proof = and_(receipts.c.message_id == messages.c.id, receipts.c.matched)
            found = found.join(receipts, and_(proof, receipts.c.kind.in_(PROVED_BY[leaf.what])))
            found = found.group_by(messages.c.id, messages.c.customer_id)
            found = found.having(self._within(leaf.window, func.min(receipts.c.at)))
        did = self._somebody(self._only(found, messages.c.customer_id))
        return did if leaf.did else not_(did)

    # comparisons

    def compared(self, one: Comparison, value: Any) -> Condition:
        """Whether a JSON value, or its absence, satisfies a comparison."""
        if one.op == "exists":
            return _is_there(value)
        if one.op == "not_exists":
            return not_(_is_there(value))
        if one.op == "is_not":
            return and_(_is_there(value), not_(_is_one_of(value, [one.value])))
        if one.op in ("is", "one_of"):
            return _is_one_of(value, one.value if one.op == "one_of" else [one.value])
        if one.op in ("contains", "starts_with", "matches"):
            return _text_condition(one.op, value, one.value)
        if one.op in ORDERS or (one.op == "between" and number(one.value[0]) is not None):
            return _sure(self._number(one, _number_of(value)))
        if one.op in ("before", "after", "between"):
            return _sure(self._instants(one, func.je_instant(value, self.when.zone)))
        return _sure(self._days(one, func.je_day(value, self.when.zone)))

    def _number(self, one: Comparison, read: Any, times: Any = None) -> Condition:
        """`times`: what the value is multiplied by, where `read` is a sum of so many."""
        if one.op == "between":
            low, high = (_numeric(bound, times) for bound in one.value)
            return and_(read >= low, read <= high)
        value = _numeric(one.value, times)
        if one.op in ORDERS:
            return ORDERS[one.op](read, value)
        return read == value if one.op == "is" else read != value

    def _date(self, one: Comparison, at: Any) -> Condition:
        """How an instant that is not JSON compares."""
        if one.op == "within_last":
            return self._days(one, cast(func.timezone(self.when.zone, at), Date))
        return self._instants(one, at)

    def _instants(self, one: Comparison, at: Any) -> Condition:
        if one.op == "before":
            return at < _instant(moment(one.value, self.when.zone)[0])
        if one.op == "after":
            return at >= _instant(after(one.value, self.when.zone))
        start, end = days_between(one.value, self.when.zone)
        return and_(at >= _instant(start), at < _instant(end))

    def _days(self, one: Comparison, day: Any) -> Condition:
        today = bindparam(None, self.when.today, Date)
        if one.op == "anniversary_within":
            return func.je_days_to_anniversary(day, today) <= one.value
        away = today - day if one.op == "within_last" else day - today
        return and_(away >= 0, away <= one.value)


def _at(tree: Any, path: str) -> Any:
    """The value under a name, or under a dotted path when there is no such name."""
    whole = _inside(tree, path)
    if "." not in path:
        return whole
    inner = tree
    for part in path.split("."):
        inner = _inside(inner, part)
    return case((tree.op("?", return_type=Boolean)(literal(path, Text)), whole), else_=inner)


def _inside(tree: Any, name: str) -> Any:
    return tree.op("->", return_type=JSONB)(literal(name, Text))


def _sure(wanted: Condition) -> Condition:
    """False where it cannot be said."""
    return func.coalesce(wanted, false())


def _both(wanted: Condition) -> tuple[Condition, Condition]:
    return _sure(wanted), not_(_sure(wanted))


def _is_there(value: Any) -> Condition:
    return _sure(func.jsonb_typeof(value) != "null")


def _text_of(value: Any) -> Any:
    return value.op("#>>", return_type=Text)(cast(literal("{}", Text), ARRAY(Text)))


def _is(kind: str, value: Any) -> Condition:
    return func.jsonb_typeof(value) == kind


def _is_one_of(value: Any, wanted: Sequence[Any]) -> Condition:
    """Equal to one of these; a number also equals the text it is written as, either way round."""
    texts = [one for one in wanted if isinstance(one, str)]
    plain = [exact(one) for one in wanted if isinstance(one, int | float) and not isinstance(one, bool)]
    spelled = [exact(found) for found in (number(one) for one in texts) if found is not None]
    parts = [value == cast(literal(one, JSONB), JSONB) for one in wanted if isinstance(one, bool)]
    if texts:
        parts.append(
            and_(_is("string", value), _text_of(value) == any_(cast(literal(texts, ARRAY(Text)), ARRAY(Text))))
        )
    if plain:
        parts.append(_number_of(value) == _any_number(plain))
    if spelled:
        parts.append(and_(_is("number", value), _number_of(value) == _any_number(spelled)))
    return _sure(or_(false(), *parts))


def _any_number(wanted: Sequence[Any]) -> Any:
    return any_(cast(literal([str(one) for one in wanted], ARRAY(Text)), ARRAY(Numeric)))


def _text_condition(op: str, value: Any, wanted: Any) -> Condition:
    text, looked_for = _text_of(value), written(wanted)
    if op == "starts_with":
        held = func.starts_with(text, literal(looked_for, Text))
    elif op == "matches":
        held = text.like(_like(looked_for), escape="\\")
    else:
        held = func.strpos(text, literal(looked_for, Text)) > 0
    found = _sure(and_(_is("string", value), held))
    return or_(found, _has_item(value, wanted)) if op == "contains" else found


def _like(pattern: str) -> Any:
    plain = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return literal(plain.replace("*", "%").replace("?", "_"), Text)


def _has_item(value: Any, wanted: Any) -> Condition:
    """Whether a JSON list has an item equal to this."""
    listed = case((_is("array", value), value), else_=cast(literal([], JSONB), JSONB))
    item = func.jsonb_array_elements(listed).table_valued(column("value", JSONB), name="item").render_derived()
    return exists(select(1).select_from(item).where(_is_one_of(item.c.value, [wanted])))


def _number_of(value: Any) -> Any:
    return func.je_number(value, type_=Numeric)


def _numeric(value: Any, times: Any = None) -> Any:
    bound = cast(literal(str(exact(number(value))), Text), Numeric)
    return bound if times is None else bound * times


def _instant(at: datetime) -> Any:
    return bindparam(None, at, DateTime(timezone=True))
