"""Playbooks: journeys that most shops need, ready to be opened, changed and published.

One JSON file each: names, the graph, and a cast of customers whose events show what the journey does. A text in both
languages is written `{"en": …, "zh": …}` and becomes the one of the reader; an e-mail is written as the values of a
layout and becomes HTML. A cast's `expect` is a promise that a test keeps: the way through the graph, the messages, the
end.
"""

import html
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from journey_engine.errors import NotFound
from journey_engine.text import Text

PLAYBOOKS = ("abandoned_cart", "unused_coupon", "welcome")
LANGUAGES = ("en", "zh")

YOUR_SHOP = Text("Your shop", "您的店铺")
YOUR_SITE = "https://shop.example"


def listed() -> list[dict[str, Any]]:
    """Every playbook as it is kept, in the order they are offered."""
    return [kept(id) for id in PLAYBOOKS]


@cache
def kept(id: str) -> dict[str, Any]:
    """One playbook as it is kept, in both languages; raises NotFound for an unknown id."""
    if id not in PLAYBOOKS:
        raise NotFound(f"There is no playbook {id!r}; there are {', '.join(PLAYBOOKS)}.", code="playbook:unknown")
    return orjson.loads(_file(f"{id}.json"))


def load(id: str, language: str = "en", shop: str = "", site: str = YOUR_SITE) -> dict[str, Any]:
    """The graph of a playbook in one language, with the shop's name and address in its messages."""
    language = language if language in LANGUAGES else "en"
    shop = shop or getattr(YOUR_SHOP, language)
    return _told(kept(id)["graph"], language, {"[[shop]]": shop, "[[site]]": site})


def _told(value: Any, language: str, fill: dict[str, str]) -> Any:
    """The value with every text in the language, every layout filled in, and the shop's own words in place."""
    if isinstance(value, list):
        return [_told(one, language, fill) for one in value]
    if isinstance(value, dict):
        if value.keys() == set(LANGUAGES):
            return _told(value[language], language, fill)
        if "layout" in value:
            return _laid_out(value, language, {slot: html.escape(words) for slot, words in fill.items()})
        return {key: _told(one, language, fill) for key, one in value.items()}
    return _filled(value, fill) if isinstance(value, str) else value


def _laid_out(values: dict[str, Any], language: str, fill: dict[str, str]) -> str:
    """The HTML of an e-mail: the layout with the playbook's words in its slots, and the shop's in theirs."""
    words = {f"[[{name}]]": _told(one, language, fill) for name, one in values.items() if name != "layout"}
    words["[[language]]"] = {"en": "en", "zh": "zh-CN"}[language]
    return _filled(_file(f"{values['layout']}.html").decode(), words | fill)


def _filled(text: str, fill: dict[str, str]) -> str:
    for slot, words in fill.items():
        text = text.replace(slot, words)
    return text


def _file(name: str) -> bytes:
    return (files(__name__) / name).read_bytes()
