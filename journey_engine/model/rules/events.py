"""Leaves that read what the customer did: whether, how often, how much, and what the first or last time was like.

What the activity of a customer can answer (how often ever, first, last) is not asked of the single events.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from journey_engine.model.comparison import (
    MISSING,
    OPERATORS,
    Comparison,
    RuleProblem,
    all_hold,
    check_value,
    look_up,
    parse_filters,
    read_name,
)
from journey_engine.model.comparison import shown as shown_value
from journey_engine.model.event import Event
from journey_engine.model.needs import Needs
from journey_engine.model.rules.base import Leaf, Scope, missing
from journey_engine.model.rules.window import KEYS, Span, Window, parse_window
from journey_engine.model.values import exact, number
from journey_engine.text import Text

COUNT, FIRST, LAST = "count", "first", "last"
TOTALS: dict[str, tuple[Callable[[Sequence[Fraction]], Fraction | None], Text]] = {
    "sum": (lambda values: sum(values, Fraction(0)), Text("the sum", "之和")),
    "avg": (
        lambda values: sum(values, Fraction(0)) / len(values) if values else None,
        Text("the average", "平均值"),
    ),
    "min": (lambda values: min(values, default=None), Text("the least", "最小值")),
    "max": (lambda values: max(values, default=None), Text("the most", "最大值")),
}
"""What may be made of a property's numbers; of no numbers the sum is 0, and the others are missing."""

NUMERIC_OPS = ("is", "is_not", ">", ">=", "<", "<=", "between")
DATE_OPS = ("before", "after", "between", "within_last")
EVENT_NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class Happened(Leaf):
    """What all leaves about an event share: its name, the window, and the filter of its properties."""

    event: str
    window: Window
    where: tuple[Comparison, ...]

    def by_activity(self) -> bool:
        """Whether the customer's activity says enough."""
        raise NotImplementedError

    def reads(self) -> Needs:
        refers = any(isinstance(one.value, dict) for one in self.where)
        needs = Needs(entry=self.window.reads_entry or refers, clock=self.window.last is not None)
        (needs.activity if self.by_activity() else needs.history).add(self.event)
        if self.window.node:
            needs.nodes.add(self.window.node)
        return needs

    def matching(self, scope: Scope, span: Span) -> list[Event]:
        """The events that count, oldest first."""
        found = [
            event
            for event in scope.facts.events(self.event)
            if span.holds(event.occurred_at) and all_hold(self.where, event.properties, scope.when, scope.known)
        ]
        return sorted(found, key=lambda event: (event.occurred_at, event.id))

    def turns_at(self, scope: Scope) -> datetime | None:
        lasts, span = self.window.lasts, self.window.span(scope)
        if lasts is None or span is None:
            return None
        if self.by_activity():
            activity = scope.facts.activity(self.event)
            times = [activity.last_at] if activity else []
        else:
            times = [event.occurred_at for event in self.matching(scope, span)]
        return min((at + lasts for at in times if span.holds(at)), default=None)

    def own_json(self) -> dict[str, Any]:
        where = [{"property": one.name, "op": one.op, "value": one.value} for one in self.where]
        return {"event": self.event, **self.window.to_json(), **({"where": where} if where else {})}

    def named(self) -> Text:
        """The event with its filter."""
        where = [one.summary() for one in self.where]
        en = " with " + " and ".join(w.en for w in where) if where else ""
        zh = "(" + " 且 ".join(w.zh for w in where) + ")" if where else ""
        return Text(f"{self.event}{en}", f"{self.event}{zh}")


@dataclass(frozen=True, slots=True)
class Did(Happened):
    """Whether it happened at all in the window."""

    did: bool = True

    def by_activity(self) -> bool:
        return not self.where and not self.window.has_end

    def read(self, scope: Scope) -> tuple[bool, Any]:
        span = self.window.span(scope)
        if span is None:
            return False, None
        last_at = self._last_at(scope, span)
        return (last_at is not None) is self.did, last_at.isoformat() if last_at else None

    def _last_at(self, scope: Scope, span: Span) -> datetime | None:
        if self.by_activity():
            activity = scope.facts.activity(self.event)
            return activity.last_at if activity and span.holds(activity.last_at) else None
        found = self.matching(scope, span)
        return found[-1].occurred_at if found else None

    def to_json(self) -> dict[str, Any]:
        return {**self.own_json(), "did": self.did}

    def summary(self, nested: bool = False) -> Text:
        verb = Text("did", "发生过") if self.did else Text("did not do", "没有发生")
        when, what = self.window.summary(), self.named()
        return Text(f"{verb.en} {what.en}{when.en}", f"{when.zh}{verb.zh} {what.zh}")


