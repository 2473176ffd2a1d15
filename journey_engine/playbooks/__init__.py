"""Playbooks: journeys that most shops need, ready to be opened, changed and published.

One YAML file each: names, the graph as in a journey file, and a cast of customers whose events show what the journey
does. A text in both languages is `{en: …, zh: …}` and becomes the one of the reader; an e-mail is written as the values
of a layout and becomes HTML. What a shop has to choose or make first, a coupon pool, a segment or an address of
colleagues, is named under `needs`; its id or address takes the place of `[[name]]`. A cast's `expect` is a promise that
a test keeps: the way through the graph, the messages, the end.
"""

import html
from functools import cache
from importlib.resources import files
from typing import Any

from journey_engine.as_code.files import document_of, parse
from journey_engine.errors import NotFound
from journey_engine.layout import place
from journey_engine.text import Text

PLAYBOOKS = (
    "abandoned_cart",
    "unpaid_order",
    "checkout_abandoned",
    "browse_abandoned",
    "unused_coupon",
    "first_order",
    "review",
    "replenishment",
    "winback",
    "birthday",
    "tier",
    "points_expiry",
    "price_drop",
    "back_in_stock",
    "welcome",
    "delivery_care",
    "rescue",
    "sunset",
    "deposit_balance",
    "churn_warning",
    "lead_followup",
)
"""In the order they are offered."""

LANGUAGES = ("en", "zh")

YOUR_SHOP = Text("Your shop", "您的店铺")
YOUR_SITE = "https://shop.example"

MAIL_WORDS = {
    "total": {"en": "Total", "zh": "合计"},
    "footer": {
        "en": "You receive this because you shop at [[shop]].",
        "zh": "您收到此邮件，是因为您是[[shop]]的顾客。",
    },
    "way_out": {"en": "Unsubscribe", "zh": "退订"},
}
"""What every mail says where a playbook does not say it otherwise."""


def listed() -> list[dict[str, Any]]:
    """Every playbook as it is kept, in the order they are offered."""
    return [kept(id) for id in PLAYBOOKS]


@cache
def kept(id: str) -> dict[str, Any]:
    """One playbook as it is kept, in both languages; raises NotFound for an unknown id."""
    if id not in PLAYBOOKS:
        raise NotFound(f"There is no playbook {id!r}; there are {', '.join(PLAYBOOKS)}.", code="playbook:unknown")
    playbook = {"id": id, "needs": [], **parse(_file(f"{id}.yaml"), id)}
    return playbook | {"graph": place(document_of(playbook["graph"]))}


def load(
    id: str, language: str = "en", shop: str = "", site: str = YOUR_SITE, needs: dict[str, str] | None = None
) -> dict[str, Any]:
    """The graph of a playbook in one language, with the shop's name and address in its messages.

    `needs` are the ids of what it needs, by name; what is not given is left for the marketer to choose.
    """
    language = language if language in LANGUAGES else "en"
    playbook = kept(id)
    slots = {f"[[{one['id']}]]": (needs or {}).get(one["id"], "") for one in playbook["needs"]}
    slots |= {"[[shop]]": shop or getattr(YOUR_SHOP, language), "[[site]]": site}
    return _told(playbook["graph"], language, slots)


def _told(value: Any, language: str, fill: dict[str, str]) -> Any:
    """The value with every text in the language, every layout filled in, and the shop's own words in place."""
    if isinstance(value, list):
        told = (_told(one, language, fill) for one in value)
        return [one for one in told if one != ""]  # an address that is still to be chosen
    if isinstance(value, dict):
        if value.keys() == set(LANGUAGES):
            return _told(value[language], language, fill)
        if "layout" in value:
            return _laid_out(value, language, {slot: html.escape(words) for slot, words in fill.items()})
        return {key: _told(one, language, fill) for key, one in value.items()}
    return _filled(value, fill) if isinstance(value, str) else value


def _laid_out(values: dict[str, Any], language: str, fill: dict[str, str]) -> str:
    """The HTML of an e-mail: the layout with the playbook's words in its slots, and the shop's in theirs."""
    values = MAIL_WORDS | values
    words = {f"[[{name}]]": _told(one, language, fill) for name, one in values.items() if name != "layout"}
    words["[[language]]"] = {"en": "en", "zh": "zh-CN"}[language]
    return _filled(_file(f"{values['layout']}.html"), words | fill)


def _filled(text: str, fill: dict[str, str]) -> str:
    for slot, words in fill.items():
        text = text.replace(slot, words)
    return text


def _file(name: str) -> str:
    return (files(__name__) / name).read_text("utf-8")
