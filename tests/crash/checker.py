"""The judge: from the tables, the sandbox's journal and the acknowledgements alone, what was lost, doubled or wrong.

It shares no code with the engine: the walk through the graph, the condition and every number are worked out here anew.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.crash.drawing import DEAR

EXAMPLES = 5


@dataclass
class Verdict:
    """What a run came to. `wrong` holds a sentence per broken promise; empty is what we want."""

    acknowledged: int = 0
    lost: int = 0
    events_doubled: int = 0
    messages: int = 0
    sent: int = 0
    messages_doubled: int = 0
    repeated_openly: int = 0
    missing: int = 0
    unknown: int = 0
    unknown_at_provider: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, good, sentence, examples=()):
        if not good:
            self.wrong.append(f"{sentence}: {list(examples)[:EXAMPLES]}" if examples else sentence)


def judge(database, received, acknowledged, event_names):
    """The verdict. `acknowledged`: (message id, event id) of every yes; `event_names`: what the client pushed."""
    verdict = Verdict(acknowledged=len(acknowledged))
    rows = Rows(database, event_names)
    _events(verdict, rows, acknowledged)
    _processing(verdict, rows)
    _paths(verdict, rows)
    _messages(verdict, rows, received)
    _counts(verdict, rows)
    return verdict


class Rows:
    """Everything in the tables that the verdict is about."""

    def __init__(self, database, event_names):
        def ask(statement, *values):
            return database.execute(statement, values).fetchall()

        self.events = ask(
            "SELECT id::text, message_id, customer_id::text, name, properties FROM events WHERE name = ANY(%s)",
            list(event_names),
        )
        self.inbox = ask("SELECT count(*) FROM inbox")[0][0]
        self.outcomes = ask("SELECT event_id::text, state, why FROM event_outcomes")
        self.activity = ask(
            "SELECT customer_id::text, name, count FROM activity WHERE name = ANY(%s)", list(event_names)
        )
        self.graphs = dict(ask("SELECT id, graph FROM versions"))
        self.enrollments = ask(
            "SELECT id::text, version_id, customer_id::text, event_id::text, status, visits, node_id FROM enrollments"
        )
        self.paths = defaultdict(list)
        for id, n, path in ask("SELECT enrollment_id::text, n, path FROM visits ORDER BY enrollment_id, n"):
            self.paths[id].append((n, path))
        self.messages = ask(
            "SELECT replace(id::text, '-', ''), enrollment_id::text, version_id, node_id, status, class, attempts, "
            "progress FROM messages"
        )
        self.counts = Counter()
        for version, node, what, n in ask(
            "SELECT version_id, node_id, what, sum(n)::bigint FROM counts GROUP BY 1, 2, 3"
        ):
            self.counts[version, node, what] = n


def _events(verdict, rows, acknowledged):
    """Every acknowledged event is stored once, under the id that was answered."""
    stored = {id: message_id for id, message_id, *_ in rows.events}
    times = Counter(message_id for _, message_id, *_ in rows.events)
    lost = [message_id for message_id, id in acknowledged if stored.get(id) != message_id]
    doubled = [message_id for message_id, n in times.items() if n > 1]
    verdict.lost, verdict.events_doubled = len(lost), len(doubled)
    verdict.expect(not lost, "acknowledged events are not stored", lost)
    verdict.expect(not doubled, "events are stored twice", doubled)


def _processing(verdict, rows):
    """Every event was worked once: it left the inbox, counts once as activity, and entered its journey once."""
    verdict.expect(rows.inbox == 0, f"{rows.inbox} events were never worked")
    verdict.expect(not rows.outcomes, "events ended otherwise than processed", rows.outcomes)
    stored = Counter((customer, name) for _, _, customer, name, _ in rows.events)
    counted = Counter({(customer, name): n for customer, name, n in rows.activity})
    wrong = [key for key in stored | counted if stored[key] != counted[key]]
    verdict.expect(not wrong, "activity counts other than the events", [(k, stored[k], counted[k]) for k in wrong])
    entered = Counter(event for _, _, _, event, *_ in rows.enrollments)
    odd = [id for id, *_ in rows.events if entered[id] != 1]
    verdict.expect(not odd, "events entered their journey other than once", [(id, entered[id]) for id in odd])
    customer_of = {id: customer for id, _, customer, *_ in rows.events}
    strangers = [e[0] for e in rows.enrollments if customer_of.get(e[3]) != e[2]]
    verdict.expect(not strangers, "enrollments belong to somebody else's event", strangers)
    standing = [(e[0], e[4], e[6]) for e in rows.enrollments if e[4] not in ("completed", "exited")]
    verdict.expect(not standing, "customers are stranded or failed", standing)


def _paths(verdict, rows):
    """Every path is a walk through its version, and the condition took the side that the event's value says."""
    value_of = {id: properties.get("value") for id, _, _, _, properties in rows.events}
    for id, version, _, event, _, visits, _ in rows.enrollments:
        visited = [visit for _, path in rows.paths[id] for visit in path]
        why = _illegal(rows.graphs[version], visited, visits, value_of.get(event))
        verdict.expect(not why, f"enrollment {id}: {why}")
        if len(verdict.wrong) > 20:
            return


