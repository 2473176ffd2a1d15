"""A window: the time in which something has to have happened to count.

Nothing said means ever; `since` the enrollment's entry or its last visit of a node; within the `last` so long; or
`between` two days, both included.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from journey_engine.model.comparison import RuleProblem, days_between, read_name
from journey_engine.model.duration import Duration
from journey_engine.model.rules.base import Scope
from journey_engine.text import Text

KEYS = {"since", "last", "between"}


class Span(NamedTuple):
    """Instants that count: after `after`, from `start` on, before `end`; None means no bound."""

    after: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return (
            (self.after is None or at > self.after)
            and (self.start is None or at >= self.start)
            and (self.end is None or at < self.end)
        )


EVER = Span()


@dataclass(frozen=True, slots=True)
class Window:
    """One of them, or none; see above."""

    since_entry: bool = False
    node: str = ""
    last: Duration | None = None
    between: tuple[str, str] | None = None

    def span(self, scope: Scope) -> Span | None:
        """The instants that count now; None when the node it counts from was never visited."""
        if self.since_entry:
            return Span(after=scope.facts.fired_at)
        if self.node:
            reached = scope.facts.reached_at(self.node)
            return None if reached is None else Span(after=reached)
        if self.last is not None:
            return Span(after=scope.when.now - self.last.span)
        if self.between is not None:
            return self.days(scope.when.zone)
        return EVER

    def days(self, zone: str) -> Span:
        start, end = days_between(self.between, zone)
        return Span(start=start, end=end)

    @property
    def has_end(self) -> bool:
        return self.between is not None

    @property
    def reads_entry(self) -> bool:
        return self.since_entry or bool(self.node)

    @property
    def lasts(self) -> timedelta | None:
        """After how long something stops to count."""
        return self.last.span if self.last is not None else None

    def to_json(self) -> dict[str, Any]:
        if self.since_entry or self.node:
            return {"since": {"node": self.node} if self.node else "entry"}
        if self.last is not None:
            return {"last": {"amount": self.last.amount, "unit": self.last.unit}}
        return {"between": list(self.between)} if self.between is not None else {}

    def summary(self) -> Text:
        """With a space before it in English, and to stand before the verb in Chinese."""
        if self.since_entry:
            return Text(" since entering", "进入后")
        if self.node:
            return Text(f" since node {self.node}", f"到达节点 {self.node} 之后")
        if self.last is not None:
            said = self.last.summary()
            return Text(f" within the last {said.en}", f"在过去 {said.zh}内")
        if self.between is not None:
            return Text(
                f" between {self.between[0]} and {self.between[1]}", f"在 {self.between[0]} 至 {self.between[1]} 期间"
            )
        return Text("", "")


def parse_window(raw: dict[str, Any]) -> Window:
    """The window of a leaf."""
    said = KEYS & raw.keys()
    if len(said) > 1:
        raise RuleProblem(
            "a window is one of `since`, `last` and `between`", "时间范围只能有一种：since、last 或 between"
        )
    if "last" in raw:
        return Window(last=_duration(raw["last"]))
    if "between" in raw:
        return Window(between=_days(raw["between"]))
    since = raw.get("since", "ever")
    if isinstance(since, dict) and set(since) == {"node"}:
        return Window(node=read_name(since["node"], Text("name the node to count from", "请选择从哪个节点开始计算")))
    if since not in ("ever", "entry"):
        raise RuleProblem(
            '`since` is "ever", "entry" or {"node": id}', 'since 只能是 "ever"、"entry" 或 {"node": 节点}'
        )
    return Window(since_entry=since == "entry")


def _duration(raw: Any) -> Duration:
    try:
        return Duration.parse(raw)
    except ValueError as problem:
        raise RuleProblem(f"`last`: {problem}", "时间范围需要一个不小于 1 的整数和单位，最长 730 天") from problem


def _days(raw: Any) -> tuple[str, str]:
    if isinstance(raw, list) and len(raw) == 2 and all(isinstance(one, str) for one in raw):
        span = days_between(raw, "UTC")
        if span is not None and span[0] < span[1]:
            return raw[0], raw[1]
    raise RuleProblem(
        "`between` takes two dates such as 2025-03-01, the earlier first", "between 需要两个日期，早的在前"
    )
