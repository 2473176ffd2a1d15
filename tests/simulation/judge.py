"""The judge: whether a run kept the promises, from what was committed, answered and received alone.

It shares no code with the engine. It walks once through all commits in their order, as a notary would, and looks at the
tables when all has come to rest. Each broken promise is a sentence.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

ENDED = ("completed", "exited", "failed")
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
RANK = {"": 0, "failed": 1, "delivered": 2, "opened": 3, "clicked": 4}
NEXT = {
    "queued": {"queued", "sending", "suppressed", "sent", "failed"},
    "sending": {"sending", "sent", "queued", "failed", "unknown"},
    "unknown": {"unknown", "sent", "failed", "queued"},
    "sent": {"sent"},
    "suppressed": {"suppressed"},
    "failed": {"failed"},
}
"""What may become of a message."""

WORKED = ("inbox", "enrollments", "activity")


def judge(run):
    """Every promise that was broken, as sentences; none is what we want."""
    verdict = Verdict(run)
    for name in CHECKS:
        getattr(verdict, name)()
    return verdict.wrong


CHECKS = (
    "nothing_unexpected",
    "every_yes_is_a_commit",
    "every_event_has_one_end",
    "activity_is_what_happened",
    "events_keep_their_order",
    "paths_are_walks",
    "waits_last_as_long_as_drawn",
    "one_message_a_visit",
    "nothing_is_repeated_silently",
    "an_answer_is_not_forgotten",
    "nothing_leaves_after_it_was_told_not_to",
    "nobody_is_stranded",
    "numbers_are_the_rows",
    "goals_are_reached_once_and_in_time",
    "entries_are_allowed",
    "nobody_enters_who_did_what_was_missing",
    "the_erased_are_gone",
)


class Verdict:
    """The walk through the commits, and the checks of what it found."""

    def __init__(self, run):
        self.run, self.schedule, self.tables = run, run.schedule, run.schedule.memory.tables
        self.wrong = []
        self.state = defaultdict(dict)
        self.commits = self.schedule.commits
        self.inserted, self.inbox_from, self.worked = {}, {}, defaultdict(list)
        self.merges, self.erased, self.departed = [], {}, set()
        self.enrollments, self.entered_in, self.visits = {}, {}, defaultdict(list)
        self.messages, self.receipts, self.intents = {}, Counter(), {}
        self.given_up, self.last_turn = [], {}
        self.conversions, self.shut = {}, set()
        self.graphs = {row.id: Drawing(row.graph) for row in self.tables.versions.all()}
        self.stored_ids, self.released = Counter(), []
        for number, commit in enumerate(self.commits):
            self._walk(number, commit)
        self.merged = {id for _, loser, survivor in self.merges for id in (loser, survivor)}

    def expect(self, good, sentence):
        if not good and len(self.wrong) < 12:
            self.wrong.append(sentence)

    # the walk

    def _walk(self, number, commit):
        """One commit: what it shows by itself, and what is remembered of it."""
        changed = defaultdict(list)
        for table, key, before, after in commit.changed:
            changed[table].append((key, before, after))
        self._people(number, changed)
        self._inbox(number, commit, changed)
        self._enrollments(number, commit, changed)
        self._outbox(number, commit, changed)
        self._goals(number, changed)
        if commit.who.startswith("turns"):
            self._turn(number, commit, changed)
        for table, key, _, after in commit.changed:
            if after is None:
                self.state[table].pop(key, None)
            else:
                self.state[table][key] = after
        self._stopped(changed)

    def _people(self, number, changed):
        losers = set()
        for _, before, after in changed["merges"]:
            if before is None:
                self.merges.append((number, after.loser_id, after.survivor_id))
                losers.add(after.loser_id)
        for id, _, after in changed["customers"]:
            if after is None and id not in losers:
                self.erased[id] = number
        for id, before, after in changed["events"]:
            if before is None:
                self.inserted[id] = (number, after)
                self.stored_ids[after.message_id or id] += 1
            elif after is None:
                self.departed.add((id, number))

    def _inbox(self, number, commit, changed):
        came = {row.event_id for _, before, row in changed["inbox"] if before is None}
        for (_, _, seq), before, after in changed["inbox"]:
            if before is None and after.journey_id is None:
                self.inbox_from.setdefault(after.event_id, (number, seq))
            if after is None and before.event_id not in came and commit.who.startswith("turns"):
                self.worked[before.event_id, before.journey_id].append((number, seq))
        released = [row for _, before, row in sorted(changed["inbox"], key=_key) if before is None and row.journey_id]
        if released and commit.who in ("operator", "evening"):
            self.released.append([(row.customer_id, self.inbox_from.get(row.event_id, (0, 0))) for row in released])

    def _enrollments(self, number, commit, changed):
        moved = {(after.enrollment_id, after.version_id) for _, _, after in changed["visits"] if _moved(after)}
        for id, before, after in changed["enrollments"]:
            if after is None:
                self.enrollments[id] = (before, "erased")
                continue
            self.enrollments[id] = (after, "")
            if after.entered_at is not None and (before is None or before.entered_at is None):
                self.entered_in[id] = number
            if commit.who.startswith("turns"):
                self._stands_while_paused(before, after)
            if before is not None:
                stays = before.version_id == after.version_id or (id, after.version_id) in moved
                self.expect(stays, "an enrollment changed its version and nobody moved it")
                still = before.status not in ENDED or (before.status, before.visits) == (after.status, after.visits)
                self.expect(still, f"an enrollment moved on after it was {before.status}")
        for _, before, after in changed["visits"]:
            if before is None:
                self.visits[after.enrollment_id].append((number, after))
                timely = commit.began_at <= after.at <= commit.at
                self.expect(timely, f"a path says {after.at} and was walked at {commit.at}")
                if commit.who.startswith("turns"):
                    self._walks_where_handed(after)
                    self._is_in_time(after)

    def _walks_where_handed(self, path):
        """Nobody walks on in a version over which another was published that does not let them finish there."""
        own = self.state["versions"][path.version_id]
        over = [row for row in self.state["versions"].values() if row.journey_id == own.journey_id and row.handover]
        older = any(row.id > own.id for row in over)
        ends = path.path and path.path[-1]["reason"]["why"] in ("moved out", "armed anew", "cancelled")
        self.expect(not older or ends, "somebody walked on in a version that was published over")

    def _is_in_time(self, path):
        """What came due in a pause does what the resume said, unless it was moved meanwhile."""
        before = self.state["enrollments"].get(path.enrollment_id)
        if before is None or before.wake_at is None or path.n != before.visits + 1 or path.cause["why"] != "wake":
            return
        resumed = self.state["journeys"][before.journey_id].resumed
        at = datetime.fromisoformat(resumed["at"]) if resumed else before.wake_at
        late, why = resumed and resumed["late"], path.path[0]["reason"]["why"]
        if late == "skip" and before.status == "waiting" and before.wake_at <= at:
            self.expect(why == "passed over", "somebody came due in a pause and was not let by")
        if late == "fresh" and before.wake_at < at - timedelta(minutes=resumed["fresh_minutes"]):
            self.expect(why == "late", "somebody was too late after a pause and went on")

    def _stands_while_paused(self, before, after):
        journey = self.state["journeys"][after.journey_id]
        if journey.status == "paused" and after.status != "failed":
            stood = before is not None and _stand(before) == _stand(after)
            self.expect(stood, f"somebody moved while {journey.name} was paused")

    def _stopped(self, changed):
        """Nobody is inside a journey that was stopped."""
        for id, before, after in changed["journeys"]:
            if after.status == "stopped" != before.status:
                inside = [e for e in self.state["enrollments"].values() if e.journey_id == id and e.ended_at is None]
                self.expect(not inside, f"{len(inside)} are still inside {after.name} after it was stopped")

    def _goals(self, number, changed):
        for key, before, after in changed["conversions"]:
            if before is None:
                self.expect(key not in self.conversions, "a goal was reached twice")
                self.conversions[key] = (number, after)
        for id, _, after in changed["journeys"]:
            if after is not None and after.status in ("paused", "stopped"):
                self.shut.add(id)

    def _outbox(self, number, commit, changed):
        for id, before, after in changed["messages"]:
            self.messages[id] = after or before
            if before is None or after is None:
                continue
            if commit.who == "sweeper" and after.status == "unknown":
                self.given_up.append((commit.step, after))
            legal = after.status in NEXT[before.status]
            self.expect(legal, f"a message went from {before.status} to {after.status}")
            self.expect(RANK[after.progress] >= RANK[before.progress], "a receipt moved a message back")
        for key, before, _ in changed["deliveries"]:
            if before is None:
                self.intents[key] = commit.step
        for _, before, after in changed["receipts"]:
            if before is None and after.matched:
                self.receipts[after.message_id, after.kind] += 1

    def _turn(self, number, commit, changed):
        """What a turn owes to the events it took: exits, entries, and events before later wakes."""
        came = {row.event_id for _, before, row in changed["inbox"] if before is None}
        taken = [row for _, row, after in changed["inbox"] if after is None and row.event_id not in came]
        ended = {row.event_id for _, before, row in changed["event_outcomes"] if before is None}
        started = {(e.journey_id, e.event_id) for _, _, e in changed["enrollments"] if e is not None}
        started |= {(e.journey_id, e.event_id) for _, _, e in changed["refusals"] if e is not None}
        parked = {(e.journey_id, e.event_id) for _, _, e in changed["parked_events"] if e is not None}
        after = {id: row for id, _, row in changed["enrollments"]}
        for item in taken:
            event = self.state["events"].get(item.event_id)
            if event is None or item.event_id in ended:
                continue
            for journey in self.state["journeys"].values():
                if journey.status in ("live", "paused") and item.journey_id in (None, journey.id):
                    self._owed(item, event, journey, started, parked, after)
        self._wakes(commit, changed, taken)
        self._alone(commit, changed)

    def _alone(self, commit, changed):
        """Nobody else's turn worked on these customers since this one had taken them."""
        if commit.works_from is None:
            return
        own = {
            (row or before).customer_id
            for table in WORKED
            for _, before, row in changed[table]
            if table != "inbox" or before is not None  # to queue an event of a customer is not to work on them
        }
        for customer in own:
            alone = self.last_turn.get(customer, 0) <= commit.works_from
            self.expect(alone, "two turns worked on one customer at the same time")
            self.last_turn[customer] = commit.step

    def _owed(self, item, event, journey, started, parked, after):
        graph = self.graphs[journey.live_version_id]
        if journey.status == "live" and graph.starts_with(event.name):
            known = (journey.id, event.id) in started
            self.expect(known, f"an event that starts {journey.name} left no trace there")
        if journey.status == "paused" and graph.starts_with(event.name):
            self.expect((journey.id, event.id) in parked, f"an event was not kept while {journey.name} was paused")
        if item.journey_id is not None or journey.status != "live":
            return
        for id, row in self.state["enrollments"].items():
            inside = row.customer_id == item.customer_id and row.journey_id == journey.id and row.ended_at is None
            if inside and self.graphs[row.version_id].leaves_on(event, row.key):
                now = after.get(id)
                self.expect(now is not None and now.ended_at is not None, "an exit event did not end an enrollment")

    def _wakes(self, commit, changed, taken):
        """Nobody's wake is worked before an event of theirs that came first and was there.

        An event that was told only after the wake was due comes first if it happened first and the turn took both.
        """
        for _, before, path in changed["visits"]:
            enrollment = self.state["enrollments"].get(path.enrollment_id) if before is None else None
            if enrollment is None or enrollment.wake_at is None or path.path[0]["exit"] != "timeout":
                continue
            if enrollment.version_id != path.version_id:
                continue  # moved in this turn, and its wake with it
            for row, event in self._queue_of(path.customer_id, commit):
                if min(event.occurred_at, event.received_at) > enrollment.wake_at:
                    break
                there = row in taken or event.received_at <= enrollment.wake_at
                in_vain = there and event.name == "Order Placed"
                self.expect(not in_vain, "somebody waited in vain for an event that had come in time")

    def _queue_of(self, customer, commit):
        """What waited for a customer when a turn began."""
        for row in sorted(self.state["inbox"].values(), key=lambda row: row.seq):
            event = self.state["events"].get(row.event_id)
            own = row.customer_id == customer and event is not None and row.journey_id is None
            if own and row.not_before is None and self._came(row.event_id) < commit.began_step:
                yield row, event

    def _came(self, event_id):
        """The step at which an event was committed."""
        return self.commits[self.inbox_from[event_id][0]].step

    # events

    def nothing_unexpected(self):
        for trouble in self.schedule.troubles:
            self.expect(False, f"trouble: {trouble}")

    def every_yes_is_a_commit(self):
        told = {}
        gone = dict(self.departed)
        for _, ended, item, answer in self.run.answers:
            number, _ = self.inserted.get(answer.event_id, (None, None))
            stored = number is not None and self.commits[number].step <= ended
            self.expect(stored, f"an event was acknowledged and is not stored: {item.name}")
            if item.message_id is not None:
                known = told.setdefault(item.message_id, answer.event_id)
                self.expect(known == answer.event_id, "the same event got two ids")
            there = answer.event_id in self.state["events"] or answer.event_id in gone
            self.expect(there or not stored, "an acknowledged event disappeared")
        for _, number in self.departed:
            who = self.commits[number].who
            self.expect(who == "customer", f"an event was deleted by {who}")
        doubled = [id for id, times in self.stored_ids.items() if times > 1]
        self.expect(not doubled, f"events are stored twice: {doubled[:3]}")

    def every_event_has_one_end(self):
        left = [row for row in self.tables.inbox.all()]
        self.expect(not left, f"{len(left)} events were never worked")
        self.expect(not self.tables.parked_events.all(), "events are still kept for a journey")
        departed = {id for id, _ in self.departed}
        for id in self.state["events"].keys() - departed:
            times = len(self.worked[id, None])
            self.expect(times == 1, f"an event was worked {times} times")
        for (_, journey), places in self.worked.items():
            again = Counter(number for number, _ in places)
            self.expect(journey is None or max(again.values(), default=0) <= 1, "an event was heard twice at once")

    def activity_is_what_happened(self):
        exceptional = set(self.state["event_outcomes"])
        wanted = Counter()
        for id, event in self.state["events"].items():
            if id not in exceptional:
                wanted[event.customer_id, event.name] += 1
        counted = Counter({key: row.count for key, row in self.state["activity"].items()})
        wrong = [key for key in wanted.keys() | counted.keys() if wanted[key] != counted[key]]
        for key in wrong[:2]:
            self.expect(False, f"activity says {counted[key]} {key[1]}, and {wanted[key]} happened")
        for row in self.state["event_outcomes"].values():
            known = row.state != "dead_lettered" or "cannot be stored" in row.why
            self.expect(known, f"an event was put aside: {row.why}")
            event = self.state["events"].get(row.event_id)
            there = event is not None and event.customer_id in self.state["customers"]
            self.expect(row.state != "ignored" or not there, "an event was ignored whose customer is there")

    def events_keep_their_order(self):
        """Of two events of a customer, of which one was acknowledged before the other was told, it is worked first."""
        told = defaultdict(list)
        for began, ended, _, answer in self.run.answers:
            event = self.state["events"].get(answer.event_id)
            places = self.worked[answer.event_id, None]
            if event is not None and places and answer.status == "stored" and event.customer_id not in self.merged:
                told[event.customer_id].append((began, ended, places[0]))
        for items in told.values():
            for one in items:
                for other in items:
                    if one[1] < other[0]:
                        self.expect(one[2] < other[2], "a later event of a customer was worked before an earlier one")

        for rows in self.released:
            for place, (who, here) in enumerate(rows):
                late = any(who == other and there[0] < here[0] and there[1] < here[1] for other, there in rows[place:])
                self.expect(not late or who in self.merged, "events of a paused journey came back out of their order")

    # walks

    def _path(self, id):
        return [visit for _, visit in self._walk_of(id)]

    def _walk_of(self, id):
        """The visits of an enrollment, each with the version in which it was made."""
        rows = sorted((row for _, row in self.visits[id]), key=lambda row: row.n)
        return [(row.version_id, visit) for row in rows for visit in row.path]

    def paths_are_walks(self):
        for id, (row, how) in self.enrollments.items():
            graph, walk, visits = self.graphs[row.version_id], self._walk_of(id), self._path(id)
            self.expect([v["n"] for v in visits] == list(range(1, len(visits) + 1)), "visits are missing or doubled")
            begins = not visits or visits[0]["node"] == self.graphs[walk[0][0]].start
            self.expect(begins, "a path does not begin at the trigger")
            self.expect(not walk or walk[-1][0] == row.version_id, "a path ends in another version")
            for (version, here), (other, there) in pairwise(walk):
                known = self.graphs[version]
                wanted = here["node"] if here["exit"] is None else known.target(here["node"], here["exit"])
                if here["exit"] and here["exit"].startswith("goal:"):
                    wanted = here["reason"]["to"]
                if there["reason"]["why"] == "moved":
                    wanted = self._handed_to(version, wanted, other)
                else:
                    self.expect(version == other, "a path goes on in another version and nobody moved it")
                self.expect(there["node"] == wanted, f"a path goes from {here['node']} to {there['node']}")
            if row.end_reason == "moved out":
                self.expect(self._handed_to(row.version_id, row.node_id) is None, "somebody was moved out who may stay")
            for visit in visits:
                if visit["node"] == "big" and visit["exit"]:
                    value = row.context["event"]["value"]
                    self.expect((visit["exit"] == "yes") == (value >= 50), f"{value} left by {visit['exit']}")
            if not how and visits and row.status in ("completed",):
                last = visits[-1]
                after = graph.target(last["node"], last["exit"]) if last["exit"] else None
                self.expect(after is None, f"an enrollment is completed before {after}")

    def _handed_to(self, version, node, to=None):
        """Where those who stand at a node of a version are put by the versions after it, up to one."""
        journey = next(row.journey_id for row in self.tables.versions.all() if row.id == version)
        later = [row for row in self.tables.versions.all() if row.journey_id == journey and row.id > version]
        for row in sorted(later, key=lambda row: row.id):
            if row.handover and row.id <= (to or row.id) and node is not None:
                there = node in self.graphs[row.id].nodes
                node = node if there else row.handover["targets"].get(node)
                node = None if row.handover["standing"] == "exit" else node
        return node

    def waits_last_as_long_as_drawn(self):
        for id in self.enrollments:
            until = began = None
            for _, path in sorted(self.visits[id], key=lambda one: one[1].n):
                first, graph = path.path[0], self.graphs[path.version_id]
                if until is not None and first["exit"] in ("next", "timeout"):
                    self.expect(path.at >= until, f"{first['node']} was left at {path.at}, not after {until}")
                last, until = path.path[-1], None
                if last["exit"] is None and last["reason"]["why"] == "wait":
                    until = datetime.fromisoformat(last["reason"]["until"])
                    began = began if _moved(path) and len(path.path) == 2 and began else path.at
                    span = graph.span(last["node"])
                    self.expect(until - began == span, f"a wait of {span} lasts {until - began}")
                elif not _moved(path):
                    began = None

    # messages

    def one_message_a_visit(self):
        said = Counter()
        for id in self.enrollments:
            for visit in self._path(id):
                if visit["reason"]["why"] in ("sent", "held out"):
                    said[visit["reason"]["message_id"]] += 1
        stored = Counter(str(id) for id in self.messages)
        self.expect(said == stored, f"{sum(said.values())} visits sent, {len(stored)} messages are stored")
        visits = Counter((m.enrollment_id, m.node_id, m.visit, m.channel) for m in self.messages.values())
        self.expect(not visits or max(visits.values()) == 1, "a visit has two messages on a channel")
        for called in self.run.provider.journal:
            intended = self.intents.get((called.message_id, called.attempt))
            self.expect(
                intended is not None and intended <= called.step, "a call was made before its intent was stored"
            )

    def nothing_is_repeated_silently(self):
        calls = defaultdict(list)
        for called in self.run.provider.journal:
            calls[called.message_id].append(called)
        for id, made in calls.items():
            taken = sum(called.taken for called in made)
            self.expect(taken <= 1, f"the provider took a {made[0].message_class} message {taken} times")
            for one, other in pairwise(made):
                asked = any(
                    id == about and one.step <= step <= other.step and not found
                    for step, about, found in self.run.provider.looked_up
                )
                openly = one.mood == "refused" or (asked and one.message_class == "transactional")
                self.expect(openly, f"a {one.message_class} message was called again after: {one.mood}")
            message = self.messages[id]
            known = message.status != "failed" or not taken or message.reason.startswith("the provider was asked")
            self.expect(known, "a message is called failed and was taken")
        for id, message in self.messages.items():
            taken = any(called.taken for called in calls[id])
            self.expect(message.status != "sent" or taken, "a message is called sent and was never taken")

    def an_answer_is_not_forgotten(self):
        """What the provider said to a worker that lived on is written, so nobody has to take that worker for dead."""
        if self.schedule.clock_jumped:
            return
        answers = {(called.message_id, called.attempt): called for called in self.run.provider.journal}
        for step, message in self.given_up:
            called = answers.get((message.id, message.attempts))
            if called is not None and called.answered is not None and called.answered < step:
                lived = called.process.lives == called.life and not called.process.was_frozen
                self.expect(not lived, f"a message was given up though its worker knew: {called.mood}")

    def nothing_leaves_after_it_was_told_not_to(self):
        for called in self.run.provider.journal:
            row = called.row
            intent = self.intents.get((called.message_id, called.attempt), 0)
            message = row or self.messages.get(called.message_id)
            if message is None:
                continue
            for what, since in self._forbidden(message, called, intent):
                self.expect(False, f"a message left after {what} was answered (step {since}, called {called.step})")

    def _forbidden(self, message, called, intent):
        for since, until, journey, what in self._closed():
            if journey == message.journey_id and since < called.step < until:
                yield what, since
        for _, ended, what, id, channel, known in self.run.wishes:
            if not known or ended > called.step:
                continue
            concerned = what == "erase" or (channel == message.channel and called.message_class == "marketing")
            at = max(ended, min(intent, called.step)) if intent > ended else ended
            if concerned and self._root(id, at) == self._root(message.customer_id, at):
                yield what, ended

    def _closed(self):
        """From the answer of a pause or stop until somebody asked to go on."""
        shut = {}
        for began, ended, what, journey in self.run.control:
            if what in ("pause", "stop"):
                shut.setdefault((journey, what), ended)
            opened = {"resume": ("pause",), "publish": ("stop",), "stop": ("pause",)}.get(what, ())
            for other in opened:
                if (journey, other) in shut:
                    until = ended if what == "stop" else began
                    yield shut.pop((journey, other)), until, journey, other
        for (journey, what), since in shut.items():
            yield since, 1 << 60, journey, what

    def _root(self, id, step):
        """Who this customer was at that step."""
        for number, loser, survivor in self.merges:
            if loser == id and self.commits[number].step <= step:
                id = survivor
        return id

    # the end

    def nobody_is_stranded(self):
        for row in self.tables.enrollments.all():
            where = f"{row.status} at {row.node_id}, due {row.wake_at or row.parked_wake_at}"
            self.expect(row.ended_at is not None, f"an enrollment is stranded: {where}")
        for row in self.tables.messages.all():
            resting = row.status in ("sent", "suppressed", "failed") or (row.status == "unknown" and row.due_at is None)
            self.expect(resting, f"a message is stranded: {row.status}, due {row.due_at}, {row.reason}")

    def numbers_are_the_rows(self):
        wanted, counted = Counter(), Counter()
        for row in self.tables.counts.all():
            counted[row.version_id, row.node_id, row.what] += row.n
        for id, (row, how) in self.enrollments.items():
            walk = self._walk_of(id)
            if row.entered_at is not None:
                entered = next((version for version, visit in walk if visit["exit"]), row.version_id)
                wanted[entered, "", "entered"] += 1
                wanted[entered, "", "held_out"] += "holdout" in row.context
                status = "exited" if how and row.ended_at is None else row.status
                wanted[row.version_id, "", status] += 1
            self._count_visits(walk, wanted)
        for message in self.messages.values():
            place = (message.version_id, message.node_id)
            held_out = "holdout" in self.enrollments[message.enrollment_id][0].context
            meant = held_out and message._mapping["class"] == "marketing"
            self.expect(meant == (message.reason == "holdout"), "somebody who is held out was sent marketing")
            if message.reason == "holdout":
                self.expect(message.attempts == 0, "a message to somebody who is held out was sent")
                wanted[*place, "message:held_out"] += 1
                continue
            wanted[*place, "message:queued"] += 1
            taken_back = message.id not in self.state["messages"] and message.status == "queued"
            status = "suppressed" if taken_back else message.status
            if status in ("sent", "failed", "suppressed", "unknown"):
                wanted[*place, f"message:{status}"] += 1
        for (id, kind), times in self.receipts.items():
            message = self.messages[id]
            wanted[message.version_id, message.node_id, f"message:{'undelivered' if kind == 'failed' else kind}"] += (
                times
            )
        self._count_conversions(wanted)
        for key in sorted(wanted.keys() | counted.keys()):
            if key[2].split(":")[0] not in ("cancelled", "refused", "skipped", "armed"):
                self.expect(wanted[key] == counted[key], f"count {key} is {counted[key]}, the rows say {wanted[key]}")
            elif key[2] == "armed":
                self.expect(counted[key] == 0, f"{counted[key]} are still counted as armed")

    def goals_are_reached_once_and_in_time(self):
        """Each conversion is by an event that fits; who did it in time, while nothing was paused, has reached it."""
        events = {id: row for id, (_, row) in self.inserted.items()}
        worth = Counter()
        for (id, goal), (_, one) in self.conversions.items():
            row, _ = self.enrollments[id]
            drawn, event = self.graphs[one.version_id].goals[goal], events[one.event_id]
            self.expect(event.name == drawn["event"], "a goal was reached by another event")
            self.expect(self._fits(drawn, row, event), "a goal was reached too late, or by an event that does not fit")
            worth[one.event_id, one.journey_id, goal] += one.value is not None
            self.expect(one.held_out == ("holdout" in row.context), "a conversion is on the wrong side of the holdout")
        self.expect(not worth or max(worth.values()) <= 1, "an order's value was counted twice")
        for id, (row, how) in self.enrollments.items():
            if how or id not in self.entered_in or row.customer_id in self.merged or row.journey_id in self.shut:
                continue
            for goal, drawn in self.graphs[row.version_id].goals.items():
                due = [one for one in events.values() if self._is_due(drawn, row, one)]
                reached = (id, goal) in self.conversions
                self.expect(reached or not due, "a goal was reached and is not counted")

    def _fits(self, goal, row, event):
        """Whether an event is a goal of an enrollment, by when it happened and what it says."""
        within = timedelta(seconds=goal["within"]["amount"] * UNITS[goal["within"]["unit"]])
        fitting = all(event.properties["value"] > one["value"] for one in goal["where"])
        return fitting and row.fired_at < event.occurred_at <= row.fired_at + within

    def _is_due(self, goal, row, event):
        """Whether an event that was worked after the entry should have been counted for it."""
        if event.name != goal["event"] or event.customer_id != row.customer_id:
            return False
        worked = self.worked.get((event.id, None))
        known = event.id in self.state["events"] and event.id not in self.state["event_outcomes"]
        return bool(worked) and known and worked[0][0] > self.entered_in[row.id] and self._fits(goal, row, event)

    def _count_conversions(self, wanted):
        for (_, goal), (_, one) in self.conversions.items():
            what = f"converted_held_out:{goal}" if one.held_out else f"converted:{goal}"
            for node in {"", one.node_id}:
                wanted[one.version_id, node, what] += 1

    def _count_visits(self, walk, wanted):
        before, began = None, None
        for version, visit in walk:
            if visit["reason"]["why"] == "moved":
                if any(one["exit"] for _, one in walk[: visit["n"] - 1]):
                    for place in ("", before["node"]):
                        wanted[began, place, "moved_out"] += 1
                    for place in ("", visit["node"]):
                        wanted[version, place, "moved_in"] += 1
                before, began = visit, version
                continue
            start = self.graphs[version].start
            held_here = before is not None and before["node"] == visit["node"] and before["exit"] is None
            anew = before is not None and before["reason"]["why"] == "moved"
            anew = anew and visit["reason"]["why"] not in ("wait", "still held")
            if (not held_here or anew) and (visit["node"] != start or visit["exit"]):
                wanted[version, visit["node"], "entered"] += 1
            if visit["exit"] is not None:
                wanted[version, visit["node"], f"exit:{visit['exit']}"] += 1
            if visit["reason"]["why"] == "failed":
                wanted[version, visit["node"], "failed"] += 1
            before, began = visit, version

    def entries_are_allowed(self):
        entries = defaultdict(list)
        for id, (row, _) in self.enrollments.items():
            if row.entered_at is not None and row.customer_id not in self.merged:
                policy = self.graphs[row.version_id].policy
                key = row.key if policy == "one_per_key" else ""
                entries[row.journey_id, row.customer_id, key].append((self.entered_in[id], row.entered_at, row, policy))
        for inside in entries.values():
            inside.sort(key=lambda one: (one[0], one[1], one[2].entry_no, one[2].ended_at is None))
            for (_, _, before, policy), (_, at, _, _) in pairwise(inside):
                self.expect(policy != "never", "somebody entered again who never may")
                out = before.ended_at is not None and before.ended_at <= at
                self.expect(out, "somebody entered twice at the same time")

    def nobody_enters_who_did_what_was_missing(self):
        """Late events start nothing, and a clock does not run out for who did in time what it waits for.

        Of journeys with one version: events are heard by the trigger of the newest, whose key may be another.
        """
        did = defaultdict(list)
        for event in self.state["events"].values():
            did[event.customer_id].append(event)
        for row, how in self.enrollments.values():
            graph = self.graphs[row.version_id]
            start = graph.nodes[graph.start]
            first = self.state["events"].get(row.event_id)
            if how or first is None or row.customer_id in self.merged:
                continue
            late = first.received_at - first.occurred_at > timedelta(days=1)
            self.expect(not late or start["settings"].get("late_events"), "a late event started a journey")
            versions = sum(one.journey_id == row.journey_id for one in self.tables.versions.all())
            if start["kind"] == "absence" and row.entered_at is not None and versions == 1:
                for event in did[row.customer_id]:
                    bought = event.name == "Order Placed" and self._stops(event, first, row, start["settings"]["key"])
                    self.expect(not bought, "somebody entered for not doing what they did")

    def _stops(self, event, first, row, key):
        """Whether an event should have stopped a clock: it happened in time, and was worked while the clock ran."""
        if (key and str(event.properties[key]) != row.key) or event.id in self.state["event_outcomes"]:
            return False
        if any((one.id, row.journey_id) in self.worked for one in (first, event)):
            return False  # a pause kept it
        begun, heard = self.worked[first.id, None], self.worked[event.id, None]
        in_time = first.occurred_at <= event.occurred_at <= row.fired_at
        return in_time and bool(begun and heard) and begun[0] < heard[0] and heard[0][0] < self.entered_in[row.id]

    def the_erased_are_gone(self):
        for id in self.erased:
            for name, rows in self.state.items():
                left = [row for row in rows.values() if getattr(row, "customer_id", None) == id]
                self.expect(not left, f"{len(left)} {name} of an erased customer are left")


