"""One comparison: a name, an operator, a value; judged on a tree of JSON values.

Operators that read a date take it in the workspace's zone unless its text says otherwise. Those that count days read
the clock too, so what they say changes at a midnight: `next_flip` says at which.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from journey_engine.model.values import (
    MISSING,
    anniversary,
    day,
    local_day,
    look_up,
    midnight,
    moment,
    next_anniversary,
    number,
    order,
)
from journey_engine.text import Text

__all__ = ["MISSING", "Comparison", "RuleProblem", "all_hold", "look_up", "parse_filters"]

MAX_COMPARISONS = 100
VALUE_CHARS = 1_000
DAYS = 3_650
"""Ten years; who is further away is compared with a date."""


class RuleProblem(ValueError):
    """A rule that cannot be judged; `text` says in both languages what to mend, `path` where in the tree."""

    def __init__(self, en: str, zh: str = "", **values: Any):
        self.text = Text(en, zh or en).format(**values) if values else Text(en, zh or en)
        self.path: tuple[str | int, ...] = ()
        super().__init__(self.text.en)


class When(NamedTuple):
    """The moment a comparison is judged at, and the zone in which days begin."""

    now: datetime
    zone: str

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)


BEGINNING = When(datetime(1970, 1, 1, tzinfo=UTC), "UTC")
"""Stands where a comparison reads neither clock nor zone."""


def same(read: Any, value: Any) -> bool:
    """Equal as JSON; a number also equals the text it is written as."""
    if isinstance(read, str) and isinstance(value, str):
        return read == value
    if isinstance(read, bool) or isinstance(value, bool):
        return read is value
    if isinstance(read, int | float) or isinstance(value, int | float):
        left, right = number(read), number(value)
        return left is not None and right is not None and order(left, right) == 0
    return False


def written(value: Any) -> str:
    """A value as the text that is looked for in another."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _contains(read: Any, value: Any, when: When) -> bool:
    if isinstance(read, list):
        return any(same(item, value) for item in read)
    return isinstance(read, str) and written(value) in read


def _matches(read: Any, value: Any, when: When) -> bool:
    return isinstance(read, str) and _pattern(written(value)).fullmatch(read) is not None


@lru_cache(maxsize=1024)
def _pattern(value: str) -> Any:
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in value)
    return re.compile("".join(parts), re.DOTALL)


def _ordered(holds: Callable[[int], bool]) -> Callable[[Any, Any, When], bool]:
    def judge(read: Any, value: Any, when: When) -> bool:
        left, right = number(read), number(value)
        return left is not None and right is not None and holds(order(left, right))

    return judge


def _between(read: Any, value: Any, when: When) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    low, high = number(value[0]), number(value[1])
    if low is not None and high is not None:
        found = number(read)
        return found is not None and order(low, found) <= 0 <= order(high, found)
    found, span = moment(read, when.zone), days_between(value, when.zone)
    return found is not None and span is not None and span[0] <= found[0] < span[1]


def days_between(value: Sequence[Any], zone: str) -> tuple[datetime, datetime] | None:
    """The span from the first to the end of the second: of its day, or just after its instant."""
    first, last = moment(value[0], zone), moment(value[1], zone)
    return None if first is None or last is None else (first[0], after(value[1], zone))


def after(value: Any, zone: str) -> datetime | None:
    """The first instant that is after a day or an instant."""
    found = moment(value, zone)
    if found is None:
        return None
    return midnight(day(value, zone) + timedelta(days=1), zone) if found[1] else found[0] + timedelta(microseconds=1)


def _is_before(read: Any, value: Any, when: When) -> bool:
    left, right = moment(read, when.zone), moment(value, when.zone)
    return left is not None and right is not None and left[0] < right[0]


def _is_after(read: Any, value: Any, when: When) -> bool:
    left, right = moment(read, when.zone), after(value, when.zone)
    return left is not None and right is not None and left[0] >= right


def _within_last(read: Any, value: Any, when: When) -> bool:
    found = day(read, when.zone)
    return found is not None and 0 <= (when.today - found).days <= value


