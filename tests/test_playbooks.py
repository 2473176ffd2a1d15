"""Playbooks: each can be published as it is, in both languages, and does for its cast what it promises."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

import api
from journey_engine import graph, playbooks
from journey_engine.channels.base import Receipt
from journey_engine.channels.content import render_content
from journey_engine.channels.sms_text import sms_parts
from journey_engine.config import Config
from journey_engine.errors import NotFound
from journey_engine.memory.furnish import preset
from journey_engine.pipeline.receive import receive
from journey_engine.stories.drawing import span
from journey_engine.stories.world import StoryWorld
from tests.support.installed import add_key
from tests.support.shop import Shop

BEGINNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""Monday, ten in the morning in Shanghai."""

LAST = timedelta(days=400)
ADDRESSES = {name: f"+86120000000{n:02}" for n, name in enumerate(("ann", "bob", "cat", "dan", "eve", "fay"), 1)}
IN_POSTGRES = ("unpaid_order", "unused_coupon", "welcome")
"""Told in PostgreSQL as well; what holds in memory for the others is held to be the same by the golden stories."""

SAMPLE = {
    "customer": {"first_name": "Alexandra", "welcome_code": "HELLO15", "points": 12800, "points_to_next_tier": 100},
    "context": {"coupon": "BACK-7K3Q9"},
    "event": {
        "code": "SAVE20",
        "items": [{"name": "Celadon tea set for four people"}],
        "name": "Celadon tea set for four people",
        "order_id": "2603020817",
        "pay_url": "s.cn/p/7K3Q9",
        "review_url": "s.cn/r/7K3Q9",
        "short_url": "s.cn/d/7K3Q9",
        "tracking_url": "s.cn/t/7K3Q9",
        "url": "s.cn/u/7K3Q9",
    },
}
"""Values as long as a shop's are, for every name that a playbook's SMS uses."""

VALUE = re.compile(r"\b((?:customer|context|event)\.\w+)")

every_playbook = pytest.mark.parametrize("id", playbooks.PLAYBOOKS)
every_language = pytest.mark.parametrize("language", playbooks.LANGUAGES)


@every_playbook
@every_language
def test_a_playbook_can_be_published_as_it_is(id, language):
    drawn = graph.read_shape(playbooks.load(id, language, needs=needed(id)))
    assert [problem for problem in graph.check(drawn) if problem.severity == "error"] == []


@every_playbook
def test_what_a_shop_must_choose_first_is_named_at_its_node(id):
    drawn = playbooks.load(id)
    missing = [problem for problem in graph.check(drawn) if problem.severity == "error"]

    assert {problem.setting for problem in missing} <= {"pool", "journey", "audience", "segment", "to"}
    assert bool(missing) == bool(playbooks.kept(id)["needs"])
    for need in playbooks.kept(id)["needs"]:
        assert need["type"] in ("coupon_pool", "segment", "staff") and need["name"]["en"] and need["name"]["zh"]


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
    for settings in settings_of(playbooks.load(id, language), "send_sms"):
        assert set(VALUE.findall(settings["text"])) <= {f"{of}.{name}" for of in SAMPLE for name in SAMPLE[of]}
        for variables in (SAMPLE, {"customer": {}, "event": {}, "context": {}}):
            text = render_content("sms", settings, variables)["text"]
            assert sms_parts(text, "Qinghe") == 1, text


@every_playbook
@every_language
def test_a_marketing_sms_of_a_playbook_names_the_way_out(id, language):
    way_out = {"en": "T to opt out", "zh": "拒收请回复R"}[language]
    for settings in settings_of(playbooks.load(id, language), "send_sms"):
        named = settings["text"].endswith(way_out)
        assert named == (settings.get("message_class", "marketing") == "marketing"), settings["text"]


@every_playbook
@every_language
def test_a_mail_of_a_playbook_reads_well_without_any_value(id, language):
    for settings in settings_of(playbooks.load(id, language), "send_email"):
        content = render_content("email", settings, {"customer": {}, "event": {}}, "https://shop.example/out")
        assert "https://shop.example/out" in content["text"]
        assert content["subject"].strip(" ,，")


def test_an_unknown_playbook_is_refused_by_name():
    with pytest.raises(NotFound, match="'wecom_welcome'"):
        playbooks.load("wecom_welcome")


@every_playbook
def test_a_playbook_does_for_its_cast_what_it_promises(id):
    world = StoryWorld(BEGINNING)
    furnish(world, id)
    world.publish(playbooks.load(id, needs=needed(id)))
    cast = playbooks.kept(id)["cast"]
    assert len(cast) >= 3, "those who get nothing belong to it too"

    play(world, cast)

    assert {who: trace(world, who) for who in cast} == {who: promised(world, who, cast[who]) for who in cast}


