"""Leaves that compare a value: an attribute, a property of the starting event, a variable of the context."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journey_engine.model.comparison import MISSING, Comparison, look_up
from journey_engine.model.needs import Needs
from journey_engine.model.rules.base import NOUNS, Leaf, Scope
from journey_engine.text import Text


@dataclass(frozen=True, slots=True)
class Compared(Leaf):
    noun: str
    comparison: Comparison

    def read(self, scope: Scope) -> tuple[bool, Any]:
        return self.comparison.judge(getattr(scope.facts, NOUNS[self.noun]), scope.when, scope.known)

    def reads(self) -> Needs:
        own = Needs(entry=self.noun != "attribute" or isinstance(self.comparison.value, dict))
        own.clock = self.comparison.reads_clock
        if self.noun == "attribute":
            own.attributes = {self.comparison.name, self.comparison.name.split(".")[0]}
        return own

    def turns_at(self, scope: Scope) -> datetime | None:
        if not self.comparison.reads_clock:
            return None
        found = look_up(getattr(scope.facts, NOUNS[self.noun]), self.comparison.name)
        return None if found is MISSING else self.comparison.next_flip(found, scope.when, scope.known)

    def summary(self, nested: bool = False) -> Text:
        return self.comparison.summary()

    def to_json(self) -> dict[str, Any]:
        return {self.noun: self.comparison.name, "op": self.comparison.op, "value": self.comparison.value}

    @classmethod
    def parse(cls, raw: dict[str, Any], noun: str) -> "Compared":
        return cls(noun, Comparison.parse(raw, noun, references=True))