def _within_next(read: Any, value: Any, when: When) -> bool:
    found = day(read, when.zone)
    return found is not None and 0 <= (found - when.today).days <= value


def _anniversary_within(read: Any, value: Any, when: When) -> bool:
    found = day(read, when.zone)
    return found is not None and (next_anniversary(found, when.today) - when.today).days <= value


class Operator(NamedTuple):
    """How it judges a value that is there, how it reads aloud, and what it takes: `any`, `list`, `text` (with * and ?),
    `number`, `range`, `date`, `days` or `none`."""

    judge: Callable[[Any, Any, When], bool]
    words: Text
    takes: str

    @property
    def in_filters(self) -> bool:
        """Whether it needs neither clock nor zone, so that a filter of an event's properties may use it."""
        return self.takes not in ("date", "days")


OPERATORS: dict[str, Operator] = {
    "is": Operator(lambda r, v, w: same(r, v), Text("is", "是"), "any"),
    "is_not": Operator(lambda r, v, w: not same(r, v), Text("is not", "不是"), "any"),
    "one_of": Operator(lambda r, v, w: any(same(r, one) for one in v), Text("is one of", "属于"), "list"),
    "contains": Operator(_contains, Text("contains", "包含"), "text"),
    "starts_with": Operator(
        lambda r, v, w: isinstance(r, str) and r.startswith(written(v)), Text("starts with", "开头是"), "text"
    ),
    "matches": Operator(_matches, Text("matches", "匹配"), "text"),
    ">": Operator(_ordered(lambda o: o > 0), Text("is more than", "大于"), "number"),
    ">=": Operator(_ordered(lambda o: o >= 0), Text("is at least", "不小于"), "number"),
    "<": Operator(_ordered(lambda o: o < 0), Text("is less than", "小于"), "number"),
    "<=": Operator(_ordered(lambda o: o <= 0), Text("is at most", "不大于"), "number"),
    "between": Operator(_between, Text("is between", "介于"), "range"),
    "before": Operator(_is_before, Text("is before", "早于"), "date"),
    "after": Operator(_is_after, Text("is after", "晚于"), "date"),
    "within_last": Operator(_within_last, Text("is within the last", "在过去"), "days"),
    "within_next": Operator(_within_next, Text("is within the next", "在未来"), "days"),
    "anniversary_within": Operator(_anniversary_within, Text("has its anniversary within", "周年纪念日在未来"), "days"),
    "exists": Operator(lambda r, v, w: True, Text("exists", "存在"), "none"),
    "not_exists": Operator(lambda r, v, w: False, Text("does not exist", "不存在"), "none"),
}

