"""A short run: everything is killed, frozen, cut and filled while events flow, and nothing is lost, doubled or wrong.

Then the judge itself is tried: whatever is tampered with in what the run left behind is found.
"""

import dataclasses
import os
import warnings
from types import SimpleNamespace

import pytest

from tests.crash.checker import Noes, judge, message_of
from tests.crash.faults import FAULTS, step_clock
from tests.crash.run import EVENTS, Run, not_tried, tables

PUSHES_FOR_S = 45
LASTS_S = 2.5
SEED = 20

SHORT = (
    "kill all deliveries workers",
    "freeze a deliveries worker",
    "kill the provider",
    "disk full",
    "kill all turns workers",
    "PostgreSQL killed",
    "freeze a turns worker",
    "kill all web servers",
    "database's clock stepped",
    "cut database connections",
    "FLUSHALL",
    "kill Valkey",
    "second machine's clock stepped",
    "PostgreSQL restarted (fast)",
    "freeze Valkey",
    "kill a web worker",
    "PostgreSQL restarted (immediate)",
)
"""In this order: what a killed delivery worker leaves behind is found after half a minute, so that is killed first."""

AN_EVENT = "SELECT id FROM events WHERE name = 'Cart Left' ORDER BY id LIMIT 1"
AN_ENROLLMENT = f"SELECT id FROM enrollments WHERE event_id = ({AN_EVENT})"
A_MESSAGE = "SELECT id FROM messages WHERE class = 'marketing' AND status = 'sent' ORDER BY id LIMIT 1"
A_PATH = "SELECT enrollment_id FROM visits WHERE path::jsonb @@ '$[*].node == \"{}\"' ORDER BY 1 LIMIT 1"

