"""Planted bugs: defects that can be switched on, each a small patch of the engine or of the world it runs in.

Every one is the kind of mistake that a change could bring in. The simulation has to find each within a few seeds.
"""

from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from journey_engine import clock
from journey_engine.errors import Unavailable
from journey_engine.ids import uuid7
from journey_engine.memory.consents import Consents
from journey_engine.memory.counts import Counts
from journey_engine.memory.ingest import Ingest
from journey_engine.memory.journeys import Journeys
from journey_engine.memory.locks import Locks
from journey_engine.memory.merges import Merges
from journey_engine.memory.outbox import Outbox
from journey_engine.memory.turns import Turns
from journey_engine.model.decision import hold
from journey_engine.model.message import Message
from journey_engine.nodes.wait import Wait
from journey_engine.pipeline import checks, consent, control, deliver, enroll, goals, handover, ingest, match, turn
from journey_engine.pipeline.scene import Scene
from journey_engine.store import turns as store_turns
from journey_engine.store.session import transaction
from tests.simulation import actors
from tests.simulation.schedule import SimTx

PLANTED = {}
"""By name: what is broken, in a sentence, and the places that are patched."""


def bug(sentence):
    def plant(make):
        PLANTED[make.__name__] = (sentence, make)
        return make

    return plant


@contextmanager
def planted(name):
    """Run with this defect; with none, as it is."""
    with ExitStack() as stack:
        for place, attribute, value in PLANTED[name][1]() if name else ():
            stack.enter_context(patch.object(place, attribute, value))
        yield


# coming in


@bug("The unique key of event ids is gone: two equal requests at once are both new.")
def event_ids_are_not_unique():
    def take_keys(self, workspace, keys, at):
        table, taken = self.tables.event_keys, set()
        for message_id, event_id, body_hash in keys:
            cell = table.cells.get((workspace, message_id))
            if cell is None:
                columns = {"workspace_id": workspace, "message_id": message_id, "event_id": event_id}
                self.tx.insert_new(table, columns | {"body_hash": body_hash, "received_at": at})
            if cell is None or cell.seen_by(self.tx) is None:
                taken.add(event_id)
        return taken

    return [(Ingest, "take_keys", take_keys)]


@bug("The yes is said before the commit: an event that was lost on the way is acknowledged.")
def acknowledged_before_the_commit():
    def store(engine, workspace_id, items, source, now):
        told = []

        def remembered(tx, workspace_id, items, at):
            told.append(take(tx, workspace_id, items, at))
            return told[-1]

        take = ingest._take_keys
        with patch.object(ingest, "_take_keys", remembered):
            try:
                return real(engine, workspace_id, items, source, now)
            except Unavailable:
                if not told:
                    raise
                return told[-1], []

    real = ingest._store
    return [(ingest, "_store", store)]


@bug("Event ids are taken in a transaction of their own: after a crash the repeated event is taken for known.")
def event_ids_taken_outside_the_transaction():
    def take_keys(tx, workspace, keys, at):
        with transaction(tx.engine) as own:
            return real(own, workspace, keys, at)

    real = ingest.store.take_keys
    return [(ingest.store, "take_keys", take_keys)]


# turns


@bug("Nobody holds the locks of shards: two turns work on one customer.")
def no_shard_locks():
    return [(Locks, "try_shards", lambda self, shards: list(shards))]


@bug("Turns do not hold the control lock: a pause or stop happens in the middle of one.")
def no_control_lock():
    return [(Locks, "hold_control_shared", lambda self: None)]


@bug("A cursor instead of the inbox: what commits after a later number is never seen.")
def cursor_instead_of_inbox():
    def first(self, line, now, share, only):
        cursors = self.memory.__dict__.setdefault("cursors", {})
        new = [(cell, row) for cell, row in line if row.seq > cursors.get(row.shard, 0)]
        return real(self, new, now, share, only)

    def commit(self):
        cursors = self.memory.__dict__.setdefault("cursors", {})
        for table, cell in self.owned:
            if table.name == "inbox" and cell.draft is None and self.actor.name.startswith("turns"):
                shard, _, seq = cell.key
                cursors[shard] = max(seq, cursors.get(shard, 0))
        really_commit(self)

    real, really_commit = Turns._first, SimTx.commit
    return [(Turns, "_first", first), (SimTx, "commit", commit)]


@bug("The inbox rows are deleted in a transaction of their own, before what the events do.")
def inbox_deleted_before_the_effects():
    def take_inbox(tx, *arguments):
        with transaction(tx.engine) as own:
            return real(own, *arguments)

    real = store_turns.take_inbox
    return [(store_turns, "take_inbox", take_inbox)]


