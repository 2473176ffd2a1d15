"""A rule says of a customer the same in the database as it says in Python, whatever is known of the customer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from journey_engine.model.needs import Needs
from journey_engine.model.rule import CUSTOMER, parse
from journey_engine.store.rule_sql import condition
from journey_engine.store.tables import customers
from tests.rules.drawn import EVENTS, NIGHTS, NOW, NUMBERS, ODD_DATES, PATTERNS, SPELLED, TEXTS, ZONES, Drawing
from tests.rules.people import facts, store

WORKSPACE = 7
NOBODY = {"attributes": {}, "events": [], "consents": {}, "messages": [], "entries": [], "segments": set()}
CLOCKS = st.sampled_from([0, 0, 90, 1500, 60 * 24 * 20, -60 * 24 * 200]).map(lambda n: NOW + timedelta(minutes=n))
MANY = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(seed=st.integers(0, 2**64), zone=st.sampled_from(ZONES), now=CLOCKS, chosen=st.booleans())
def test_a_rule_holds_in_the_database_for_whom_it_holds_in_python(rules_database, seed, zone, now, chosen):
    drawing = Drawing(seed)
    people, raw = [drawing.customer() for _ in range(20)], [drawing.rule() for _ in range(25)]
    assert differences(rules_database, people, raw, zone, now, chosen) == []


def differences(database, people, raw, zone, now, chosen):
    """Each rule, with the customer of whom the two say different things."""
    rules = [parse(one, CUSTOMER) for one in raw]
    needs = Needs()
    for rule in rules:
        needs.of_rule(rule)
    with database.connect() as tx:
        ids = store(tx, WORKSPACE, people)
        known = facts(tx, WORKSPACE, zone, ids, needs)
        among = ids if chosen else None
        asked = [condition(rule, WORKSPACE, zone, now, among).label(f"r{n}") for n, rule in enumerate(rules)]
        rows = tx.execute(select(customers.c.id, *asked)).all()
        tx.rollback()
    assert len(rows) == len(people)
    found = []
    for id, *held in rows:
        for rule, in_sql, told in zip(rules, held, raw, strict=True):
            verdict = rule.judge(known[id], now)
            if in_sql is not verdict.held:
                found.append((told, in_sql, verdict.leaves, people[ids.index(id)]))
    return found


ODD = [
    *[{"a": one} for one in (*TEXTS, *NUMBERS, *SPELLED, *ODD_DATES, *NIGHTS, True, False, None, [], [1, "a"], ["10"])],
    *[
        {"a": one}
        for one in ("1988-02-29", "1990-02-28", "2025-03-30", "2025-03-29T16:00Z", "2025-03-30T23:59:59.5+08:00")
    ],
    *[
        {"a": {"b": 5}},
        {"a": {"b": None}, "a.b": 6},
        {"a.b": None, "a": {"b": 7}},
        {"a": {"b.c": 1, "b": {"c": 2}}},
        {},
    ],
]
"""Customers with one odd attribute each."""

VALUES = [*TEXTS[1:], *NUMBERS, *SPELLED, True, False]
ASKED = [
    *[{"op": op, "value": value} for op in ("is", "is_not", "contains") for value in VALUES],
    *[{"op": op, "value": value} for op in ("starts_with", "matches") for value in (*TEXTS[1:], *PATTERNS, 1, True)],
    {"op": "one_of", "value": [*TEXTS[1:9], 10, "5.", 0.3, True]},
    *[{"op": op, "value": value} for op in (">", ">=", "<", "<=") for value in (*NUMBERS, "0.10", "9007199254740993")],
    *[{"op": "between", "value": two} for two in ([0, 10], ["0.1", 0.3], ["2025-03-01", "2025-03-30"])],
    *[
        {"op": op, "value": value}
        for op in ("before", "after")
        for value in (*NIGHTS, "2025-03-30", "2025-03-29T16:00Z")
    ],
    *[{"op": op, "value": n} for op in ("within_last", "within_next") for n in (0, 1, 200)],
    *[{"op": "anniversary_within", "value": n} for n in (0, 1, 27, 28, 29, 333, 334, 335, 364, 365)],
    {"op": "exists"},
    {"op": "not_exists"},
]


LEAP = [datetime(2025, 2, 27, 23, 30, tzinfo=UTC), datetime(2027, 2, 28, tzinfo=UTC)]


@pytest.mark.parametrize(("zone", "now"), [*((zone, NOW) for zone in ZONES), *(("UTC", now) for now in LEAP)])
def test_every_odd_value_is_compared_alike(rules_database, zone, now):
    people = [NOBODY | {"attributes": odd} for odd in ODD]
    raw = [{"attribute": name, **one} for one in ASKED for name in ("a", "a.b")]
    for few in (raw[n : n + 200] for n in range(0, len(raw), 200)):
        assert differences(rules_database, people, few, zone, now, False) == []


def test_totals_are_exact(rules_database):
    amounts = [[], ["x"], [0.1, 0.2], ["0.1", 0.2], [0.1, 0.2, 0.3], [1, 2, 2], [1e300, -1e300, 1], [1, None, "2"]]
    people = [
        NOBODY | {"events": [{"name": EVENTS[0], "at": NOW, "properties": {"a": amount}} for amount in several]}
        for several in amounts
    ]
    raw = [
        {"event": EVENTS[0], "measure": measure, **of, "op": op, "value": value, **window}
        for measure, of in (("count", {}), *((one, {"of": "a"}) for one in ("sum", "avg", "min", "max")))
        for op in ("is", "is_not", ">", ">=", "<", "<=")
        for value in (0, 0.2, 0.3, 1, 1.5, "0.6", 3)
        for window in ({}, {"last": {"amount": 1, "unit": "hours"}})
    ]
    for few in (raw[n : n + 100] for n in range(0, len(raw), 100)):
        assert differences(rules_database, people, few, "UTC", NOW, False) == []
