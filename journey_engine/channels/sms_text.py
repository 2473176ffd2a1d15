"""SMS texts: what the customer reads, and what an approved template leaves to fill in.

Providers in China carry no free text. They carry the code of a template they have approved, and the values of its
variables. A node's text is our copy of that template, written in Liquid; from it follow both: every output of the
Liquid text is a variable of the provider's template.

    Hi {{ customer.first_name }}, {% if event.value > 99 %}free post{% endif %}   →   Hi ${first_name}, ${part1}
"""

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from io import StringIO
from typing import Any, NamedTuple

from journey_engine import templates

ONE_PART_CHARS = 70
PART_CHARS = 67
"""A longer text is cut into parts, and each part spends three characters on saying which one it is."""

NAME_CHARS = 20


class SmsText(NamedTuple):
    """One customer's SMS: the whole text, and the values that go to the provider."""

    text: str
    parameters: dict[str, str]


class SmsTemplate:
    """A Liquid text, split into what is fixed and what is a variable."""

    def __init__(self, source: str):
        self._template = templates.compile(source)
        self._pieces = _pieces(self._template.nodes)
        self.approved_text = "".join(f"${{{name}}}" if name else str(node) for name, node in self._pieces if name != "")
        """The text to hand in for approval, with the provider's kind of variables."""

    def render(self, variables: Mapping[str, Any]) -> SmsText:
        """Fill in one customer's values; raises `TemplateProblem` when they do not fit."""
        context = self._template.context_class(self._template, globals=self._template.make_globals(dict(variables)))
        text, parameters = StringIO(), {}
        with templates.explained():
            for name, node in self._pieces:
                piece = StringIO()
                node.render(context, piece)
                text.write(piece.getvalue())
                if name:
                    parameters[name] = piece.getvalue()
        return SmsText(text.getvalue(), parameters)


@lru_cache(maxsize=1024)
def sms_template(source: str) -> SmsTemplate:
    """The split template of a node's text, kept for the next customer."""
    return SmsTemplate(source)


def sms_parts(text: str, sign_name: str = "") -> int:
    """How many messages the provider charges for: 70 characters are one, longer ones are cut every 67."""
    length = len(text) + (len(sign_name) + 2 if sign_name else 0)
    return 1 if length <= ONE_PART_CHARS else math.ceil(length / PART_CHARS)


def _pieces(nodes: list[Any]) -> list[tuple[str | None, Any]]:
    """Each node with its variable: a name, None for fixed text, "" for what writes nothing (an assignment)."""
    names: dict[str, str] = {}
    pieces = []
    for node in nodes:
        shape = type(node).__name__
        if shape == "ContentNode":
            pieces.append((None, node))
        elif shape == "OutputNode":
            pieces.append((_name(str(node.expression), names), node))
        else:
            pieces.append(("" if node.blank else _name(f"part{len(names) + 1}", names), node))
    return pieces


def _name(expression: str, names: dict[str, str]) -> str:
    """A short name for an expression: its last word before the filters; the same expression keeps its name."""
    if expression in names:
        return names[expression]
    path = re.findall(r"[A-Za-z]\w*", re.sub(r"'[^']*'|\"[^\"]*\"", "", expression.split("|")[0]))
    base = path[-1].lower()[:NAME_CHARS] if path else "value"
    taken, name, n = set(names.values()), base, 2
    while name in taken:
        name, n = f"{base}{n}", n + 1
    names[expression] = name
    return name
