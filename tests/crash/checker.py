"""The judge: from the tables, the sandbox's journal and the acknowledgements alone, what was lost, doubled or wrong.

It shares no code with the engine: the walk through the graph, the conditions and every number are worked out here anew.
"""

from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from psycopg.pq import TransactionStatus

from tests.crash.walk import WRONG_WALKS_SHOWN, Walk, held_until

EXAMPLES = 5
ENTERS = ("Cart Left", "Basket Left", "Order Placed")
"""Each of these events starts exactly one journey; other events start none."""


@dataclass
class Verdict:
    """What a run came to. `wrong` holds a sentence per broken promise; empty is what we want."""

    acknowledged: int = 0
    lost: int = 0
    events_doubled: int = 0
    enrollments: int = 0
    illegal_paths: int = 0
    messages: int = 0
    sent: int = 0
    suppressed: int = 0
    messages_doubled: int = 0
    repeated_openly: int = 0
    repeated_by_key: int = 0
    missing: int = 0
    unknown: int = 0
    unknown_at_provider: int = 0
    next_try_later: int = 0
    after_no: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, good, sentence, examples=()):
        if not good:
            self.wrong.append(f"{sentence}: {list(examples)[:EXAMPLES]}" if examples else sentence)


@dataclass
class Noes:
    """What the marketer and the customers forbade: `place` is how much the provider had when the answer came."""

    unsubscribed: list[dict] = field(default_factory=list)
    """{"phone", "place"}: no marketing SMS from there on."""
    paused: list[dict] = field(default_factory=list)
    """{"journey", "place", "until"}: nothing of the journey between."""
    rolling: list[tuple[datetime, datetime]] = field(default_factory=list)
    """Times of orderly restarts: no message becomes unknown by one."""


def judge(database, received, acknowledged, event_names, noes=None):
    """The verdict. `acknowledged`: (message id, event id) of every yes; `event_names`: what the client pushed."""
    noes = noes or Noes()
    verdict = Verdict(acknowledged=len(acknowledged))
    with one_moment(database):
        rows = Rows(database, event_names)
    _events(verdict, rows, acknowledged)
    _processing(verdict, rows)
    _paths(verdict, rows)
    _tallies(verdict, rows)
    _messages(verdict, rows, received)
    _second_tries(verdict, rows)
    _noes(verdict, rows, received, noes)
    _counts(verdict, rows)
    return verdict


@contextmanager
def one_moment(database):
    """All that is read is of one moment: late receipts still come in, and a message may have its next try."""
    if database.info.transaction_status != TransactionStatus.IDLE:
        yield  # whoever tampers with the data does so in a transaction that is undone afterwards
        return
    with database.transaction():
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


class Rows:
    """Everything in the tables that the verdict is about."""

    def __init__(self, database, event_names):
        def ask(statement, *values):
            return database.execute(statement, values).fetchall()

        self.events = ask(
            "SELECT id::text, message_id, customer_id::text, name, properties FROM events WHERE name = ANY(%s)",
            list(event_names),
        )
        self.keys = ask("SELECT message_id, event_id::text FROM event_keys")
        self.inbox = ask("SELECT count(*) FROM inbox")[0][0] + ask("SELECT count(*) FROM parked_events")[0][0]
        self.outcomes = ask("SELECT event_id::text, state, why FROM event_outcomes")
        self.activity = ask(
            "SELECT customer_id::text, name, count FROM activity WHERE name = ANY(%s)", list(event_names)
        )
        self.attributes = dict(ask("SELECT id::text, attributes FROM customers"))
        self.graphs = dict(ask("SELECT id, graph FROM versions"))
        self.enrollments = ask(
            "SELECT id::text, version_id, customer_id::text, event_id::text, status, visits, node_id FROM enrollments"
        )
        self.paths = defaultdict(list)
        for id, n, at, path in ask("SELECT enrollment_id::text, n, at, path FROM visits ORDER BY enrollment_id, n"):
            self.paths[id].append((n, at, path))
        self.messages = ask(
            "SELECT replace(id::text, '-', ''), enrollment_id::text, version_id, node_id, status, class, attempts, "
            "progress, channel, journey_id::text, due_at, reason FROM messages"
        )
        self.deliveries = ask("SELECT replace(message_id::text, '-', ''), attempt, started_at, outcome FROM deliveries")
        self.counts = Counter()
        for version, node, what, n in ask(
            "SELECT version_id, node_id, what, sum(n)::bigint FROM counts GROUP BY 1, 2, 3"
        ):
            self.counts[version, node, what] = n

    def visits_of(self, enrollment):
        return [visit for _, _, path in self.paths[enrollment] for visit in path]