@bug("The inbox rows are deleted in a transaction of their own, after what the events do.")
def inbox_deleted_after_the_effects():
    def take_inbox(self, *arguments):
        removed = []

        def remove(table, cells):
            removed.extend((table, cell) for cell, _ in cells)
            return [row for _, row in cells]

        with patch.object(self.tx, "remove", remove):
            rows = real(self, *arguments)
        self.tx.engine.__dict__.setdefault("taken", {})[self.tx.actor] = removed
        return rows

    def turn_and_delete(engine, **options):
        done = real_turn(engine, **options)
        taken = engine.__dict__.get("taken", {}).pop(engine.schedule.me, ())
        with transaction(engine) as tx:
            for table, cell in taken:
                if tx.lock(table, cell, strong=True) is not None:
                    tx.delete(table, cell)
        return done

    real, real_turn = Turns.take_inbox, actors.turn
    return [(Turns, "take_inbox", take_inbox), (actors, "turn", turn_and_delete)]


@bug("Counts are written in a transaction of their own: a turn that is undone has been counted.")
def counted_before_the_commit():
    def add_counts(tx, *arguments):
        with transaction(tx.engine) as own:
            real(own, *arguments)

    real = turn.counts.add_counts
    return [(turn.counts, "add_counts", add_counts)]


@bug("Messages are stored in a transaction of their own, under ids that are drawn instead of derived.")
def message_ids_are_drawn():
    def add_messages(tx, messages):
        drawn = []
        for message in messages:
            values = {name: getattr(message, name) for name in Message.__slots__}
            drawn.append(Message(**values | {"id": uuid7(message.queued_at)}))
        with transaction(tx.engine) as own:
            real(own, drawn)

    real = store_turns.add_messages
    return [(store_turns, "add_messages", add_messages)]


@bug("A customer's wake is worked before an event of theirs that came first.")
def wakes_before_events():
    def next_items(self):
        events, wakes = [], []
        for customer in self.busy:
            wake = self._next_wake(self.customers[customer].live)
            queue = self.inbox.get(customer)
            if wake is not None:
                wakes.append(wake)
            elif queue:
                events.append(queue.popleft())
        return events, wakes

    return [(Scene, "next_items", next_items)]


@bug("Later events of a customer who is set back are worked meanwhile.")
def the_set_back_are_overtaken():
    def first(self, line, now, share, only):
        ready = [(cell, row) for cell, row in line if row.not_before is None or row.not_before <= now]
        return real(self, ready, now, share, only)

    real = Turns._first
    return [(Turns, "_set_back", lambda self, customer, now: False), (Turns, "_first", first)]


@bug("Re-entry is judged without those who are inside.")
def stale_reentry():
    def forbidden(scene, journey, customer, key):
        kept, customer.live = customer.live, []
        try:
            return real(scene, journey, customer, key)
        finally:
            customer.live = kept

    real = enroll._forbidden
    return [(enroll, "_forbidden", forbidden)]


@bug("An exit event is not heard by an enrollment whose wake is due at the same time.")
def exit_ignored_with_the_wake():
    def is_exit(graph, enrollment, event):
        due = enrollment.wake_at is not None and enrollment.wake_at <= event.received_at + timedelta(seconds=5)
        return not due and real(graph, enrollment, event)

    real = match.ends_on
    return [(match, "ends_on", is_exit)]


# time


@bug("A wait of days is counted on the wall clock of a place with summer time.")
def waits_in_local_time():
    zone = ZoneInfo("America/New_York")

    def visit(self, visitors, now):
        until = (now.astimezone(zone) + self.duration.span).astimezone(now.tzinfo)
        return [hold(visitor, until, {"why": "wait", "until": until.isoformat()}) for visitor in visitors]

    return [(Wait, "visit", visit)]


@bug("A turn reads the clock of its own machine.")
def now_of_the_host():
    return [(turn, "database_now", lambda tx: clock.now())]


# going out


@bug("A message whose outcome is unknown is sent again, whatever its class.")
def unknowns_are_sent_again():
    def after_look_up(found, message_class, attempts, now):
        answer = real(found, message_class, attempts, now)
        return ("queued", "again", now) if answer[0] == "unknown" and attempts < 3 else answer

    real = deliver.after_look_up
    return [(deliver, "after_look_up", after_look_up)]


@bug("A call that was cut off is taken for one that did not leave.")
def cut_off_calls_are_repeated_at_once():
    def settled(outgoing, outcome, now):
        done = real(outgoing, outcome, now)
        if done.status == "unknown":
            done.status, done.due_at = "queued", now + timedelta(seconds=1)
        return done

    real = deliver._settled
    return [(deliver, "_settled", settled)]


@bug("The intent is not stored before the call.")
def intents_are_not_stored():
    return [(Outbox, "intend", lambda self, rows, now: None)]


@bug("Outcomes that the database could not take are forgotten.")
def outcomes_are_lost():
    @contextmanager
    def keeping(self, line, count):
        try:
            yield
        finally:
            line.forget(count)

    return [(deliver.Deliverer, "_keeping_outcomes", keeping)]