@dataclass(frozen=True, slots=True)
class Counted(Happened):
    """How often it happened."""

    comparison: Comparison = None

    def by_activity(self) -> bool:
        return not self.where and self.window == Window()

    def read(self, scope: Scope) -> tuple[bool, Any]:
        span = self.window.span(scope)
        if span is None:
            return False, None
        if self.by_activity():
            activity = scope.facts.activity(self.event)
            n = activity.count if activity else 0
        else:
            n = len(self.matching(scope, span))
        return self.comparison.judge_value(n, scope.when, scope.known), n

    def to_json(self) -> dict[str, Any]:
        return {**self.own_json(), "measure": COUNT, "op": self.comparison.op, "value": self.comparison.value}

    def summary(self, nested: bool = False) -> Text:
        what = Text("the number of {event}", "{event} 的次数").format(event=self.named())
        return compared(what, self.comparison, self.window)


@dataclass(frozen=True, slots=True)
class Totalled(Happened):
    """The sum, average, least or most of a property's numbers."""

    measure: str = "sum"
    of: str = ""
    comparison: Comparison = None

    def by_activity(self) -> bool:
        return False

    def read(self, scope: Scope) -> tuple[bool, Any]:
        span = self.window.span(scope)
        if span is None:
            return False, None
        values = (number(look_up(event.properties, self.of)) for event in self.matching(scope, span))
        total = TOTALS[self.measure][0]([Fraction(exact(value)) for value in values if value is not None])
        if total is None:
            return False, None
        read = int(total) if total.denominator == 1 else float(total)
        return self._holds(total, scope), read

    def _holds(self, total: Fraction, scope: Scope) -> bool:
        value = self.comparison.value
        if isinstance(value, dict):
            value = scope.known(value)
        bounds = value if isinstance(value, list) else [value]
        numbers = [number(one) for one in bounds]
        if None in numbers or len(numbers) != (2 if self.comparison.op == "between" else 1):
            return False
        low, high = (Fraction(exact(one)) for one in (numbers[0], numbers[-1]))
        return {
            "is": total == low,
            "is_not": total != low,
            ">": total > low,
            ">=": total >= low,
            "<": total < low,
            "<=": total <= low,
            "between": low <= total <= high,
        }[self.comparison.op]

    def to_json(self) -> dict[str, Any]:
        told = {"measure": self.measure, "of": self.of, "op": self.comparison.op, "value": self.comparison.value}
        return {**self.own_json(), **told}

    def summary(self, nested: bool = False) -> Text:
        what = Text("{total} of {of} of {event}", "{event} 的 {of} {total}").format(
            total=TOTALS[self.measure][1], of=self.of, event=self.named()
        )
        return compared(what, self.comparison, self.window)


@dataclass(frozen=True, slots=True)
class Placed(Happened):
    """When the first or last one was, or what one of its properties said."""

    measure: str = LAST
    of: str = ""
    comparison: Comparison = None

    def by_activity(self) -> bool:
        if self.where or self.of or self.window.has_end:
            return False
        return self.measure == LAST or self.window == Window()

    def reads(self) -> Needs:
        needs = Happened.reads(self)
        needs.clock = needs.clock or self.comparison.reads_clock
        needs.entry = needs.entry or isinstance(self.comparison.value, dict)
        return needs

    def read(self, scope: Scope) -> tuple[bool, Any]:
        found = self._found(scope)
        if found is MISSING:
            return self.comparison.op == "not_exists" and bool(self.of), None
        return self.comparison.judge_value(found, scope.when, scope.known), missing(found)

    def _found(self, scope: Scope) -> Any:
        """The property, or the instant as text; MISSING when there is no such event or property."""
        span = self.window.span(scope)
        if span is None:
            return MISSING
        if self.by_activity():
            activity = scope.facts.activity(self.event)
            at = (activity.last_at if self.measure == LAST else activity.first_at) if activity else None
            return at.isoformat() if at is not None and span.holds(at) else MISSING
        events = self.matching(scope, span)
        if not events:
            return MISSING
        event = events[-1 if self.measure == LAST else 0]
        return look_up(event.properties, self.of) if self.of else event.occurred_at.isoformat()

    def turns_at(self, scope: Scope) -> datetime | None:
        own = Happened.turns_at(self, scope)
        found = self._found(scope) if self.comparison.reads_clock else MISSING
        theirs = None if found is MISSING else self.comparison.next_flip(found, scope.when, scope.known)
        return min((at for at in (own, theirs) if at is not None), default=None)

    def to_json(self) -> dict[str, Any]:
        told = {"measure": self.measure, "op": self.comparison.op, "value": self.comparison.value}
        return {**self.own_json(), **told, **({"of": self.of} if self.of else {})}

    def summary(self, nested: bool = False) -> Text:
        which = Text("first", "首次") if self.measure == FIRST else Text("last", "最近一次")
        what = Text("the {which} {event}", "{which} {event}").format(which=which, event=self.named())
        if self.of:
            what = Text("{of} of {what}", "{what} 的 {of}").format(of=self.of, what=what)
        return compared(what, self.comparison, self.window)