REFERENCES = {
    "attribute": Text("the customer's", "客户的"),
    "property": Text("the starting event's", "触发事件的"),
    "context": Text("the context's", "上下文中的"),
}
"""What else a value may be: looked up when the rule is judged."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One name, one operator, one value; a value that is a reference is looked up in `known`."""

    name: str
    op: str
    value: Any

    def judge(
        self, tree: dict[str, Any], when: When = BEGINNING, known: Callable[[dict[str, str]], Any] | None = None
    ) -> tuple[bool, Any]:
        """Whether it holds in `tree`, and the value read (None when missing)."""
        read = look_up(tree, self.name)
        if read is MISSING:
            return self.op == "not_exists", None
        return self.judge_value(read, when, known), read

    def judge_value(self, read: Any, when: When, known: Callable[[dict[str, str]], Any] | None = None) -> bool:
        """Whether it holds for a value that is there."""
        value = self.value
        if isinstance(value, dict):
            value = known(value) if known else MISSING
            if value is MISSING or fault_of(self.op, value) is not None:
                return False
        return OPERATORS[self.op].judge(read, value, when)

    @property
    def reads_clock(self) -> bool:
        return OPERATORS[self.op].takes == "days"

    def next_flip(self, read: Any, when: When, known: Callable[[dict[str, str]], Any] | None = None) -> datetime | None:
        """The first midnight at which it may judge the same value otherwise."""
        days = known(self.value) if isinstance(self.value, dict) and known else self.value
        found = day(read, when.zone) if self.reads_clock else None
        if found is None or not isinstance(days, int):
            return None
        turns = (midnight(on, when.zone) for on in self._turning_days(found, days, when.today))
        return min((at for at in turns if at > when.now), default=None)

    def _turning_days(self, found: date, days: int, today: date) -> Iterator[date]:
        one = timedelta(days=1)
        if self.op == "within_last":
            yield from (found, found + one * (days + 1))
        elif self.op == "within_next":
            yield from (found - one * days, found + one)
        else:
            upcoming = next_anniversary(found, today)
            following = anniversary(found, upcoming.year + 1)
            yield from (upcoming - one * days, upcoming + one, following - one * days)

    def summary(self) -> Text:
        operator = OPERATORS[self.op]
        name = Text(self.name, self.name)
        if operator.takes == "none":
            return Text("{name} {op}", "{name} {op}").format(name=name, op=operator.words)
        return Text("{name} {op} {value}", "{name} {op} {value}").format(
            name=name, op=operator.words, value=shown(self.value, operator.takes)
        )

    @classmethod
    def parse(cls, raw: Any, noun: str, *, references: bool = False, timed: bool = True) -> "Comparison":
        """Read one. `references`: its value may be looked up; `timed`: it may read clock and zone."""
        if not isinstance(raw, dict) or not set(raw) <= {noun, "op", "value"}:
            shape = f'{{"{noun}": name, "op": operator, "value": value}}'
            raise RuleProblem("a comparison is {shape}", "一个比较的格式是 {shape}", shape=shape)
        name = read_name(raw.get(noun), Text(f"name the {noun} to compare", "请填写要比较的名称"))
        op, value = raw.get("op"), raw.get("value")
        return cls(name, op, check_value(op, value, references=references, timed=timed))


def read_name(name: Any, problem: Text, most: int = 300) -> str:
    """A name as a marketer types it."""
    if not isinstance(name, str) or not name.strip() or len(name) > most or not storable(name):
        raise RuleProblem(*problem)
    return name


def storable(value: str) -> bool:
    """Whether the database can keep a text."""
    return not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in value)


def check_value(op: Any, value: Any, *, references: bool = False, timed: bool = True) -> Any:
    """The value when the operator can take it; raises RuleProblem otherwise."""
    if not isinstance(op, str) or op not in OPERATORS:
        known = ", ".join(OPERATORS)
        raise RuleProblem(
            "{op} is not an operator; use one of {known}", "{op} 不是运算符，请使用：{known}", op=repr(op), known=known
        )
    dates = isinstance(value, list) and op == "between" and any(number(one) is None for one in value)
    if not timed and (dates or not OPERATORS[op].in_filters):
        raise RuleProblem(
            "compare dates in a rule, not in a filter of an event", "请在规则中比较日期，而不是在事件筛选中"
        )
    if isinstance(value, dict) and references and OPERATORS[op].takes != "none":
        return _check_reference(value)
    problem = fault_of(op, value)
    if problem is not None:
        raise RuleProblem(*problem)
    return value


def _check_reference(value: dict[str, Any]) -> dict[str, Any]:
    if len(value) == 1:
        ((kind, name),) = value.items()
        if kind in REFERENCES:
            read_name(name, Text("name the value to compare with", "请填写要与之比较的名称"))
            return value
    raise RuleProblem(
        'a value is looked up with {"attribute": name}, {"property": name} or {"context": name}',
        '引用一个值的格式是 {"attribute": 名称}、{"property": 名称} 或 {"context": 名称}',
    )


GIVE_A_VALUE = Text("give a value to compare with", "请填写要比较的值")


def fault_of(op: str, value: Any) -> Text | None:
    """What is wrong with a value for an operator; None when it can be compared with."""
    takes = OPERATORS[op].takes
    if takes == "none":
        return None
    if value is None or value == "" or isinstance(value, dict):
        return GIVE_A_VALUE
    return FAULTS[takes](op, value)


