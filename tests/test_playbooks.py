"""Playbooks: each can be published as it is, in both languages, and does for its cast what it promises."""

from datetime import UTC, datetime, timedelta

import pytest

import api
from journey_engine import graph, playbooks
from journey_engine.channels.content import render_content
from journey_engine.channels.sms_text import sms_parts
from journey_engine.config import Config
from journey_engine.errors import NotFound
from tests.support.installed import add_key
from tests.support.shop import Shop

BEGINNING = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
STEP = timedelta(minutes=30)
AFTER_THE_LAST = timedelta(days=12)
ADDRESSES = {name: f"+86120000000{n:02}" for n, name in enumerate(("ann", "bob", "cat", "dan", "eve"), 1)}

every_playbook = pytest.mark.parametrize("id", playbooks.PLAYBOOKS)
every_language = pytest.mark.parametrize("language", playbooks.LANGUAGES)


@every_playbook
@every_language
def test_a_playbook_can_be_published_as_it_is(id, language):
    assert graph.check(graph.read_shape(playbooks.load(id, language))) == []


@every_playbook
@every_language
def test_no_text_of_a_playbook_is_left_in_the_other_language_or_unfilled(id, language):
    drawn = repr(playbooks.load(id, language, shop="Tom & Ann's"))

    assert "[[" not in drawn and "'zh':" not in drawn
    assert "Tom &amp; Ann" in drawn or "send_email" not in drawn
    chinese = any("\u4e00" <= character <= "\u9fff" for character in drawn)
    assert chinese == (language == "zh")


@every_playbook
@every_language
def test_an_sms_of_a_playbook_is_charged_as_one_message(id, language):
    variables = {
        "customer": {"first_name": "Alexandra", "offer": "BACK24", "welcome_code": "HELLO15"},
        "event": {"code": "SAVE20", "items": [{"name": "Celadon tea set for four people"}]},
    }
    for settings in settings_of(playbooks.load(id, language), "send_sms"):
        text = render_content("sms", settings, variables)["text"]
        assert sms_parts(text, "Qinghe") == 1, text


@every_playbook
@every_language
def test_a_mail_of_a_playbook_reads_well_without_any_value(id, language):
    for settings in settings_of(playbooks.load(id, language), "send_email"):
        content = render_content("email", settings, {"customer": {}, "event": {}}, "https://shop.example/out")
        assert "https://shop.example/out" in content["text"]
        assert content["subject"].strip(" ,，")


def test_an_unknown_playbook_is_refused_by_name():
    with pytest.raises(NotFound, match="'birthday'"):
        playbooks.load("birthday")


@every_playbook
def test_a_playbook_does_for_its_cast_what_it_promises(id, database_url):
    shop = Shop(database_url, BEGINNING)
    shop.publish(playbooks.load(id))
    cast = playbooks.kept(id)["cast"]

    play(shop, cast)

    assert {who: trace(shop, who) for who in cast} == {who: promised(shop, who, cast[who]) for who in cast}


def test_the_editor_gets_playbooks_in_the_language_that_is_asked_for(database_url):
    shop = Shop(database_url, BEGINNING)
    app = api.create_app(Config(database_url=database_url, secret_key="of tests"), shop.engine)
    add_key(shop.engine, shop.workspace, "reads", "read")

    answers = {
        language: app.test_client().get(
            "/api/v1/playbooks", headers={"Authorization": "Bearer reads", "Accept-Language": language}
        )
        for language in ("en-GB,en", "zh-CN,zh;q=0.9")
    }

    english, chinese = (answer.json["items"] for answer in answers.values())
    assert [one["id"] for one in english] == list(playbooks.PLAYBOOKS)
    assert english[0]["graph"] == playbooks.load("abandoned_cart", "en")
    assert chinese[0]["graph"] == playbooks.load("abandoned_cart", "zh")


def settings_of(drawn, kind):
    return [node["settings"] for node in drawn["nodes"] if node["kind"] == kind]


def play(shop, cast):
    """Tell every event at its minute, with turns in between, and go on until everybody must have ended."""
    events = sorted(
        ((event["minute"], who, event) for who, one in cast.items() for event in one["events"]), key=lambda e: e[:2]
    )
    for minute, who, event in events:
        pass_time(shop, BEGINNING + timedelta(minutes=minute))
        identities = {"external_id": who, "email": f"{who}@mail.example", "phone": ADDRESSES[who]}
        shop.tell(identities, event["name"], **event["properties"])
        shop.work()
    pass_time(shop, shop.now + AFTER_THE_LAST)


def pass_time(shop, until):
    while shop.now < until:
        shop.now = min(shop.now + STEP, until)
        shop.work()


def trace(shop, who):
    """What became of a customer: the walk without its rests, the messages in their order, the end."""
    (enrollment,) = shop.enrollments(who)
    rows = shop.rows("SELECT path FROM visits WHERE enrollment_id = :id ORDER BY n", id=enrollment.id)
    visits = [visit for row in rows for visit in row.path if visit["reason"]["why"] != "wait"]
    return {
        "path": [f"{one['node']}:{one['exit']}" if one["exit"] else one["node"] for one in visits],
        "messages": [one.node_id for one in shop.messages() if one.customer_id == enrollment.customer_id],
        "ends": enrollment.end_reason,
    }


def promised(shop, who, one):
    """What the cast expects; of two ways of a split, the one that this customer went."""
    expected, real = one["expect"], trace(shop, who)
    for part in ("path", "messages"):
        taken = [
            next((way for way in step if way in real[part]), step) if isinstance(step, list) else step
            for step in expected[part]
        ]
        expected = expected | {part: taken}
    return expected
