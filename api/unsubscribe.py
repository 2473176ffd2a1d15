"""The unsubscribe link of every marketing message: one click, without signing in (RFC 8058).

Mail programs POST to it by themselves; a person who opens it sees one button, so that a link scanner, which only looks,
unsubscribes nobody.
"""

from flask import Response, current_app, request

from api.blueprint import Blueprint
from journey_engine.errors import NotFound
from journey_engine.links import read_unsubscribe
from journey_engine.pipeline.consent import withdraw

blueprint = Blueprint("unsubscribe", __name__, url_prefix="/u", description="Unsubscribe links")

PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title}</title>
<style>body{{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;max-width:32rem;margin:15vh auto;
padding:0 1.5rem;color:#1f2328;background:#fff}}button{{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;
background:#1f2328;color:#fff;cursor:pointer}}</style></head>
<body><h1>{title}</h1><p>{sentence}</p>{form}</body></html>"""
FORM = '<form method="post"><button name="List-Unsubscribe" value="One-Click">{button}</button></form>'
WORDS = {
    "en": {
        "title": "Unsubscribe",
        "ask": "Press the button and you will get no more marketing messages from us here.",
        "button": "Unsubscribe",
        "done": "You are unsubscribed. You will get no more marketing messages from us here.",
    },
    "zh": {
        "title": "退订",
        "ask": "点击按钮后，您将不会再通过此渠道收到我们的营销消息。",
        "button": "确认退订",
        "done": "您已退订，不会再通过此渠道收到我们的营销消息。",
    },
}


@blueprint.get("/<token>")
@blueprint.response(200)
def show(token: str):
    """A page with one button."""
    read_unsubscribe(current_app.secret_key, token)
    return _page("ask", with_button=True)


@blueprint.post("/<token>")
@blueprint.response(200)
def do(token: str):
    """End marketing on the channel of the message; answered when nothing can leave any more."""
    link = read_unsubscribe(current_app.secret_key, token)
    evidence = {"message_id": str(link.message_id), "agent": request.user_agent.string[:200]}
    engine = current_app.extensions["engine"]
    if not withdraw(engine, link.workspace_id, link.customer_id, link.channel, "link", evidence=evidence):
        raise NotFound()
    return _page("done")


def _page(sentence: str, with_button: bool = False) -> Response:
    language = request.accept_languages.best_match(["zh", "en"]) or "en"
    words = WORDS[language]
    form = FORM.format(button=words["button"]) if with_button else ""
    body = PAGE.format(language=language, title=words["title"], sentence=words[sentence], form=form)
    return Response(body, mimetype="text/html")