def _events(verdict, rows, acknowledged):
    """Every acknowledged event is stored once, under the id that was answered."""
    stored = {id: message_id for id, message_id, *_ in rows.events}
    times = Counter(message_id for _, message_id, *_ in rows.events)
    lost = [message_id for message_id, id in acknowledged if stored.get(id) != message_id]
    doubled = [message_id for message_id, n in times.items() if n > 1]
    answered = defaultdict(set)
    for message_id, id in acknowledged:
        answered[message_id].add(id)
    unsure = [message_id for message_id, ids in answered.items() if len(ids) > 1]
    verdict.lost, verdict.events_doubled = len(lost), len(doubled)
    verdict.expect(not lost, "acknowledged events are not stored", lost)
    verdict.expect(not doubled, "events are stored twice", doubled)
    verdict.expect(not unsure, "one event was answered with several ids", unsure)
    odd = [message_id for message_id, id in rows.keys if stored.get(id, message_id) != message_id]
    without = stored.keys() - {id for _, id in rows.keys}
    verdict.expect(not odd and not without, "events and their remembered ids differ", [*odd, *without])


def _processing(verdict, rows):
    """Every event was worked once: it left the inbox, counts once as activity, and entered its journey once."""
    verdict.expect(rows.inbox == 0, f"{rows.inbox} events were never worked")
    verdict.expect(not rows.outcomes, "events ended otherwise than processed", rows.outcomes)
    stored = Counter((customer, name) for _, _, customer, name, _ in rows.events)
    counted = Counter({(customer, name): n for customer, name, n in rows.activity})
    wrong = [key for key in stored | counted if stored[key] != counted[key]]
    verdict.expect(not wrong, "activity counts other than the events", [(k, stored[k], counted[k]) for k in wrong])
    entered = Counter(event for _, _, _, event, *_ in rows.enrollments)
    odd = [id for id, _, _, name, _ in rows.events if entered[id] != (name in ENTERS)]
    verdict.expect(not odd, "events entered their journey other than once", [(id, entered[id]) for id in odd])
    customer_of = {id: customer for id, _, customer, *_ in rows.events}
    strangers = [e[0] for e in rows.enrollments if customer_of.get(e[3]) != e[2]]
    verdict.expect(not strangers, "enrollments belong to somebody else's event", strangers)
    standing = [(e[0], e[4], e[6]) for e in rows.enrollments if e[4] not in ("completed", "exited")]
    verdict.expect(not standing, "customers are stranded or failed", standing)


def _paths(verdict, rows):
    """Every path is a walk through the version it is pinned to; each side taken held on what was read."""
    verdict.enrollments = len(rows.enrollments)
    events = {id: (customer, name, properties) for id, _, customer, name, properties in rows.events}
    for id, version, customer, event, _, visits, _ in rows.enrollments:
        walk = Walk(rows.graphs[version], events, customer, event)
        why = walk.wrong_with(rows.visits_of(id), visits) or _too_early(rows.paths[id])
        verdict.illegal_paths += bool(why)
        if verdict.illegal_paths <= WRONG_WALKS_SHOWN:
            verdict.expect(not why, f"enrollment {id}: {why}")


def _too_early(paths):
    """Whether a hold was left by its clock before its time; an empty text when none was."""
    until = None
    for n, at, path in paths:
        if until and path and path[0]["reason"].get("why") in ("waited", "timeout") and at < until:
            return f"path {n} left at {at} a hold until {until}"
        until = held_until(path)
    return ""


def _tallies(verdict, rows):
    """Who was counted k times has the numbers 1 to k, whatever the order: none is missing, none is there twice."""
    numbers = defaultdict(list)
    for id, _, customer, *_ in rows.enrollments:
        for visit in rows.visits_of(id):
            if visit["reason"].get("why") == "changed":
                numbers[customer].append(visit["reason"]["attributes"]["orders"])
    wrong = [
        (customer, sorted(found), rows.attributes[customer].get("orders"))
        for customer, found in numbers.items()
        if sorted(found) != list(range(1, len(found) + 1)) or rows.attributes[customer].get("orders") != len(found)
    ]
    verdict.expect(not wrong, "customers were counted other than once per order", wrong)


def _messages(verdict, rows, received):
    """One message per visit of a sending node; each was received once, or is openly unknown, or was taken back."""
    visited = {
        visit["reason"]["message_id"].replace("-", "")
        for id in rows.paths
        for visit in rows.visits_of(id)
        if visit["reason"].get("why") == "sent"
    }
    queued = {id for id, *_ in rows.messages}
    verdict.expect(visited == queued, "messages and the visits that sent them differ", visited ^ queued)
    arrived = Counter(map(message_of, received))
    verdict.expect(not arrived.keys() - queued, "the provider has messages we do not know", arrived.keys() - queued)
    verdict.messages = len(queued)
    missing, doubled, left = [], [], []
    for id, _, _, _, status, message_class, attempts, _, channel, _, due_at, reason in rows.messages:
        if arrived[id] > 1:
            _received_again(verdict, doubled, id, message_class, attempts, channel)
        verdict.sent += status == "sent"
        verdict.suppressed += status == "suppressed"
        verdict.unknown += status == "unknown"
        verdict.unknown_at_provider += status == "unknown" and arrived[id] > 0
        later = status == "queued" and attempts > 0 and due_at is not None
        verdict.next_try_later += later
        if not arrived[id] if status == "sent" else (status == "suppressed" and arrived[id] and attempts < 2):
            missing.append((id, status))
        if status not in ("sent", "suppressed", "unknown") and not later:
            left.append((id, channel, status, reason))
    verdict.messages_doubled, verdict.missing = len(doubled), len(missing)
    verdict.expect(not doubled, "messages were received twice", doubled)
    verdict.expect(not missing, "what is said of messages is not what arrived", missing)
    verdict.expect(not left, "messages are left behind", left)


