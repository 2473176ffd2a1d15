"""Every trigger kind, case by case: settings, one event, and what it means: fire, arm, cancel, refuse, or nothing.

`ago` is how many seconds before it arrived the event happened; `count` how often the customer did it, now included. A
customer has `attributes`, `before` (what the event changed of them), and `did`: how many seconds ago they last did
what. `told` is what later nodes may read. A case with `dues` says when the trigger's moments come after the event
instead, in seconds from its arrival by key; one with `first dues` when they come for a customer met in a pass; one with
`pass` when the trigger passes over all customers next, after the given instant.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from journey_engine.ids import uuid7
from journey_engine.model.calendar import Calendar
from journey_engine.model.customer import Customer
from journey_engine.model.event import Activity, Event
from journey_engine.triggers import TRIGGERS
from tests.support.shop import MONDAY

FILES = sorted(Path(__file__).parent.glob("*.json"))
CASES = [(file.stem, case) for file in FILES for case in json.loads(file.read_text())]


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{kind}: {case['description']}" for kind, case in CASES])
def test_a_trigger_says_what_its_case_says(kind, case):
    trigger = TRIGGERS[kind]("t1", **TRIGGERS[kind].load(case["settings"]))
    if "pass" in case:
        assert passes(trigger, case["pass"]) == case["pass"]["at"]
    elif "first dues" in case:
        ann, place = customer(case.get("customer", {})), case.get("place", "")
        assert in_seconds(trigger.first_dues(ann, MONDAY, place)) == case["first dues"]
    elif "dues" in case:
        ann, event = cast(case)
        assert event.name in trigger.rereads()
        dues = trigger.dues(ann, event, MONDAY)
        assert (dues and in_seconds(dues.at)) == case["dues"]
    else:
        assert_meets(trigger, case)


def assert_meets(trigger, case):
    ann, event = cast(case)
    assert event.name in trigger.watches()
    found = trigger.match([(ann, event)], MONDAY)
    assert [[match.kind, match.key, shown(match)] for match in found] == ([case["means"]] if case["means"] else [])
    if "told" in case:
        assert (trigger.told(event) if found[0].told is None else found[0].told) == case["told"]


def cast(case):
    """The customer of a case and the event that has just arrived."""
    told, at = case["event"], MONDAY - timedelta(seconds=case["event"].get("ago", 0))
    ann = customer(case.get("customer", {}))
    ann.activity.setdefault(told["name"], Activity(told.get("count", 1), at, at))
    event = Event(uuid7(MONDAY), 1, ann.id, told["name"], at, MONDAY, told.get("properties", {}))
    return ann, event


def customer(known):
    did = {name: MONDAY - timedelta(seconds=ago) for name, ago in known.get("did", {}).items()}
    return Customer(
        uuid7(MONDAY),
        1,
        0,
        attributes=known.get("attributes", {}),
        activity={name: Activity(1, at, at) for name, at in did.items()},
        calendar=Calendar(known.get("zone", "Asia/Shanghai")),
        before=known.get("before", {}),
    )


def passes(trigger, asked):
    """When the trigger passes over all customers after an instant, as an instant and a place."""
    after = datetime.fromisoformat(asked["after"])
    since = datetime.fromisoformat(asked.get("since", asked["after"]))
    found = trigger.pass_at(after, since, asked.get("zone", "Asia/Shanghai"), asked.get("place", ""))
    return found and [found[0].isoformat(), found[1]]


def in_seconds(dues):
    return {key: int((at - MONDAY).total_seconds()) for key, at in dues.items()}


def shown(match):
    """Why it was refused, or the seconds from arrival to the moment it counts from or runs out at."""
    return match.reason["why"] if match.kind == "refuse" else int((match.at - MONDAY).total_seconds())