def _illegal(graph, visited, visits, value):
    """What is wrong with a path; an empty text when nothing is."""
    kinds = {node["id"]: node["kind"] for node in graph["nodes"]}
    targets = {(edge["from"], edge["exit"]): edge["to"] for edge in graph["edges"]}
    if [visit["n"] for visit in visited] != list(range(1, visits + 1)):
        return f"visits are {[visit['n'] for visit in visited]}, not 1 to {visits}"
    expected = next(id for id, kind in kinds.items() if kind in ("event", "absence"))
    for visit in visited:
        if visit["node"] != expected:
            return f"stands at {visit['node']} where {expected} was due"
        if kinds[expected] == "condition" and visit["exit"] != ("yes" if value >= DEAR else "no"):
            return f"left {expected} by {visit['exit']} with a value of {value}"
        if visit["exit"] is not None:
            expected = targets.get((expected, visit["exit"]))
    return "" if expected is None or kinds[expected] == "exit" else f"ends at {expected}"


def _messages(verdict, rows, received):
    """One message per visit of a sending node; each was received once, or is openly unknown."""
    visited = set()
    for paths in rows.paths.values():
        for _, path in paths:
            visited |= {v["reason"]["message_id"].replace("-", "") for v in path if v["reason"].get("why") == "sent"}
    queued = {id for id, *_ in rows.messages}
    verdict.expect(visited == queued, "messages and the visits that sent them differ", visited ^ queued)
    arrived = Counter(map(message_of, received))
    verdict.expect(not arrived.keys() - queued, "the provider has messages we do not know", arrived.keys() - queued)
    doubled, openly, missing = [], [], []
    for id, _, _, _, status, message_class, attempts, _ in rows.messages:
        if arrived[id] > 1:
            (openly if message_class == "transactional" and attempts > 1 else doubled).append(id)
        if status == "sent" and not arrived[id]:
            missing.append(id)
        if status == "unknown":
            verdict.unknown += 1
            verdict.unknown_at_provider += arrived[id] > 0
        elif status != "sent":
            verdict.wrong.append(f"message {id} is left {status}")
    verdict.messages, verdict.sent = len(queued), sum(1 for m in rows.messages if m[4] == "sent")
    verdict.messages_doubled, verdict.repeated_openly, verdict.missing = len(doubled), len(openly), len(missing)
    verdict.expect(not doubled, "messages were received twice", doubled)
    verdict.expect(not missing, "messages are called sent and never arrived", missing)


def message_of(entry):
    """The message an entry of the sandbox's journal is about."""
    if entry["kind"] == "sms":
        return entry["out_id"]
    if entry["kind"] == "mail":
        return entry["message_id"].strip("<>").split("@")[0].replace("-", "")
    return entry["webhook_id"]


def _counts(verdict, rows):
    """The numbers everybody sees equal the rows they are about, and everybody who entered waits or has ended."""
    wanted = Counter()
    for id, version, _, _, status, _, _ in rows.enrollments:
        wanted[version, "", "entered"] += 1
        wanted[version, "", status] += 1
        before = None
        for visit in (visit for _, path in rows.paths[id] for visit in path):
            held_here = before is not None and before["node"] == visit["node"] and before["exit"] is None
            if not held_here:
                wanted[version, visit["node"], "entered"] += 1
            if visit["exit"] is not None:
                wanted[version, visit["node"], f"exit:{visit['exit']}"] += 1
            before = visit
    for _, _, version, node, status, *_, progress in rows.messages:
        wanted[version, node, "message:queued"] += 1
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