class Drawing:
    """A drawing as it was drawn."""

    def __init__(self, graph):
        self.nodes = {node["id"]: node for node in graph["nodes"]}
        self.edges = {(edge["from"], edge["exit"]): edge["to"] for edge in graph["edges"]}
        self.start = next(id for id, node in self.nodes.items() if node["kind"] in ("event", "absence"))
        self.policy = graph["settings"]["reentry"]["policy"]
        self.exits = graph["settings"].get("exit_events", [])
        defaults = {"within": {"amount": 7, "unit": "days"}, "where": []}
        self.goals = {goal["id"]: defaults | goal for goal in graph["settings"].get("goals", [])}

    def target(self, node, exit):
        return self.edges.get((node, exit), self.edges.get((node, "next")))

    def starts_with(self, event):
        start = self.nodes[self.start]
        return start["kind"] == "event" and start["settings"]["event"] == event

    def leaves_on(self, event, key):
        """Whether the event ends an enrollment of this key wherever it stands."""
        start = self.nodes[self.start]["settings"].get("key")
        for one in self.exits:
            same = not one["same_key"] or not start or str(event.properties.get(start)) == key
            if one["event"] == event.name and same:
                return True
        return False

    def span(self, node):
        settings = self.nodes[node]["settings"]
        drawn = settings.get("duration") or settings["timeout"]
        return timedelta(seconds=drawn["amount"] * UNITS[drawn["unit"]])


def _moved(path):
    """Whether a path begins with a move to another version."""
    return path is not None and path.path[0]["reason"]["why"] == "moved"


def _stand(row):
    return row.status, row.visits, row.version_id


def _key(changed):
    return changed[0]
