"""Templates fill in a customer's values, and stay harmless whatever they are made of."""

import time

import pytest

from journey_engine import templates
from journey_engine.templates import TemplateProblem

ANN = {
    "customer": {"first_name": "Ann", "tier": "gold"},
    "event": {"value": 1299.5, "items": [{"sku": "A1"}, {"sku": "B2"}]},
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hi {{ customer.first_name }}", "Hi Ann"),
        ("Hi {{ customer.nickname | default: 'there' }}", "Hi there"),
        ("{% for item in event.items %}{{ item.sku }} {% endfor %}", "A1 B2 "),
        ("{{ event.value | money: 'CNY' }}", "¥1,299.50"),
        ("{{ event.value | money: 'KRW' }}", "₩1,300"),
        ("{{ event.nothing | money }}", ""),
        ("{{ '2026-03-01T02:00:00Z' | date: '%m-%d %H:%M', 'Asia/Shanghai' }}", "03-01 10:00"),
        ("{{ 'soon' | date }}", ""),
        ("{{ '<b>x</b>' | strip_html }}", "x"),
    ],
)
def test_a_template_fills_in_the_customers_values(source, text):
    assert templates.render(source, ANN) == text


def test_now_is_a_value_that_is_handed_in():
    assert templates.render("{{ now | date: '%Y' }}", {"now": "1999-05-05"}) == "1999"


def test_a_name_with_markup_is_harmless_in_html():
    text = templates.render("<p>{{ name }}</p>", {"name": "<img src=x onerror=alert(1)>"}, "html")
    assert text == "<p>&lt;img src=x onerror=alert(1)&gt;</p>"


@pytest.mark.parametrize("escape_hatch", ["{{ name | safe }}", "{{ name | escapejs }}"])
def test_no_filter_switches_the_escaping_off(escape_hatch):
    with pytest.raises(TemplateProblem):
        templates.compile(escape_hatch, "html")


def test_a_json_template_stays_json_whatever_the_name_contains():
    text = templates.render('{"n": "{{ name }}", "v": {{ v | json }}}', {"name": 'O"Neil\n\\', "v": [1, "two"]}, "json")
    assert text == '{"n": "O\\"Neil\\n\\\\", "v": [1,"two"]}'


def test_a_json_template_that_gives_no_json_is_refused():
    with pytest.raises(TemplateProblem, match="not JSON"):
        templates.render('{"v": {{ v }}}', {"v": "two"}, "json")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("fine\n{% if x %}never closed", 2),
        ("{% include '/etc/passwd' %}", 1),
        ("{% render 'other' %}", 1),
        ("one\ntwo\n{{ x | no_such_filter }}", 3),
        ("{{ x | }", None),
    ],
)
def test_a_mistake_is_named_with_its_line(source, line):
    with pytest.raises(TemplateProblem) as caught:
        templates.compile(source)
    assert caught.value.line == line or line is None
    assert caught.value.text.zh and caught.value.status == 422


@pytest.mark.parametrize("source", ["{{ x.__class__ }}", "{{ x['__init__'] }}", "{{ x.upper }}"])
def test_the_insides_of_python_are_empty(source):
    assert templates.render(source, {"x": "text"}) == ""


TOO_MUCH = {
    "a huge range sorted": "{{ (1..30000000) | sort | size }}",
    "a huge range as an argument": "{{ 'a,b' | split: ',' | concat: (1..30000000) | size }}",
    "a billion turns of a loop": "{% for i in (1..1000000000) %}x{% endfor %}",
    "loops in loops": "{% for a in (1..9999) %}{% for b in (1..9999) %}x{% endfor %}{% endfor %}",
    "a table of a billion": "{% tablerow i in (1..1000000000) %}x{% endtablerow %}",
    "nine replaces": "{{ 'a'" + " | replace: 'a', 'aaaaaaaaaa'" * 9 + " }}",
    "replacing nothing": "{% assign x = 'a'" + " | replace: 'a', 'aaaaaaaaaa'" * 5 + " %}{{ x | replace: '',x }}",
    "squaring a number": "{% assign n = 99999 %}{% for i in (1..60) %}{% assign n = n | times: n %}{% endfor %}",
    "doubling a text": "{% assign t = 'ab' %}{% for i in (1..60) %}{% assign t = t | append: t %}{% endfor %}{{ t }}",
    "capturing in a loop": "{% capture t %}{% for i in (1..9999) %}" + "x" * 1000 + "{% endfor %}{% endcapture %}",
    "joining with much": "{% assign s = 'a'" + " | replace: 'a', 'aaaaaaaaaa'" * 5 + " %}{{ (1..9999) | join: s }}",
    "comparing everything with everything": "{{ (1..9999) | uniq | size }}",
    "doubling a list": "{% assign l = (1..9) | sort %}{% for i in (1..60) %}{% assign l = l | concat: l %}{% endfor %}",
}


