"""Every trigger kind, case by case: settings, one event, and what it means: fire, arm, cancel, refuse, or nothing.

`ago` is how many seconds before it arrived the event happened; `count` how often the customer did it, now included.
"""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from journey_engine.ids import uuid7
from journey_engine.model.customer import Customer
from journey_engine.model.event import Activity, Event
from journey_engine.triggers import TRIGGERS
from tests.support.shop import MONDAY

FILES = sorted(Path(__file__).parent.glob("*.json"))
CASES = [(file.stem, case) for file in FILES for case in json.loads(file.read_text())]


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{kind}: {case['description']}" for kind, case in CASES])
def test_a_trigger_says_what_its_case_says(kind, case):
    trigger = TRIGGERS[kind]("t1", **TRIGGERS[kind].load(case["settings"]))
    told, at = case["event"], MONDAY - timedelta(seconds=case["event"].get("ago", 0))
    ann = Customer(uuid7(MONDAY), 1, 0, activity={told["name"]: Activity(told.get("count", 1), at, at)})
    event = Event(uuid7(MONDAY), 1, ann.id, told["name"], at, MONDAY, told.get("properties", {}))
    assert told["name"] in trigger.watches()
    found = [[match.kind, match.key, shown(match)] for match in trigger.match([(ann, event)], MONDAY)]
    assert found == ([case["means"]] if case["means"] else [])


def shown(match):
    """Why it was refused, or the seconds from arrival to the moment it counts from or runs out at."""
    return match.reason["why"] if match.kind == "refuse" else int((match.at - MONDAY).total_seconds())
