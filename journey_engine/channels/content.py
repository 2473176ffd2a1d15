"""Content: a node's settings and one customer's values, rendered into what its channel sends.

    sms      {"sign_name", "template_code", "text", "parameters", "template_text"}
    email    {"subject", "html", "text", "from_name", "unsubscribe_url"?}
    webhook  {"url", "body"}

All of it raises `TemplateProblem` when a value does not fit.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from journey_engine import templates
from journey_engine.channels.plain_text import plain_text
from journey_engine.channels.sms_text import sms_template

WAY_OUT = '<p><small><a href="{{ unsubscribe_url }}">Unsubscribe · 退订</a></small></p>'
"""Goes under a marketing mail whose author left the way out; in both languages, as the reader's is not known."""

_END_OF_BODY = re.compile(r"</body\s*>", re.IGNORECASE)


def render_content(
    channel: str, settings: Mapping[str, Any], variables: Mapping[str, Any], unsubscribe_url: str = ""
) -> dict[str, Any]:
    """What goes to `channel` (sms, email, webhook). With an `unsubscribe_url`, a mail carries it in text and header."""
    if unsubscribe_url:
        variables = {**variables, "unsubscribe_url": unsubscribe_url}
    return RENDERERS[channel](settings, variables)


def _sms(settings: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    template = sms_template(settings["text"])
    rendered = template.render(variables)
    return {
        "sign_name": settings.get("sign_name") or "",
        "template_code": settings["template_code"],
        "text": rendered.text,
        "parameters": rendered.parameters,
        "template_text": template.approved_text,
    }


def _email(settings: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    if "html" not in settings:
        return _note(settings, variables)
    unsubscribe_url = variables.get("unsubscribe_url")
    html, text = _parts(settings["html"], bool(unsubscribe_url))
    content = {
        # A line break in a customer's value is a blank in a subject.
        "subject": " ".join(templates.render(settings["subject"], variables).split()),
        "html": templates.render(html, variables, "html"),
        "text": templates.render(text, variables),
        "from_name": settings.get("from_name") or "",
    }
    return {**content, "unsubscribe_url": unsubscribe_url} if unsubscribe_url else content


def _note(settings: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """A mail that is written as plain text, for colleagues."""
    text = templates.render(settings["text"], variables)
    return {
        "subject": " ".join(templates.render(settings["subject"], variables).split()),
        "html": f"<p>{'<br>'.join(escape(text).splitlines())}</p>",
        "text": text,
        "from_name": "",
    }


def _webhook(settings: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    return {"url": settings["url"], "body": templates.render(settings["body"], variables, "json")}


RENDERERS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]] = {
    "sms": _sms,
    "email": _email,
    "webhook": _webhook,
}


@lru_cache(maxsize=512)
def _parts(html: str, with_way_out: bool) -> tuple[str, str]:
    """The HTML template and the plain-text template made from it, once for all customers."""
    if with_way_out and "unsubscribe_url" not in templates.names_used(html):
        end = _END_OF_BODY.search(html)
        cut = end.start() if end else len(html)
        html = html[:cut] + WAY_OUT + html[cut:]
    return html, plain_text(html)