@every_playbook
def test_no_playbook_sends_marketing_to_somebody_whose_complaint_is_being_looked_after(id):
    world = StoryWorld(BEGINNING)
    furnish(world, id)
    world.publish(playbooks.load(id, needs=needed(id)))
    cast = playbooks.kept(id)["cast"]
    rescued = {"at": "0s", "event": "Customer Updated", "with": {"tags": ["no_marketing"]}}

    told = {who: [one for one in cast[who]["events"] if "clicks" not in one] for who in cast}

    play(world, {who: cast[who] | {"events": [rescued, *told[who]]} for who in cast})

    marketing = [message for message in world.messages() if getattr(message, "class") == "marketing"]
    assert [message.node_id for message in marketing if message.status != "suppressed"] == []


@pytest.mark.parametrize("id", IN_POSTGRES)
def test_a_playbook_does_the_same_in_the_database(id, database_url):
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
    assert english[0]["graph"] == playbooks.load(playbooks.PLAYBOOKS[0], "en")
    assert chinese[0]["graph"] == playbooks.load(playbooks.PLAYBOOKS[0], "zh")


def settings_of(drawn, kind):
    return [node["settings"] for node in drawn["nodes"] if node["kind"] == kind]


def needed(id):
    """Ids, or addresses of colleagues, for what a playbook needs."""
    return {
        one["id"]: f"{one['id']}@shop.example" if one["type"] == "staff" else str(UUID(int=number))
        for number, one in enumerate(playbooks.kept(id)["needs"], 1)
    }


def furnish(world, id):
    """The coupon pools of a playbook, with codes in them, and its segments."""
    common = {"workspace_id": world.workspace}
    for need in playbooks.kept(id)["needs"]:
        named = common | {"name": need["name"]["en"], "created_at": world.now}
        if need["type"] == "coupon_pool":
            pool = UUID(needed(id)[need["id"]])
            preset(world.engine, "coupon_pools", **named, id=pool)
            for number in range(1, 10):
                code = f"{need['id'].upper()}{number}"
                preset(world.engine, "coupon_codes", **common, pool_id=pool, code=code, seq=number)
        elif need["type"] == "segment":
            segment = {"id": UUID(needed(id)[need["id"]]), "rule": need["rule"], "state": "live"}
            preset(world.engine, "segments", **named, **segment, updated_at=world.now)


def play(world, cast):
    """Tell every event when it happens, and let the clock go from one wake to the next until nothing is left."""
    told = [(BEGINNING + span(event["at"]), who, event) for who, one in cast.items() for event in one["events"]]
    for at, who, event in sorted(told, key=lambda one: one[:2]):
        run_to(world, at)
        if "clicks" in event:
            click(world, who, event["clicks"])
            continue
        identities = {"external_id": who, "email": f"{who}@mail.example", "phone": ADDRESSES[who]}
        identities = {kind: identities[kind] for kind in cast[who].get("known_by", identities)}
        world.tell(identities, event["event"], **event.get("with", {}))
        world.work()
    run_to(world, BEGINNING + LAST)


def click(world, who, node):
    """The customer clicks in the mail of a node, and the provider says so."""
    mail = [one for one in world.messages() if one.customer_id == world.customer(who) and one.node_id == node][-1]
    receive(world.engine, world.workspace, world.accounts["email"], [Receipt(mail.id, "", "clicked", world.now)])
    world.work()


def run_to(world, until):
    """Days pass: wakes and whatever falls due by the clock are worked when their time comes."""
    while True:
        due = [row.wake_at for row in world.enrollments() if row.wake_at is not None] + [world.next_due()]
        due = [at for at in due if at is not None and at <= until]
        if not due:
            break
        world.now = max(world.now, min(due))
        world.work()
    world.now = until
    world.work()


def trace(world, who):
    """What became of a customer: for each time they entered the walk without its rests, the messages, the end."""
    found = world.enrollments(who)
    traces = [trace_of(world, one) for one in found]
    return traces[0] if len(traces) == 1 else traces


def trace_of(world, enrollment):
    walk = [step for step in world.path(enrollment.id).split() if ":" in step or step == enrollment.node_id]
    rests = walk[-1:] if walk and ":" not in walk[-1] else []
    return {
        "path": [step for step in walk if ":" in step] + rests,
        "messages": [one.node_id for one in world.messages() if one.enrollment_id == enrollment.id],
        "ends": enrollment.end_reason or f"{enrollment.status}",
    }


def promised(world, who, one):
    """What the cast expects; of two ways of a split, the one that this customer went."""
    real = trace(world, who)
    several = isinstance(real, list)
    expected = one["expect"] if isinstance(one["expect"], list) else [one["expect"]]
    if len(expected) != (len(real) if several else 1):
        return one["expect"]
    chosen = [_taken(told, way) for told, way in zip(expected, real if several else [real], strict=True)]
    return chosen if several else chosen[0]


def _taken(expected, real):
    for part in ("path", "messages"):
        taken = [
            next((way for way in step if way in real[part]), step) if isinstance(step, list) else step
            for step in expected[part]
        ]
        expected = expected | {part: taken}
    return expected
