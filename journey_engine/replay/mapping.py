"""Mapping: which column of a row becomes which part of an event, and as what.

    customer.external_id=customer_id     occurred_at=date     properties.value=value:number

The left side is a part of the event, the right side a column (in JSONL also a path, `order.total`) with an optional
type. Cells of a CSV are text unless a type says more; values of JSONL stay what they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

import orjson

from journey_engine.console import CannotStart
from journey_engine.model.comparison import MISSING, look_up
from journey_engine.replay.rows import BadRow
from journey_engine.text import Text

PARTS = ("name", "message_id", "occurred_at")
GROUPS = ("customer.", "properties.")
YES, NO = ("true", "yes", "1", "t", "y"), ("false", "no", "0", "f", "n")
NUMBER_DIGITS = 18

BAD_MAP = Text(
    "--map {given!r}: write PART=COLUMN or PART=COLUMN:TYPE. A part is name, message_id, occurred_at, customer.KIND or "
    "properties.KEY; a type is {types}.",
    "--map {given!r}：请写成 部分=列 或 部分=列:类型。部分为 name、message_id、occurred_at、customer.类型 或 "
    "properties.键；类型为 {types}。",
)
NO_COLUMN = Text(
    "The file has no column {column!r}. It has: {columns}.", "文件中没有列 {column!r}。现有的列：{columns}。"
)
NO_NAME = Text(
    "Say which event the rows are: --event NAME, or --map name=COLUMN.",
    "请说明这些行是什么事件：--event 名称，或 --map name=列。",
)
NO_CUSTOMER = Text(
    "Say whose events they are, for example --map customer.external_id=COLUMN.",
    "请说明事件属于谁，例如 --map customer.external_id=列。",
)
NOT_A = Text("{column}: {value!r} is not a {type}", "{column}：{value!r} 不是 {type}")
LACKS = Text("{part} is empty", "{part} 为空")
NOBODY = Text("no identity of the customer is filled in", "没有任何客户标识")


def _text(value: Any, zone: tzinfo) -> Any:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _number(value: Any, zone: tzinfo) -> int | float:
    if isinstance(value, bool):
        raise ValueError
    if isinstance(value, int | float):
        return value
    try:
        whole = int(value)
    except ValueError:
        number = float(value)
        if number - number != 0:  # NaN and infinity are no JSON numbers
            raise
        return number
    if len(str(abs(whole))) > NUMBER_DIGITS:
        raise ValueError
    return whole


def _boolean(value: Any, zone: tzinfo) -> bool:
    word = str(value).strip().lower()
    if word not in YES + NO:
        raise ValueError
    return word in YES


def _json(value: Any, zone: tzinfo) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


def _time(value: Any, zone: tzinfo) -> str:
    """An instant as ISO 8601 with its zone; Unix seconds too."""
    text = str(value).strip()
    if text.replace(".", "", 1).isdecimal() and len(text.split(".")[0]) >= 9:
        return datetime.fromtimestamp(float(text), UTC).isoformat()
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()


TYPES: dict[str, Callable[[Any, tzinfo], Any]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "time": _time,
    "json": _json,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One line of a mapping. `constant` True: `source` is the value itself."""

    part: str
    source: str
    type: str = ""
    constant: bool = False

    @classmethod
    def read(cls, given: str, constant: bool = False) -> "Column":
        part, equals, source = given.partition("=")
        part = part.strip()
        group = next((g for g in GROUPS if part.startswith(g) and len(part) > len(g)), None)
        source, type = _split_type(source)
        if not equals or not source or (part not in PARTS and group is None):
            raise CannotStart(BAD_MAP, given=given, types=", ".join(TYPES))
        return cls(part, source, type or ("time" if part == "occurred_at" else ""), constant)


def _split_type(source: str) -> tuple[str, str]:
    """A column's own name may hold a colon, so only a known type is taken off."""
    column, colon, type = source.rpartition(":")
    return (column, type) if colon and type in TYPES else (source, "")


class Mapping:
    """Makes events of rows. Without any line, columns that are named like parts of an event are taken as these."""

    def __init__(self, lines: Sequence[Column], columns: list[str] | None, zone: tzinfo = UTC):
        self.zone, self.is_flat = zone, columns is not None
        self.as_it_is = not lines and columns is None
        self.lines = list(lines)
        if columns is not None:
            self._fit(columns)
        if not self.as_it_is:
            self._check()

    def _fit(self, columns: list[str]) -> None:
        mapped = {line.part for line in self.lines}
        for column in columns:
            if column not in mapped and (column in PARTS or column.startswith(GROUPS)):
                self.lines.append(Column.read(f"{column}={column}"))
        for line in self.lines:
            if not line.constant and line.source not in columns:
                raise CannotStart(NO_COLUMN, column=line.source, columns=", ".join(columns))

    def _check(self) -> None:
        parts = {line.part for line in self.lines}
        if "name" not in parts:
            raise CannotStart(NO_NAME)
        if not any(part.startswith("customer.") for part in parts):
            raise CannotStart(NO_CUSTOMER)

    def event(self, values: dict[str, Any]) -> dict[str, Any]:
        """The event of a row; raises BadRow. Empty cells are left out."""
        if self.as_it_is:
            return dict(values)
        event: dict[str, Any] = {"customer": {}, "properties": {}}
        for line in self.lines:
            value = self._value(line, values)
            if value is MISSING:
                continue
            group, dot, key = line.part.partition(".")
            if dot:
                event[group][key] = value
            else:
                event[group] = value
        if not event["customer"]:
            raise BadRow(NOBODY)
        for part in ("name", *(line.part for line in self.lines if line.part == "occurred_at")):
            if part not in event:
                raise BadRow(LACKS, part=part)
        return event

    def _value(self, line: Column, values: dict[str, Any]) -> Any:
        if line.constant:
            found: Any = line.source
        else:
            found = values[line.source] if self.is_flat else look_up(values, line.source)
        if found is MISSING or found == "":
            return MISSING
        if line.type:
            return self._typed(line, found)
        return found if not line.part.startswith("customer.") else _text(found, self.zone)

    def _typed(self, line: Column, found: Any) -> Any:
        try:
            return TYPES[line.type](found, self.zone)
        except (ValueError, OverflowError, OSError):
            raise BadRow(NOT_A, column=line.source, value=found, type=line.type) from None
