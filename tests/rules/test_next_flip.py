"""When nothing happens to a customer, a verdict changes at no other moment than the rule said it may."""

from datetime import timedelta
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from journey_engine.ids import uuid7
from journey_engine.model.alone import Alone
from journey_engine.model.calendar import Calendar
from journey_engine.model.customer import Customer
from journey_engine.model.event import Event
from journey_engine.model.rule import CUSTOMER, parse
from journey_engine.model.standing import SentMessage, Standing
from tests.rules.drawn import NOW, ZONES, Drawing
from tests.rules.people import done

MOMENT = timedelta(microseconds=1)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**64), zone=st.sampled_from(ZONES))
def test_a_verdict_stands_until_the_rule_said_it_may_turn(seed, zone):
    drawing, moments = Drawing(seed), Random(seed)
    known = alone(drawing.customer(), zone)
    for _ in range(12):
        raw = drawing.rule()
        rule = parse(raw, CUSTOMER)
        flip = rule.next_flip(known, NOW)
        assert flip is None or flip > NOW
        end = flip or NOW + timedelta(days=800)
        between = [NOW + (end - NOW) * moments.random() for _ in range(8)] + [end - MOMENT]
        held = rule.judge(known, NOW).held
        assert all(rule.judge(known, at).held is held for at in between), (raw, flip)


def alone(drawn, zone):
    """The facts of a drawn customer, without a database."""
    id = uuid7(NOW, 1)
    history: dict[str, list[Event]] = {}
    for n, one in enumerate(drawn["events"]):
        event = Event(UUID(int=n), 1, id, one["name"], one["at"], NOW, one["properties"])
        history.setdefault(event.name, []).append(event)
    customer = Customer(id, 1, 0, drawn["attributes"], done(drawn["events"]), history, calendar=Calendar(zone))
    messages = [
        SentMessage(str(one["journey"]), one["node"], one["channel"], one["sent_at"], dict(one["receipts"]))
        for one in drawn["messages"]
    ]
    customer.standing = Standing(drawn["consents"], {str(one) for one in drawn["segments"]}, messages)
    return Alone(customer)