@bug("A receipt sets the message to what it says, also when more is known.")
def receipts_move_back():
    def progress(self, ids, kinds, order, now):
        moved = real(self, ids, kinds, order, now)
        for id, kind in zip(ids, kinds, strict=True):
            for cell, _ in self._cell(id):
                self.tx.lock(self.tables.messages, cell)
                self.tx.update(self.tables.messages, cell, progress=kind)
        return moved

    real = Outbox.progress
    return [(Outbox, "progress", progress)]


@bug("A receipt that is told twice counts twice.")
def receipts_count_twice():
    def add_receipts(self, workspace, account_id, receipts, now):
        news = real(self, workspace, account_id, receipts, now)
        known = [self._known(workspace, one.message_id) for one in receipts]
        return news or [
            row.but(message_id=row.id, kind=one.kind, matched=True)
            for one, row in zip(receipts, known, strict=True)
            if row is not None
        ]

    real = Outbox.add_receipts
    return [(Outbox, "add_receipts", add_receipts)]


# control and wishes


@bug("A pause or stop is answered while calls are still under way.")
def pause_does_not_wait():
    return [(control, "wait_until", lambda *arguments: True)]


@bug("An unsubscribe is answered while a message is still on its way.")
def unsubscribe_does_not_wait():
    return [(consent, "wait_until", lambda *arguments: True)]


@bug("An unsubscribe forgets what is queued already.")
def unsubscribe_forgets_the_queued():
    return [(Consents, "suppress", lambda self, customer, channel: []), (Outbox, "_withdrew", lambda self, row: False)]


@bug("A merge forgets the enrollments of the one who is gone, and with them their wakes.")
def merge_forgets_wakes():
    return [(Merges, "_move_enrollments", lambda self, survivor, loser: None)]


@bug("A merge forgets the events that were waiting, and nobody sends them on.")
def merge_forgets_the_inbox():
    def move(self, table, survivor, loser):
        if table.name != "inbox":
            real(self, table, survivor, loser)

    real = Merges._move
    return [(Merges, "_move", move), (Turns, "survivors", lambda self, ids: {})]


@bug("Resume brings kept events back in the wrong order.")
def kept_events_come_back_reversed():
    def release(self, *how):
        line, kept = self.tx.line, self.tables.parked_events.by_journey

        def backwards(index, group):
            return reversed(list(line(index, group))) if index is kept else line(index, group)

        with patch.object(self.tx, "line", backwards):
            real(self, *how)

    real = Journeys.release
    return [(Journeys, "release", release)]


@bug("Resume forgets the wakes that came due during the pause.")
def resume_forgets_wakes():
    def release(self, *how):
        cells = self.tx.cells
        with patch.object(
            self.tx,
            "cells",
            lambda index, place: [] if index is self.tables.enrollments.parked else cells(index, place),
        ):
            real(self, *how)

    real = Journeys.release
    return [(Journeys, "release", release)]


@bug("Numbers are set instead of added to.")
def counts_overwrite():
    def add_counts(self, counts, slot, shard=0):
        for (workspace, version, node, what), n in sorted(counts.items()):
            columns = {"version_id": version, "node_id": node, "what": what, "slot": slot, "n": n}
            columns |= {"workspace_id": workspace, "shard": shard}
            self.tx.add(self.tables.counts, columns, lambda was, n=n: {"n": n})

    return [(Counts, "add_counts", add_counts)]


# published over customers


@bug("A turn works customers before it hands them over to the version that was published over theirs.")
def turns_do_not_hand_over():
    return [(turn, "hand_over", lambda scene: None)]


@bug("A wait begins anew when a version is published over it.")
def moved_waits_begin_anew():
    decide = handover.decide
    return [(handover, "decide", lambda scene, node, party, moment=None: decide(scene, node, party))]


@bug("Who is moved to another version is not counted out of the old one.")
def moves_are_not_counted():
    return [(handover, "_count", lambda scene, enrollment, what, armed: None)]


@bug("Those who are too late after a pause go on as if they were not.")
def the_late_go_on():
    return [(turn, "pass_over", lambda scene, wakes: wakes)]


# goals


@bug("Who has left a journey no longer reaches its goals.")
def the_ended_reach_nothing():
    def forget(scene, items):
        scene.past.update({item.event.customer_id: [] for item in items})

    return [(goals, "_know_past", forget)]


@bug("A goal is reached however long ago the entry was.")
def goals_have_no_end():
    return [(goals, "_in_time", lambda scene, goal, enrollment, event: (True, None))]


@bug("Each enrollment that an order is a goal of has its value.")
def values_count_for_each():
    conversion = goals._conversion
    return [(goals, "_conversion", lambda *told: conversion(*told[:-1], True))]


@bug("Customers who are held out get the messages.")
def the_held_out_are_sent_messages():
    return [(checks, "_hold_out", lambda visitor, answer: None)]
