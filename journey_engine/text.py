"""A text in both languages of the product; everything a marketer reads is one of these."""

from typing import NamedTuple


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
