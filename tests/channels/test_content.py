"""A node's settings and a customer's values become what the channel sends."""

import pytest

from journey_engine.channels.content import render_content
from journey_engine.templates import TemplateProblem
from tests.channels.outgoing import alibaba, outgoing, smtp

ANN = {"customer": {"first_name": "Ann <3\nLee"}, "event": {"value": 200}}
MAIL = {"subject": "Hi {{ customer.first_name }}", "html": "<body><p>{{ customer.first_name }}</p></body>"}


def test_an_sms_carries_its_text_and_its_variables(sandbox):
    settings = {"template_code": "SMS_1", "text": "Hi {{ customer.first_name }}", "sign_name": "山茶"}
    content = render_content("sms", settings, {"customer": {"first_name": "Ann"}})
    assert content["parameters"] == {"first_name": "Ann"}
    alibaba(sandbox, register_templates=True).send([outgoing(content)])
    assert sandbox.inbox()["sms"][0]["text"] == "【山茶】Hi Ann"


def test_a_mail_is_escaped_in_html_and_plain_in_text(sandbox):
    content = render_content("email", MAIL, ANN)
    assert content["subject"] == "Hi Ann <3 Lee"
    assert "Ann &lt;3" in content["html"] and "Ann <3" in content["text"]
    assert "unsubscribe_url" not in content
    assert smtp(sandbox.smtp_port).send([outgoing(content, to="ann@mail.example")])[0].state == "sent"


def test_a_marketing_mail_without_a_way_out_gets_one():
    content = render_content("email", MAIL, ANN, "https://shop.example/u/x?a=1&b=2")
    assert '<a href="https://shop.example/u/x?a=1&amp;b=2">' in content["html"]
    assert content["html"].endswith("</body>")
    assert "https://shop.example/u/x?a=1&b=2" in content["text"]
    assert content["unsubscribe_url"] == "https://shop.example/u/x?a=1&b=2"


def test_a_marketing_mail_with_a_way_out_of_its_own_keeps_it():
    own = {**MAIL, "html": "<a href='{{ unsubscribe_url }}'>Leave</a>"}
    content = render_content("email", own, ANN, "https://shop.example/u/x")
    assert content["html"].count("https://shop.example/u/x") == 1


def test_a_note_to_colleagues_is_plain_text_in_both_parts():
    note = {"subject": "Call {{ customer.first_name }}", "text": "Order < 3 days\nfor {{ customer.first_name }}"}
    content = render_content("email", note, {"customer": {"first_name": "Ann <b>"}})
    assert content["text"] == "Order < 3 days\nfor Ann <b>"
    assert content["html"] == "<p>Order &lt; 3 days<br>for Ann &lt;b&gt;</p>"
    assert content["subject"] == "Call Ann <b>"


def test_a_webhook_body_stays_json():
    settings = {"url": "https://shop.example/h", "body": '{"n": "{{ customer.first_name }}", "v": {{ event | json }}}'}
    assert render_content("webhook", settings, ANN)["body"] == '{"n": "Ann <3\\nLee", "v": {"value":200}}'


@pytest.mark.parametrize("subject", ["{% if %}", "{{ 1 | divided_by: 0 }}"])
def test_a_template_that_cannot_be_rendered_is_named(subject):
    with pytest.raises(TemplateProblem):
        render_content("email", {**MAIL, "subject": subject}, ANN)
