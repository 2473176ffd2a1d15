"""One comparison: a name, an operator, a value; judged on a tree of JSON values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from journey_engine.text import Text

MISSING = object()
MAX_COMPARISONS = 100


class RuleProblem(ValueError):
    """A rule that cannot be judged; the message says where and why."""


def _number(value: Any) -> float | None:
    """A number, also out of a decimal string, because shop platforms send prices as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def _ordered(compare: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def judge(read: Any, value: Any) -> bool:
        left, right = _number(read), _number(value)
        return left is not None and right is not None and compare(left, right)

    return judge


def _same(read: Any, value: Any) -> bool:
    if isinstance(read, bool) or isinstance(value, bool):
        return read is value
    if isinstance(read, int | float) or isinstance(value, int | float):
        left, right = _number(read), _number(value)
        return left is not None and left == right
    return read == value


def _contains(read: Any, value: Any) -> bool:
    if isinstance(read, list):
        return any(_same(item, value) for item in read)
    return isinstance(read, str) and str(value) in read


OPERATORS: dict[str, tuple[Callable[[Any, Any], bool], Text]] = {
    "is": (_same, Text("is", "是")),
    "is_not": (lambda read, value: not _same(read, value), Text("is not", "不是")),
    "one_of": (lambda read, value: any(_same(read, one) for one in value), Text("is one of", "属于")),
    "contains": (_contains, Text("contains", "包含")),
    "starts_with": (lambda r, v: isinstance(r, str) and r.startswith(str(v)), Text("starts with", "开头是")),
    "matches": (lambda r, v: isinstance(r, str) and fnmatchcase(r, str(v)), Text("matches", "匹配")),
    ">": (_ordered(lambda a, b: a > b), Text("is more than", "大于")),
    ">=": (_ordered(lambda a, b: a >= b), Text("is at least", "不小于")),
    "<": (_ordered(lambda a, b: a < b), Text("is less than", "小于")),
    "<=": (_ordered(lambda a, b: a <= b), Text("is at most", "不大于")),
    "exists": (lambda read, value: True, Text("exists", "存在")),
    "not_exists": (lambda read, value: False, Text("does not exist", "不存在")),
}
"""Each operator: how it judges a value that is there, and how it reads aloud. `matches` takes `*` and `?`."""

UNARY = {"exists", "not_exists"}


def look_up(tree: dict[str, Any], path: str) -> Any:
    """The value under a name, or under a dotted path into nested objects; MISSING when there is none or it is null."""
    value = tree.get(path, MISSING)
    if value is MISSING and "." in path:
        value = tree
        for part in path.split("."):
            value = value.get(part, MISSING) if isinstance(value, dict) else MISSING
    return MISSING if value is None else value


@dataclass(frozen=True, slots=True)
class Comparison:
    """One name, one operator, one value."""

    name: str
    op: str
    value: Any

    def judge(self, tree: dict[str, Any]) -> tuple[bool, Any]:
        """Whether it holds in `tree`, and the value read (None when missing)."""
        read = look_up(tree, self.name)
        if read is MISSING:
            return self.op == "not_exists", None
        return OPERATORS[self.op][0](read, self.value), read

    def summary(self) -> Text:
        word = OPERATORS[self.op][1]
        shown = "" if self.op in UNARY else f" {_shown(self.value)}"
        return Text(f"{self.name} {word.en}{shown}", f"{self.name} {word.zh}{shown}")

    @classmethod
    def parse(cls, raw: Any, noun: str) -> "Comparison":
        if not isinstance(raw, dict) or not set(raw) <= {noun, "op", "value"}:
            raise RuleProblem(f'a comparison is {{"{noun}": name, "op": operator, "value": value}}')
        name, op, value = raw.get(noun), raw.get("op"), raw.get("value")
        if not isinstance(name, str) or not name.strip() or len(name) > 300:
            raise RuleProblem(f"name the {noun} to compare")
        if not isinstance(op, str) or op not in OPERATORS:
            raise RuleProblem(f"{op!r} is not an operator; use one of {', '.join(OPERATORS)}")
        _check_value(op, value)
        return cls(name, op, value)


def _check_value(op: str, value: Any) -> None:
    if op in UNARY:
        return
    if value is None or value == "" or isinstance(value, dict):
        raise RuleProblem("give a value to compare with")
    if op == "one_of" and (not isinstance(value, list) or not value):
        raise RuleProblem("`one_of` takes a list with at least one value")
    if op != "one_of" and isinstance(value, list):
        raise RuleProblem(f"`{op}` takes a single value")
    if op in (">", ">=", "<", "<=") and _number(value) is None:
        raise RuleProblem(f"`{op}` compares numbers; {value!r} is not one")


def _shown(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def all_hold(comparisons: Sequence[Comparison], tree: dict[str, Any]) -> bool:
    return all(one.judge(tree)[0] for one in comparisons)


def parse_filters(raw: Any) -> tuple[Comparison, ...]:
    """Read a list of property comparisons, all of which must hold."""
    if not isinstance(raw, list) or len(raw) > MAX_COMPARISONS:
        raise RuleProblem(f"a filter is a list of at most {MAX_COMPARISONS} comparisons")
    return tuple(Comparison.parse(one, "property") for one in raw)
