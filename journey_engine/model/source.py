"""A source: where a node reads one value about a visitor.

{"attribute": name}   what the customer is
{"property": name}    the event that started the enrollment
{"context": name}     what the enrollment was told to remember
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from journey_engine.config import PROPERTY_KEY_CHARS
from journey_engine.model.values import MISSING, look_up
from journey_engine.model.visitor import Visitor
from journey_engine.text import Text, Unfit

NOUNS = ("attribute", "property", "context")


@dataclass(frozen=True, slots=True)
class Source:
    """One value of a visitor, by name or by a dotted path."""

    noun: str
    name: str

    def read(self, visitor: Visitor) -> Any:
        """The value; MISSING when there is none."""
        if self.noun == "attribute":
            return look_up(visitor.attributes, self.name)
        return look_up(visitor.properties if self.noun == "property" else visitor.variables, self.name)

    def summary(self) -> Text:
        return Text(self.name, self.name)

    @classmethod
    def parse(cls, raw: Any) -> "Source":
        """Read ``{"attribute": "birthday"}``; raises ValueError with the reason."""
        if not isinstance(raw, dict) or len(raw) != 1 or next(iter(raw)) not in NOUNS:
            raise Unfit(
                'a value is read from {"attribute": name}, {"property": name} or {"context": name}',
                "值取自客户属性、触发事件的属性或旅程变量",
            )
        noun, name = next(iter(raw.items()))
        if not isinstance(name, str) or not name.strip() or len(name) > PROPERTY_KEY_CHARS:
            raise Unfit(f"name the {noun} to read", "请填写要读取的名称")
        return cls(noun, name)


def value_of(given: Any, visitor: Visitor) -> Any:
    """What a setting says: a constant as it is, or the value read from its source; MISSING when there is none."""
    return given.read(visitor) if isinstance(given, Source) else given


def properties_of(given: Iterable[Any], visitor: Visitor) -> dict[str, Any]:
    """The properties that a list of names and values comes to; what is missing is left out."""
    values = {one.name: value_of(one.value, visitor) for one in given}
    return {name: value for name, value in values.items() if value is not MISSING}