TAMPERINGS = {
    "an event is gone": (f"DELETE FROM events WHERE id = ({AN_EVENT})", "not stored"),
    "an event is there twice": (
        "INSERT INTO events SELECT overlay(id::text placing 'ffff' from 33)::uuid, workspace_id, shard, customer_id, "
        f"name, occurred_at, received_at, properties, message_id, source FROM events WHERE id = ({AN_EVENT})",
        "stored twice",
    ),
    "an id is forgotten": (f"DELETE FROM event_keys WHERE event_id = ({AN_EVENT})", "remembered ids"),
    "an event still waits": (
        "INSERT INTO inbox (shard, workspace_id, customer_id, event_id, received_at) "
        f"SELECT shard, workspace_id, customer_id, id, received_at FROM events WHERE id = ({AN_EVENT})",
        "never worked",
    ),
    "an event is set aside": (
        "INSERT INTO event_outcomes (event_id, workspace_id, shard, state, at) SELECT id, workspace_id, shard, "
        f"'dead_lettered', received_at FROM events WHERE id = ({AN_EVENT})",
        "otherwise than processed",
    ),
    "an event is counted twice": (
        "UPDATE activity SET count = count + 1 WHERE ctid = (SELECT ctid FROM activity LIMIT 1)",
        "activity counts",
    ),
    "an entry is gone": (f"DELETE FROM enrollments WHERE event_id = ({AN_EVENT})", "other than once"),
    "an entry is somebody else's": (
        "UPDATE enrollments SET customer_id = (SELECT max(id::text)::uuid FROM customers) "
        f"WHERE event_id = ({AN_EVENT})",
        "somebody else's",
    ),
    "somebody never ended": (
        f"UPDATE enrollments SET status = 'waiting', ended_at = NULL WHERE event_id = ({AN_EVENT})",
        "stranded",
    ),
    "the wrong side of a condition was taken": (
        'UPDATE visits SET path = replace(path::jsonb::text, \'"exit": "yes"\', \'"exit": "no"\')::jsonb '
        f"WHERE enrollment_id = ({A_PATH.format('mail')}) AND n = 1",
        "enrollment",
    ),
    "a node was jumped over": (
        f"UPDATE visits SET path = path::jsonb - 1 WHERE enrollment_id = ({AN_ENROLLMENT}) AND n = 1",
        "visits are",
    ),
    "the end of a path is gone": (
        f"DELETE FROM visits WHERE enrollment_id = ({A_PATH.format('mail')}) AND n > 1",
        "enrollment",
    ),
    "a path goes where no edge leads": (
        "UPDATE visits SET path = jsonb_set(CAST(path AS jsonb), '{0,node}', '\"mail\"') "
        f"WHERE enrollment_id = ({AN_ENROLLMENT}) AND n = 1",
        "stands at mail",
    ),
    "a wait was left before its time": (
        f"UPDATE visits SET at = at - interval '10 s' WHERE enrollment_id = ({A_PATH.format('mail')}) AND n > 1",
        "a hold until",
    ),
    "another order was paid": (
        "UPDATE events SET properties = '{\"order_id\": \"none\"}' WHERE name = 'Order Paid'",
        "another order",
    ),
    "an order was not counted": (
        "UPDATE visits SET path = replace(path::jsonb::text, '\"orders\": 1}', '\"orders\": 2}')::jsonb "
        f"WHERE enrollment_id = ({A_PATH.format('tally')})",
        "once per order",
    ),
    "a message is gone": (f"DELETE FROM messages WHERE id = ({A_MESSAGE})", "visits that sent them differ"),
    "a message nobody sent": (
        "CREATE TEMP TABLE one AS SELECT * FROM messages LIMIT 1; UPDATE one SET id = gen_random_uuid(); "
        "INSERT INTO messages SELECT * FROM one",
        "visits that sent them differ",
    ),
    "a message is left behind": (
        f"UPDATE messages SET status = 'sending', claimed_at = now() WHERE id = ({A_MESSAGE})",
        "left behind",
    ),
    "a message failed": (f"UPDATE messages SET status = 'failed' WHERE id = ({A_MESSAGE})", "left behind"),
    "a message was taken back and left": (
        f"UPDATE messages SET status = 'suppressed' WHERE id = ({A_MESSAGE})",
        "not what arrived",
    ),
    "marketing was tried twice": (
        "INSERT INTO deliveries (message_id, attempt, workspace_id, shard, started_at, outcome) SELECT message_id, 9, "
        f"workspace_id, shard, started_at, 'unknown' FROM deliveries WHERE message_id = ({A_MESSAGE}) LIMIT 1",
        "tried again",
    ),
    "a number is wrong": (
        "UPDATE counts SET n = n + 1 WHERE ctid = (SELECT ctid FROM counts LIMIT 1)",
        "counts differ",
    ),
    "a number is gone": ("DELETE FROM counts WHERE ctid = (SELECT ctid FROM counts WHERE n > 0 LIMIT 1)", "counts"),
}
"""What is done to the tables, and a word of what the judge says of it."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chaos")
    began = Run(
        folder, SEED, 800, seconds=PUSHES_FOR_S, pace_s=0.3, longest_s=LASTS_S, pause_s=(0.2, 0.6), in_order=short()
    )
    try:
        began.go()
        yield began
    finally:
        began.stop()


def short():
    """The faults of a short run; a clock is put by little, or what began meanwhile would wait for as long."""
    named = {fault.name: fault for fault in FAULTS}
    for name, which in (("database's clock stepped", "clock"), ("second machine's clock stepped", "other_clock")):
        named[name] = dataclasses.replace(named[name], begin=step_clock(which, most_s=8))
    return [named[name] for name in SHORT]


def test_nothing_is_lost_doubled_or_wrong_while_everything_breaks(run):
    verdict = run.judge()

    print(f"seed {SEED}, at rest after {run.rested_s} s", tables(run, verdict), sep="\n")
    say_what_was_not_tried(run)
    assert verdict.wrong == []
    assert (verdict.lost, verdict.events_doubled, verdict.messages_doubled, verdict.missing) == (0, 0, 0, 0)
    assert verdict.acknowledged > 500 and verdict.messages > 200
    assert len([one for one in run.killer.struck if not one.not_tried]) >= 10
    assert run.marketer.noes.unsubscribed


def say_what_was_not_tried(run):
    """A fault that this machine does not allow is a warning; where every test has to run it is a failure."""
    missing = not_tried(run)
    for what in missing:
        warnings.warn(f"not tried on this machine: {what}", stacklevel=2)
    assert not (missing and os.environ.get("EVERY_TEST")), f"every fault was to be tried, but: {'; '.join(missing)}"


def test_where_every_test_has_to_run_a_fault_that_is_not_tried_is_a_failure(monkeypatch):
    struck = [SimpleNamespace(name="disk full", not_tried="no disk can be mounted")]
    begun = SimpleNamespace(killer=SimpleNamespace(struck=struck))
    monkeypatch.delenv("EVERY_TEST", raising=False)
    with pytest.warns(UserWarning, match="disk full"):
        say_what_was_not_tried(begun)
    monkeypatch.setenv("EVERY_TEST", "1")
    with pytest.warns(UserWarning), pytest.raises(AssertionError, match="no disk can be mounted"):
        say_what_was_not_tried(begun)


@pytest.mark.parametrize("what", TAMPERINGS)
def test_the_judge_finds_what_is_tampered_with(run, what):
    statement, words = TAMPERINGS[what]
    with run.engine.database() as database:
        database.autocommit = False
        changed = database.execute(statement)
        assert changed.rowcount > 0 or ";" in statement
        verdict = run.judge(database)
        database.rollback()

    assert any(words in sentence for sentence in verdict.wrong), verdict.wrong


def test_the_judge_finds_what_is_odd_at_the_provider(run):
    received = run.engine.received()
    marketing = run.engine.ask("SELECT replace(id::text, '-', '') FROM messages WHERE class = 'marketing'")
    one = next(entry for entry in received if (message_of(entry),) in marketing)

    twice = run.judge(received=[*received, one]).wrong
    without = run.judge(received=[entry for entry in received if entry is not one]).wrong
    strange = run.judge(received=[*received, one | {"out_id": "00", "message_id": "<0@x>", "webhook_id": "00"}]).wrong

    assert any("received twice" in sentence for sentence in twice)
    assert any("not what arrived" in sentence for sentence in without)
    assert any("we do not know" in sentence for sentence in strange)


def test_the_judge_finds_an_acknowledgement_that_was_not_kept(run):
    (stored,) = run.engine.ask("SELECT id::text FROM events LIMIT 1")

    assert any("not stored" in one for one in run.judge(acknowledged=[("never-sent", "no id")]).wrong)
    assert any("not stored" in one for one in run.judge(acknowledged=[("never-sent", stored[0])]).wrong)


def test_the_judge_finds_what_left_after_a_no(run):
    received = run.engine.received()
    journey, message, begun = run.engine.ask(
        "SELECT journey_id::text, replace(id::text, '-', ''), started_at FROM messages m "
        "JOIN deliveries d ON d.message_id = m.id WHERE m.class = 'marketing' AND m.channel = 'sms' AND "
        "m.status = 'sent' LIMIT 1"
    )[0]
    entry = next(entry for entry in received if message_of(entry) == message)

    def says(noes, words, *statements):
        with run.engine.database() as database:
            database.autocommit = False
            for statement in statements:
                database.execute(statement, (message,))
            wrong = judge(database, received, [], EVENTS, noes).wrong
            database.rollback()
        return any(words in sentence for sentence in wrong)

    assert says(Noes(unsubscribed=[{"phone": entry["to"], "place": entry["place"]}]), "after a no")
    assert not says(Noes(unsubscribed=[{"phone": entry["to"], "place": len(received) * 10**6}]), "after a no")
    assert says(Noes(paused=[{"journey": journey, "place": 0, "until": entry["place"] + 1}]), "after a no")
    unsure = "UPDATE deliveries SET outcome = 'unknown' WHERE message_id = %s::uuid"
    assert says(Noes(rolling=[(begun, begun)]), "orderly restart", unsure)
