"""The plain-text part says what the HTML says."""

import pytest

from journey_engine import templates
from journey_engine.channels.plain_text import plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hi Ann</p><p>Bye</p>", "Hi Ann\n\nBye\n"),
        ("<h1>Sale</h1>Only <b>today</b>", "Sale\n\nOnly today\n"),
        ("a<br>b", "a\nb\n"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two\n"),
        ("<a href='https://s.example/'>Shop</a>", "Shop (https://s.example/)\n"),
        ("<a href='https://s.example/'>https://s.example/</a>", "https://s.example/\n"),
        ("<style>p{}</style><script>x()</script><title>t</title>Hi", "Hi\n"),
        ("&lt;3 &amp; &copy;", "<3 & ©\n"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc\n"),
        ("<img src=x alt='A shoe'>", "A shoe\n"),
        ("<p>unclosed <a href='https://s.example'>", "unclosed\n"),
    ],
)
def test_html_becomes_text_as_a_person_would_type_it(html, text):
    assert plain_text(html) == text


def test_a_template_stays_a_template():
    html = "<p>{% if a < b %}Hi {{ name }}{% endif %}</p><a href='{{ url }}'>Cart</a>"
    text = plain_text(html)
    assert templates.render(text, {"a": 1, "b": 2, "name": "<Ann>", "url": "https://s.example/?a=1&b=2"}) == (
        "Hi <Ann>\n\nCart (https://s.example/?a=1&b=2)\n"
    )