def _fault_of_one(op: str, value: Any) -> Text | None:
    if not isinstance(value, str | int | float | bool):
        return Text("`{op}` takes a single value", "`{op}` 只能与一个值比较").format(op=op)
    if isinstance(value, str) and (len(value) > VALUE_CHARS or not storable(value)):
        return Text("the text to compare with has at most {n} characters", "要比较的文本最多 {n} 个字符").format(
            n=VALUE_CHARS
        )
    return None


def _fault_of_list(op: str, value: Any) -> Text | None:
    if not isinstance(value, list) or not value or len(value) > 1_000:
        return Text("`{op}` takes a list with at least one value", "`{op}` 需要至少一个值的列表").format(op=op)
    faults = (GIVE_A_VALUE if one is None or one == "" else _fault_of_one("is", one) for one in value)
    return next((fault for fault in faults if fault is not None), None)


def _fault_of_number(op: str, value: Any) -> Text | None:
    if isinstance(value, list) or number(value) is None:
        return Text("`{op}` compares numbers; {value} is not one", "`{op}` 比较数字，{value} 不是数字").format(
            op=op, value=repr(value)
        )
    return None


def _fault_of_range(op: str, value: Any) -> Text | None:
    if isinstance(value, list) and len(value) == 2:
        low, high = number(value[0]), number(value[1])
        if low is not None and high is not None and order(low, high) <= 0:
            return None
        span = days_between(value, "UTC") if all(isinstance(one, str) for one in value) else None
        if span is not None and span[0] < span[1]:
            return None
    return Text(
        "`{op}` takes two numbers or two dates, the smaller first", "`{op}` 需要两个数字或两个日期，小的在前"
    ).format(op=op)


def _fault_of_date(op: str, value: Any) -> Text | None:
    if moment(value, "UTC") is None:
        return Text(
            "`{op}` takes a date such as 2025-03-01; {value} is not one",
            "`{op}` 需要形如 2025-03-01 的日期，{value} 不是日期",
        ).format(op=op, value=repr(value))
    return None


def _fault_of_days(op: str, value: Any) -> Text | None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= DAYS:
        return Text("`{op}` takes a whole number of days up to {n}", "`{op}` 需要不超过 {n} 的整数天数").format(
            op=op, n=DAYS
        )
    return None


FAULTS: dict[str, Callable[[str, Any], Text | None]] = {
    "any": _fault_of_one,
    "text": _fault_of_one,
    "list": _fault_of_list,
    "number": _fault_of_number,
    "range": _fault_of_range,
    "date": _fault_of_date,
    "days": _fault_of_days,
}


def shown(value: Any, takes: str) -> Text:
    """A value as it stands in a sentence."""
    if isinstance(value, dict):
        ((kind, name),) = value.items()
        return Text("{whose} {name}", "{whose}{name}").format(whose=REFERENCES[kind], name=name)
    if takes == "days":
        return Text(f"{value} day" if value == 1 else f"{value} days", f"{value} 天内")
    if takes == "range":
        return Text(f"{value[0]} and {value[1]}", f"{value[0]} 和 {value[1]} 之间")
    if isinstance(value, list):
        return Text(", ".join(map(written, value)), "、".join(map(written, value)))
    return Text(written(value), written(value))


def all_hold(
    comparisons: Sequence[Comparison], tree: dict[str, Any], when: When = BEGINNING, known: Any = None
) -> bool:
    return all(one.judge(tree, when, known)[0] for one in comparisons)


def parse_filters(raw: Any, *, references: bool = False, timed: bool = False) -> tuple[Comparison, ...]:
    """Read a list of property comparisons, all of which must hold."""
    if not isinstance(raw, list) or len(raw) > MAX_COMPARISONS:
        raise RuleProblem(
            "a filter is a list of at most {n} comparisons", "筛选条件是最多 {n} 个比较的列表", n=MAX_COMPARISONS
        )
    return tuple(Comparison.parse(one, "property", references=references, timed=timed) for one in raw)