def compared(what: Text, comparison: Comparison, window: Window) -> Text:
    """A measure with what it is compared with, and in which time."""
    operator, when = OPERATORS[comparison.op], window.summary()
    value = Text("", "")
    if operator.takes != "none":
        said = shown_value(comparison.value, operator.takes)
        value = Text(f" {said.en}", f" {said.zh}")
    zh = f"{when.zh} {what.zh} {operator.words.zh}{value.zh}".strip()
    return Text(f"{what.en} {operator.words.en}{value.en}{when.en}", zh)


SHAPE = {"event", "did", "measure", "of", "op", "value", "where"} | KEYS


def parse_event(raw: dict[str, Any]) -> Happened:
    """A leaf about an event."""
    event = read_name(raw.get("event"), Text("name the event", "请填写事件名称"), EVENT_NAME_CHARS)
    measure, did = raw.get("measure"), raw.get("did", True)
    if not set(raw) <= SHAPE or not isinstance(did, bool):
        raise RuleProblem(
            'an event leaf is {"event": name, "did": true, "where": [...]} with a window, or with a measure',
            '事件条件的格式是 {"event": 名称, "did": true, "where": [...]}，可加时间范围或度量',
        )
    common = (event, parse_window(raw), _parse_where(raw.get("where", [])))
    if measure is None:
        if raw.keys() & {"of", "op", "value"}:
            raise RuleProblem("say what to compare: count, sum, first …", "请选择要比较的度量：次数、总和、首次……")
        return Did(*common, did)
    if measure == COUNT:
        return Counted(*common, _parse_compared(raw, NUMERIC_OPS))
    if measure in TOTALS:
        return Totalled(*common, measure, _parse_of(raw), _parse_compared(raw, NUMERIC_OPS))
    if measure in (FIRST, LAST):
        of = _parse_of(raw) if raw.get("of") else ""
        return Placed(*common, measure, of, _parse_compared(raw, tuple(OPERATORS) if of else DATE_OPS))
    raise RuleProblem(
        "what is measured is one of count, sum, avg, min, max, first and last",
        "度量只能是 count、sum、avg、min、max、first、last 之一",
    )


def _parse_of(raw: dict[str, Any]) -> str:
    return read_name(raw.get("of"), Text("name the property to measure", "请填写要度量的属性"))


def _parse_compared(raw: dict[str, Any], ops: tuple[str, ...]) -> Comparison:
    op, value = raw.get("op"), check_value(raw.get("op"), raw.get("value"), references=True)
    if op not in ops:
        known = ", ".join(ops)
        raise RuleProblem("this measure is compared by {ops}", "该度量可用的运算符是 {ops}", ops=known)
    literal = not isinstance(value, dict)
    if ops is NUMERIC_OPS and literal and any(number(one) is None for one in _listed(value)):
        raise RuleProblem("this measure is compared with a number", "该度量只能与数字比较")
    if ops is DATE_OPS and literal and op == "between" and any(number(one) is not None for one in value):
        raise RuleProblem("compare an instant with two dates", "请用两个日期进行比较")
    return Comparison("", op, value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _parse_where(raw: Any) -> tuple[Comparison, ...]:
    where = parse_filters(raw, references=True, timed=True)
    if any(one.reads_clock for one in where):
        raise RuleProblem(
            "the filter of an event cannot count days from today; use a window",
            "事件筛选不能从今天起计算天数，请使用时间范围",
        )
    return where
