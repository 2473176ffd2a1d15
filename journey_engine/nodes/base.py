"""What every node kind has in common: settings, exits, a sentence, and the three moments in which it decides.

A node decides for a set of visitors and changes nothing itself: it returns decisions, the engine carries them out.

    visit(visitors, now)   they have just arrived
    resume(visitors, now)  the instant they were held until has come
    hear(visitor, event)   an event that this node waits for has happened to a visitor held here
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from journey_engine.model.decision import Decision, go
from journey_engine.model.event import Event
from journey_engine.model.needs import Needs
from journey_engine.model.rules.base import Leaf, Rule
from journey_engine.model.visitor import Visitor
from journey_engine.setting import Settings, shown
from journey_engine.text import Text


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a node. A required one must be wired; an optional one that is not falls through to `next`.

    `when` names a setting without which the exit does not exist.
    """

    id: str
    title: Text
    sense: str = "neutral"
    required: bool = True
    when: str = ""

    def to_json(self) -> dict[str, Any]:
        told = {"id": self.id, "title": self.title.to_json(), "sense": self.sense, "required": self.required}
        return {**told, "when": self.when} if self.when else told


@dataclass(frozen=True, slots=True)
class Each:
    """One exit per item of a list setting; the item's id is the exit's."""

    setting: str
    sense: str = "neutral"

    def to_json(self) -> dict[str, Any]:
        return {"each": self.setting, "sense": self.sense, "required": True}


NEXT = Exit("next", Text("next", "下一步"))


class Piece(Settings):
    """Anything that stands on a canvas: a node or a trigger, with its settings filled in as attributes.

    A part of the sentence in [brackets] is left out while a setting named in it is empty. `sentences` has other
    sentences by the value of one setting, which is named first.
    """

    kind: ClassVar[str]
    role: ClassVar[str]
    title: ClassVar[Text]
    help: ClassVar[Text]
    icon: ClassVar[str]
    shelf: ClassVar[str]
    sentence: ClassVar[Text]
    sentences: ClassVar[tuple[str, dict[str, Text]] | None] = None
    exits: ClassVar[tuple[Exit | Each, ...]] = (NEXT,)

    def __init__(self, id: str = "", disabled: bool = False, **values: Any):
        self.id, self.disabled = id, disabled
        for name, value in values.items():
            setattr(self, name, value)

    def summary(self) -> Text:
        """What this node does, as a sentence with its settings in it."""
        known = {name: getattr(self, name, None) for name in self.settings}
        name, sentences = self.sentences or ("", {})
        sentence = sentences.get(known.get(name), self.sentence)
        empty = [name for name, value in known.items() if value is None or value == "" or value == ()]
        return sentence.without(empty).format(**{name: shown(known[name], one) for name, one in self.settings.items()})

    def exit_list(self) -> list[Exit]:
        """The exits this node has with its present settings; items with mistakes are as they were written."""
        found: list[Exit] = []
        for one in self.exits:
            if isinstance(one, Exit):
                if not one.when or getattr(self, one.when, None) is not None:
                    found.append(one)
                continue
            for item in getattr(self, one.setting, None) or ():
                said = item.get if isinstance(item, dict) else lambda name, item=item: getattr(item, name, "")
                name = str(said("name") or said("event") or said("id"))
                found.append(Exit(said("id"), Text(name, name), one.sense))
        return found

    def rules(self) -> list[Rule]:
        """The rules in these settings, those of list items included."""
        return [value for value in _values(vars(self).values()) if isinstance(value, Rule)]

    def leaves(self) -> list[Leaf]:
        """What those rules read, leaf by leaf."""
        return [one for rule in self.rules() for one in rule.walk() if isinstance(one, Leaf)]

    @classmethod
    def to_catalog(cls) -> dict[str, Any]:
        return {
            "kind": cls.kind,
            "role": cls.role,
            "title": cls.title.to_json(),
            "help": cls.help.to_json(),
            "icon": cls.icon,
            "shelf": cls.shelf,
            "sentence": cls.sentence.to_json(),
            **cls._sentences(),
            "exits": [one.to_json() for one in cls.exits],
            "settings": cls.describe(),
        }

    @classmethod
    def _sentences(cls) -> dict[str, Any]:
        if cls.sentences is None:
            return {}
        name, sentences = cls.sentences
        return {"sentences": {"setting": name, "of": {value: one.to_json() for value, one in sentences.items()}}}


def _values(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            for item in value:
                yield from _values(vars(item).values() if hasattr(item, "__dict__") else ())
        else:
            yield value


class Node(Piece):
    """A node of a journey. Subclasses say what they are and override the moments that concern them."""

    role = "node"
    holds: ClassVar[bool] = False
    """Whether customers can stand here; a cycle without such a node would never end."""
    recounts: ClassVar[bool] = False
    """Whether a hold follows from the settings and the moment of arrival alone, so that a version published over it can
    compute it again with `visit`, as of that moment."""

    def problems(self) -> list[Text]:
        """What is wrong with these settings beyond their types."""
        return []

    def shortest(self) -> timedelta:
        """The least time that anybody is held here."""
        return timedelta()

    def endless(self) -> bool:
        """Whether somebody may be held here for ever."""
        return False

    def needs(self) -> Needs:
        return Needs()

    def hears(self) -> frozenset[str]:
        """Names of the events that may let a held visitor go on."""
        return frozenset()

    def visit(self, visitors: Sequence[Visitor], now: datetime) -> list[Decision]:
        raise NotImplementedError

    def resume(self, visitors: Sequence[Visitor], now: datetime) -> list[Decision]:
        return [go(visitor, "next", {"why": "waited"}) for visitor in visitors]

    def hear(self, visitor: Visitor, event: Event, now: datetime) -> Decision | None:
        return None