@pytest.mark.parametrize("source", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_template_that_does_too_much_work_is_refused_at_once(source):
    started = time.process_time()
    with pytest.raises(TemplateProblem) as caught:
        templates.render(source, {})
    assert caught.value.code == "template:too_much_work"
    assert time.process_time() - started < 2


def test_a_template_is_checked_when_it_is_saved():
    templates.check("{{ event.value | divided_by: event.count }} {{ x | date: '%Y', zone }}")
    for source in ("{% if %}", "{{ (1..30000000) | sort | size }}"):
        with pytest.raises(TemplateProblem):
            templates.check(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ 1 | divided_by: 0 }}",
        "{{ '1e99999' | ceil }}",
        "{{ 1 | date: '%999999999d' }}",
        "{{ 1 | date: '%Y', 'X' }}",
    ],
)
def test_a_value_that_does_not_fit_is_a_problem_and_not_a_crash(source):
    with pytest.raises(TemplateProblem):
        templates.render(source, {})


def test_the_names_a_template_uses_are_known():
    names = templates.names_used("{{ customer.first_name }} {% for i in event.items %}{{ i.sku }}{% endfor %}")
    assert names == ["customer.first_name", "event.items"]


def test_a_new_template_is_tried_in_a_process_of_its_own():
    good, bad = templates.try_in_child([("Hi {{ x }}", "text", {"x": "Ann"}), ("{% if %}", "text", {})])
    assert good == "Hi Ann"
    assert isinstance(bad, TemplateProblem) and bad.line == 1


def test_the_child_survives_nothing_that_the_budget_would_miss(monkeypatch, tmp_path):
    """A rendering that hangs in a place no budget sees is ended by the operating system."""
    (tmp_path / "sitecustomize.py").write_text(
        "import orjson, sys\n"
        "loads = orjson.loads\n"
        "def endless(data):\n"
        "    while True: pass\n"
        "if 'journey_engine.templates' in ' '.join(sys.orig_argv): orjson.loads = endless\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (answer,) = templates.try_in_child([("Hi", "text", {})])
    assert isinstance(answer, TemplateProblem) and answer.code == "template:too_much_work"


@pytest.mark.parametrize(
    "source",
    [
        "{% if (1..1000000000) contains 'x' %}y{% endif %}",
        "{% for i in (1..1000000000) offset: 999999999 %}x{% endfor %}",
        "{% for i in (1..9999) %}" + "{% assign a = 1 %}" * 10_000 + "{% endfor %}",
    ],
)
def test_work_that_no_filter_does_has_an_end_too(source):
    with pytest.raises(TemplateProblem) as raised:
        templates.check(source)
    assert raised.value.code == "template:too_much_work"


@pytest.mark.parametrize(
    "source",
    [
        "{{" * 100_000,
        "{% raw %}" * 30_000,
        "{% doc %}" * 20_000,
        "{% if " + "(" * 90_000,
        "{{" + " " * 290_000,
        "{{ a" + " " * 200_000 + "b }}",
    ],
    ids=["openings", "raw", "doc", "brackets", "spaces", "spaces inside"],
)
def test_a_text_that_liquid_would_read_for_minutes_is_refused_at_once(source):
    began = time.process_time()
    with pytest.raises(TemplateProblem) as raised:
        templates.check("\n" + source)
    assert raised.value.line == 2
    assert time.process_time() - began < 5


def test_an_honest_mail_with_braces_and_scripts_is_read():
    braces = "<style>@media print{p{margin:0}}</style>{% raw %}{{ later }} {{{% endraw %}" + "{{ a }} (b) " * 500
    assert templates.render(braces, {"a": "A"}).count("A (b)") == 500
