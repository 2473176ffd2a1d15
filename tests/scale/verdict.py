"""What became of a site's traffic, worked out from the tables, the answers and the sandbox's journal alone."""

from collections import Counter

DEAR = 50
"""Carts of this value or more get an SMS and, a wait later, a webhook; cheaper ones nothing."""

EVENT = "Cart Left"


def cart(number, prefix):
    """Event `number` of a run; the same number is the same event whenever it is asked for."""
    return {
        "message_id": f"{prefix}-{number}",
        "name": EVENT,
        "customer": {"external_id": f"{prefix}-{number % 150}", "phone": f"+86139{number % 150:08d}"},
        "properties": {"cart_id": f"{prefix}-cart-{number}", "value": number * 37 % 100},
    }


def cart_journey(sandbox_url, wait_s=2):
    """A dear cart gets an SMS, a pause, and a webhook when nothing was bought meanwhile. Each cart enters once."""

    def node(id, kind, **settings):
        return {"id": id, "kind": kind, "settings": settings, "position": {"x": 0, "y": 0}}

    ways = (
        "start next dear", "dear yes sms", "dear no done", "sms next pause", "pause next unbought",
        "unbought yes hook", "unbought no done", "hook next done",
    )  # fmt: skip
    unbought = {"event": "Order Completed", "did": False, "since": "entry"}
    cart_id = "{{ event.cart_id }}"
    return {
        "settings": {"reentry": {"policy": "one_per_key"}},
        "nodes": [
            node("start", "event", event=EVENT, key="cart_id"),
            node("dear", "condition", rule={"property": "value", "op": ">=", "value": DEAR}),
            node("sms", "send_sms", template_code="SMS_1", text=cart_id, message_class="transactional"),
            node("pause", "wait", duration={"amount": wait_s, "unit": "seconds"}),
            node("unbought", "condition", rule=unbought),
            node("hook", "send_webhook", url=f"{sandbox_url}/hooks/carts", body=f'{{"cart": "{cart_id}"}}'),
            node("done", "exit"),
        ],
        "edges": [dict(zip(("from", "exit", "to"), way.split(), strict=True)) for way in ways],
    }


LONG = ["start", "dear", "sms", "pause", "pause", "unbought", "hook", "done"]
SHORT = ["start", "dear", "done"]


def everything_once(site, answered, events):
    """Fails, naming what is wrong, unless every event was taken, worked and written to exactly once.

    Answers how many messages are unknown: cut off in the middle of a call, and left visible instead of repeated.
    """
    stored = site.ask("SELECT message_id, id::text FROM events WHERE name = %s", EVENT)
    assert sorted(stored) == sorted(answered.items()), "events are lost or doubled"
    assert answered.keys() == {event["message_id"] for event in events}, "not every event was answered"
    assert site.ask("SELECT count(*) FROM inbox") == [(0,)]
    assert site.ask("SELECT * FROM event_outcomes") == []
    assert site.ask("SELECT sum(count) FROM activity WHERE name = %s", EVENT) == [(len(events),)]
    _each_walked_once(site, {event["message_id"]: event["properties"]["value"] for event in events})
    return _each_was_told_once(site)


def _each_walked_once(site, values):
    rows = site.ask("SELECT v.message_id, e.id::text, e.status FROM enrollments e JOIN events v ON v.id = e.event_id")
    assert sorted(message_id for message_id, *_ in rows) == sorted(values), "carts entered other than once"
    assert {status for *_, status in rows} == {"completed"}
    walked = {}
    for id, path in site.ask("SELECT enrollment_id::text, path FROM visits ORDER BY enrollment_id, n"):
        walked.setdefault(id, []).extend(visit["node"] for visit in path)
    wrong = [(message_id, walked[id]) for message_id, id, _ in rows if walked[id] != path_of(values[message_id])]
    assert wrong == []
    entered = "SELECT sum(n) FROM counts WHERE node_id = '' AND what IN ('entered', 'completed') GROUP BY what"
    assert site.ask(entered) == [(len(values),), (len(values),)]


def path_of(value):
    return LONG if value >= DEAR else SHORT


def _each_was_told_once(site):
    rows = site.ask("SELECT replace(id::text, '-', ''), status FROM messages")
    arrived = Counter(one.get("out_id") or one.get("webhook_id") for one in site.received())
    dear = site.ask("SELECT count(*) FROM events WHERE (properties ->> 'value')::int >= %s", DEAR)[0][0]
    assert len(rows) == 2 * dear, "messages are not two for each dear cart"
    assert {status for _, status in rows} <= {"sent", "unknown"}
    assert [id for id, n in arrived.items() if n > 1] == [], "messages arrived twice"
    assert [id for id, status in rows if status == "sent" and not arrived[id]] == [], "messages never arrived"
    return sum(status == "unknown" for _, status in rows)
