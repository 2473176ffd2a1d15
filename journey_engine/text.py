"""A text in both languages of the product; everything a marketer reads is one of these."""

import re
from collections.abc import Collection
from typing import NamedTuple

PART = re.compile(r"\[([^\]]*)\]")
NAME = re.compile(r"\{(\w+)\}")


class Text(NamedTuple):
    """The same sentence in English and in Simplified Chinese."""

    en: str
    zh: str

    def to_json(self) -> dict[str, str]:
        return {"en": self.en, "zh": self.zh}

    def format(self, **values: "Text | str | int | float") -> "Text":
        """Fill the braces of both sentences; a `Text` value gives each sentence its own language."""
        english = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
        chinese = {name: value.zh if isinstance(value, Text) else value for name, value in values.items()}
        return Text(self.en.format(**english), self.zh.format(**chinese))

    def without(self, empty: Collection[str]) -> "Text":
        """Leave out the parts in [brackets] that speak of one of these names, and the brackets of the others."""
        return Text(*(PART.sub(lambda part: _kept(part[1], empty), sentence) for sentence in self))


def _kept(part: str, empty: Collection[str]) -> str:
    return "" if any(name in empty for name in NAME.findall(part)) else part


class Unfit(ValueError):
    """A value that cannot be used; `text` says in both languages what to mend."""

    def __init__(self, en: str, zh: str):
        self.text = Text(en, zh)
        super().__init__(en)
