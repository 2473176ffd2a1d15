"""A source: where a node reads one value about a visitor.

{"attribute": name}   what the customer is
{"property": name}    the event that started the enrollment
{"context": name}     what the enrollment was told to remember
"""

from dataclasses import dataclass
from typing import Any

from journey_engine.config import PROPERTY_KEY_CHARS
from journey_engine.model.comparison import look_up
from journey_engine.model.visitor import Visitor
from journey_engine.text import Text

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
            raise ValueError('a value is read from {"attribute": name}, {"property": name} or {"context": name}')
        noun, name = next(iter(raw.items()))
        if not isinstance(name, str) or not name.strip() or len(name) > PROPERTY_KEY_CHARS:
            raise ValueError(f"name the {noun} to read")
        return cls(noun, name)