def _received_again(verdict, doubled, id, message_class, attempts, channel):
    """Twice is wrong, but for a notice whose provider cannot be asked, which is sent once more in the open."""
    openly = message_class == "transactional" and attempts > 1
    if openly and channel == "webhook":
        verdict.repeated_by_key += 1  # the shop sees the same webhook-id and takes it once
    elif openly and channel == "email":
        verdict.repeated_openly += 1
    else:
        doubled.append((id, channel, message_class, attempts))


def _second_tries(verdict, rows):
    """What may be sent once only was tried once only, unless a try certainly did not leave; one row per try."""
    tries = defaultdict(list)
    for id, _, _, outcome in rows.deliveries:
        tries[id].append(outcome)
    class_of = {row[0]: (row[5], row[6]) for row in rows.messages}
    wrong = [id for id, (_, attempts) in class_of.items() if len(tries[id]) != attempts]
    verdict.expect(not wrong, "messages have other numbers of tries than they say", wrong)
    unsure = ("unknown", "sent", "")
    again = [
        id
        for id, outcomes in tries.items()
        if class_of.get(id, ("",))[0] == "marketing" and sum(outcome in unsure for outcome in outcomes) > 1
    ]
    verdict.expect(not again, "marketing was tried again though it may have left", again)


def _noes(verdict, rows, received, noes):
    """Nothing left after a no was answered, and no orderly restart left anything in doubt."""
    about = {row[0]: (row[5], row[9]) for row in rows.messages}
    late = []
    first_no = {no["phone"]: no["place"] for no in reversed(noes.unsubscribed)}
    for entry in received:
        message_class, journey = about.get(message_of(entry), ("", ""))
        place = entry.get("place", 0)
        if entry["kind"] == "sms" and message_class == "marketing" and place >= first_no.get(entry["to"], place + 1):
            late.append(("unsubscribed", message_of(entry)))
        late += [
            ("paused", message_of(entry))
            for no in noes.paused
            if no["journey"] == journey and no["place"] <= place < no["until"]
        ]
    verdict.after_no = len(late)
    verdict.expect(not late, "messages left after a no was answered", late)
    in_doubt = [
        (id, outcome)
        for id, _, at, outcome in rows.deliveries
        if outcome in ("", "unknown") and any(begin <= at <= end for begin, end in noes.rolling)
    ]
    verdict.expect(not in_doubt, "an orderly restart left messages in doubt", in_doubt)


def message_of(entry):
    """The message an entry of the sandbox's journal is about."""
    if entry["kind"] == "sms":
        return entry["out_id"]
    if entry["kind"] == "mail":
        return entry["message_id"].strip("<>").split("@")[0].replace("-", "")
    return entry["webhook_id"].replace("-", "")


def _counts(verdict, rows):
    """The numbers everybody sees equal the rows they are about, and everybody who entered waits or has ended."""
    wanted = Counter()
    for id, version, _, _, status, _, _ in rows.enrollments:
        wanted[version, "", "entered"] += 1
        wanted[version, "", status] += 1
        _count_path(wanted, version, rows.visits_of(id))
    for _, _, version, node, status, _, _, progress, *_ in rows.messages:
        wanted[version, node, "message:queued"] += 1
        if status != "queued":
            wanted[version, node, f"message:{status}"] += 1
        if progress == "delivered":
            wanted[version, node, "message:delivered"] += 1
    counted = Counter({key: n for key, n in rows.counts.items() if n})
    wrong = sorted(key for key in wanted | counted if wanted[key] != counted[key])
    verdict.expect(not wrong, "counts differ from the rows", [(k, counted[k], wanted[k]) for k in wrong])
    for version in rows.graphs:
        entered = counted[version, "", "entered"]
        ended = sum(counted[version, "", what] for what in ("waiting", "completed", "exited", "failed"))
        verdict.expect(entered == ended, f"version {version}: {entered} entered, {ended} wait or ended")


def _count_path(wanted, version, visits):
    before = None
    for visit in visits:
        held_here = before is not None and before["node"] == visit["node"] and before["exit"] is None
        if not held_here:
            wanted[version, visit["node"], "entered"] += 1
        if visit["exit"] is not None:
            wanted[version, visit["node"], f"exit:{visit['exit']}"] += 1
        if visit["reason"].get("why") == "skipped":
            wanted[version, visit["node"], f"skipped:{visit['reason']['check']}"] += 1
        before = visit
