"""An SMS text and the approved template behind it are two faces of one thing."""

import pytest

from journey_engine.channels.sms_text import sms_parts, sms_template
from journey_engine.templates import TemplateProblem

ANN = {"customer": {"first_name": "Ann", "name": {"first_name": "Anna"}}, "event": {"value": 200}}


@pytest.mark.parametrize(
    ("source", "approved", "parameters"),
    [
        ("Hi {{ customer.first_name }}!", "Hi ${first_name}!", {"first_name": "Ann"}),
        ("{{ event.value | money: 'CNY' }} off", "${value} off", {"value": "¥200.00"}),
        ("{{ customer.first_name }}{{ customer.first_name }}", "${first_name}${first_name}", {"first_name": "Ann"}),
        (
            "{{ customer.first_name }} {{ customer.name.first_name }}",
            "${first_name} ${first_name2}",
            {"first_name": "Ann", "first_name2": "Anna"},
        ),
        ("{% if event.value > 99 %}free post{% endif %}.", "${part1}.", {"part1": "free post"}),
        ("{% assign n = event.value | plus: 1 %}{{ n }} left", "${n} left", {"n": "201"}),
        ("{{ 'literal' }}", "${value}", {"value": "literal"}),
        ("no variables", "no variables", {}),
    ],
)
def test_every_output_of_the_text_is_a_variable_of_the_approved_template(source, approved, parameters):
    template = sms_template(source)
    assert template.approved_text == approved
    assert template.render(ANN).parameters == parameters


def test_the_text_is_the_template_with_its_variables_filled_in():
    template = sms_template("Hi {{ customer.first_name }}, {% if event.value > 99 %}free post{% endif %}.")
    text, parameters = template.render(ANN)
    filled = template.approved_text
    for name, value in parameters.items():
        filled = filled.replace("${" + name + "}", value)
    assert text == filled == "Hi Ann, free post."


def test_a_mistake_in_the_text_is_a_template_problem():
    with pytest.raises(TemplateProblem):
        sms_template("{% if %}")
    with pytest.raises(TemplateProblem):
        sms_template("{{ 1 | divided_by: 0 }}").render({})


@pytest.mark.parametrize(("length", "parts"), [(0, 1), (70, 1), (71, 2), (134, 2), (135, 3), (500, 8)])
def test_a_long_text_is_charged_in_parts(length, parts):
    assert sms_parts("字" * length) == parts


def test_the_signature_counts_with_its_brackets():
    assert sms_parts("字" * 66, "山茶") == 1
    assert sms_parts("字" * 67, "山茶") == 2
