"""Why did this happen to a customer in a journey, and why not: one sentence, and the recorded chain behind it.

It is told from what was recorded alone: entries and refusals with the values they read, paths, checks, messages,
deliveries, receipts. Nothing is judged again, because what the rules read may have changed since.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from journey_engine.catalog import KINDS
from journey_engine.journey_settings import goal_named
from journey_engine.reasons import RECEIPTS, STOPPED, instant_told, joined, sentence
from journey_engine.text import NAME, Text

Row = Any

AT_ONCE = timedelta(seconds=1)
"""An id tells its time in thousandths of a second; who entered later than this had a clock running before."""


@dataclass(slots=True)
class Known:
    """What is recorded of one customer in one journey, each list in the order of time.

    `versions` are by id, with number, graph and published_at. `visits` are by enrollment. `activity` is what the
    customer did of the events that the triggers watch; `pending` are events of those that were not worked yet,
    `kept` those that a pause keeps, `set_aside` those that could not be worked.
    """

    journey: dict[str, Any]
    zone: str
    versions: dict[int, dict[str, Any]]
    enrollments: list[Row] = field(default_factory=list)
    visits: dict[Any, list[Row]] = field(default_factory=dict)
    messages: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    receipts: list[Row] = field(default_factory=list)
    refusals: list[Row] = field(default_factory=list)
    conversions: list[Row] = field(default_factory=list)
    activity: list[Row] = field(default_factory=list)
    pending: list[Row] = field(default_factory=list)
    kept: list[Row] = field(default_factory=list)
    set_aside: list[Row] = field(default_factory=list)
    past_entries: int = 0

    def at(self, instant: datetime | None) -> str:
        return instant_told(instant, self.zone) if instant else ""


@dataclass(frozen=True, slots=True)
class Passed:
    """One visit of a path, with when it was written."""

    at: datetime
    version_id: int
    visit: dict[str, Any]

    @property
    def node(self) -> str:
        return self.visit["node"]

    @property
    def exit(self) -> str | None:
        return self.visit["exit"]

    @property
    def reason(self) -> dict[str, Any]:
        return self.visit["reason"]


def explain(known: Known, node: str = "") -> dict[str, Any]:
    """The answer as a word and as a sentence, with the enrollment it is about and everything that was recorded."""
    enrollment = _meant(known, node)
    if enrollment is None:
        answer, text = _not_entered(known)
    else:
        answer, text = _inside(known, enrollment, node)
    return {
        "answer": answer,
        "sentence": text.to_json(),
        "enrollment_id": enrollment.id if enrollment is not None else None,
        "steps": [step for _, step in sorted(_steps(known), key=lambda one: one[0])],
    }


def _meant(known: Known, node: str) -> Row | None:
    """The enrollment that is asked about: one that is live, else the last, unless a later entry was refused."""
    entered = [one for one in known.enrollments if one.entered_at is not None]
    live = [one for one in known.enrollments if one.ended_at is None]
    found = next((one for one in reversed(live) if one.entered_at), None) or (live[-1] if live else None)
    if found is not None:
        return found
    visited = [one for one in entered if any(passed.node == node for passed in _path(known, one))]
    last = (visited or entered or known.enrollments or [None])[-1]
    refused = known.refusals[-1].at if known.refusals else None
    if last is not None and refused is not None and not visited and refused > last.ended_at:
        return None
    return last


# who did not enter


def _not_entered(known: Known) -> tuple[str, Text]:
    if known.refusals:
        refusal = known.refusals[-1]
        return "refused", _say(
            Text(
                "On {at} the customer matched the trigger and did not enter: {reason}.",
                "{at} 客户满足触发条件但未进入旅程：{reason}。",
            ),
            at=known.at(refusal.at),
            reason=sentence(refusal.reason, known.zone),
        )
    if not known.versions:
        return "not_published", Text("The journey was never published.", "该旅程从未发布。")
    for answer, rows, words in (("set_aside", known.set_aside, SET_ASIDE), ("kept", known.kept, KEPT)):
        if rows:
            return answer, _say(words, event=rows[-1].name, at=known.at(rows[-1].at), why=getattr(rows[-1], "why", ""))
    if known.pending:
        return "pending", _say(PENDING, event=known.pending[-1].name, at=known.at(known.pending[-1].at))
    if known.past_entries:
        return "long_ago", _say(LONG_AGO, n=str(known.past_entries))
    return _never_matched(known)


SET_ASIDE = Text(
    "The event {event} of {at} could not be worked and was set aside: {why}.",
    "{at} 的事件 {event} 无法处理，已搁置：{why}。",
)
KEPT = Text(
    "The event {event} of {at} is kept until the journey is resumed.", "{at} 的事件 {event} 已保留，等待旅程恢复。"
)
PENDING = Text("The event {event} of {at} waits to be worked.", "{at} 的事件 {event} 正在排队等待处理。")
LONG_AGO = Text(
    "The customer was in this journey {n} times, so long ago that the history is no longer kept.",
    "客户曾 {n} 次进入该旅程，时间久远，历史记录已清理。",
)


def _never_matched(known: Known) -> tuple[str, Text]:
    """Nothing of the customer ever reached a trigger: the events it watches did not happen, or before it was live."""
    newest = known.versions[max(known.versions)]
    starting = watched(newest["graph"])
    names = _plain(" / ".join(starting))
    did = [row for row in known.activity if row.name in starting]
    status = known.journey["status"]
    if status in ("stopped", "archived"):
        return "stopped", Text("The journey was stopped, and the customer was not in it.", "旅程已停止，客户未曾进入。")
    if did:
        last = max(did, key=lambda row: row.last_at)
        first = known.versions[min(known.versions)]["published_at"]
        words = BEFORE if last.last_at < first else UNHEARD
        answer = "before_publication" if last.last_at < first else "never_matched"
        return answer, _say(words, event=last.name, at=known.at(last.last_at), published=known.at(first))
    words = NEVER_DONE if starting else NEVER_CHOSEN
    return "never_matched", _say(words, events=names)


BEFORE = Text(
    "The customer last did {event} on {at}, before the journey was published on {published}.",
    "客户最近一次 {event} 在 {at}，早于旅程发布时间 {published}。",
)
UNHEARD = Text(
    "The customer last did {event} on {at}; no decision of this journey about it is recorded.",
    "客户最近一次 {event} 在 {at}，但没有该旅程对此的处理记录。",
)
NEVER_DONE = Text(
    "Nothing that starts this journey ever happened: no {events} of this customer is recorded.",
    "触发条件从未满足：没有该客户的 {events} 记录。",
)
NEVER_CHOSEN = Text("The trigger of this journey never spoke of this customer.", "该旅程的触发器从未选中该客户。")


def watched(graph: dict[str, Any]) -> list[str]:
    """Event names of shops that the triggers of a drawing watch."""
    names: set[str] = set()
    for node in graph["nodes"]:
        kind = KINDS.get(node["kind"])
        if kind is not None and kind.role == "trigger":
            settings = node.get("settings", {})
            told = [settings.get("event"), *(settings.get("events") or ())]
            names |= {name for name in told if isinstance(name, str) and name}
    return sorted(names)


# who was inside


def _inside(known: Known, enrollment: Row, node: str) -> tuple[str, Text]:
    if enrollment.entered_at is None:
        return _clock(known, enrollment)
    path = _path(known, enrollment)
    if not node:
        return _stands(known, enrollment, path, "")
    version = known.versions[enrollment.version_id]
    here = [passed for passed in path if passed.node == node]
    if here:
        return _visited(known, enrollment, here[-1])
    if all(one["id"] != node for one in version["graph"]["nodes"]):
        return "other_version", _say(OTHER_VERSION, number=str(version["number"]), node=node)
    turned = _turned_off(known, path, node)
    if turned is not None:
        return "branch", _say(
            BRANCH,
            node=_named(version["graph"], node),
            at=known.at(turned.at),
            branch=_named(known.versions[turned.version_id]["graph"], turned.node),
            exit=_exit_named(known.versions[turned.version_id]["graph"], turned),
            reason=sentence(turned.reason, known.zone),
        )
    return _stands(known, enrollment, path, node)


OTHER_VERSION = Text(
    "The customer is in version {number} of the journey, which has no node {node}.",
    "客户在旅程的第 {number} 版，其中没有节点 {node}。",
)
BRANCH = Text(
    "{node} was not reached: on {at} the customer left {branch} by “{exit}”, because {reason}.",
    "未到达{node}：{at} 客户从{branch}的“{exit}”离开，因为{reason}。",
)


def _clock(known: Known, enrollment: Row) -> tuple[str, Text]:
    """The clock of a trigger: running, or stopped."""
    due = enrollment.wake_at or enrollment.parked_wake_at
    event = enrollment.context.get("name", "")
    if enrollment.ended_at is None and "queued" in enrollment.context:
        words = Text(
            "The customer waits for a place in the journey[ until {due}].", "客户正在等待进入旅程的名额[，预计 {due}]。"
        )
        return "waits_for_a_place", _say(words, due=known.at(due))
    if enrollment.ended_at is None:
        words = Text(
            "{event} happened; the clock runs[ until {due}], then the customer enters.",
            "已发生 {event}，正在计时[到 {due}]，到时客户进入旅程。",
        )
        return "armed", _say(words, event=event, due=known.at(due))
    words = Text(
        "{event} had set the clock; it was stopped on {at}: {reason}.", "{event} 启动了计时，{at} 停止：{reason}。"
    )
    return "cancelled", _say(
        words, event=event, at=known.at(enrollment.ended_at), reason=sentence(_end_of(known, enrollment), known.zone)
    )


def _stands(known: Known, enrollment: Row, path: list[Passed], node: str) -> tuple[str, Text]:
    """Where the customer waits, or how the journey ended for them, before a node that was not reached."""
    version = known.versions[enrollment.version_id]
    target = _named(version["graph"], node) if node else Text("", "")
    where = _named(version["graph"], enrollment.node_id)
    if enrollment.ended_at is None:
        due = enrollment.wake_at or enrollment.parked_wake_at
        reason = path[-1].reason if path else {"why": "wait"}
        paused = known.journey["status"] == "paused"
        return "paused" if paused else "waiting", _say(
            PAUSED if paused else WAITING,
            target=target,
            node=where,
            since=known.at(enrollment.held_since),
            due=known.at(due),
            reason=sentence({**reason, "until": None}, known.zone),
        )
    answer = "failed" if enrollment.status == "failed" else "completed" if enrollment.status == "completed" else "ended"
    return answer, _say(
        ENDED,
        target=target,
        node=where,
        at=known.at(enrollment.ended_at),
        reason=sentence(_end_of(known, enrollment), known.zone),
    )


WAITING = Text(
    "[{target} is not reached yet: ]since {since} the customer stands at {node}[, until {due}]: {reason}.",
    "[尚未到达{target}：]自 {since} 起客户停留在{node}[，到 {due}]：{reason}。",
)
PAUSED = Text(
    "[{target} is not reached: ]the journey is paused, and the customer stands at {node}[; due {due}].",
    "[尚未到达{target}：]旅程已暂停，客户停留在{node}[，应于 {due} 继续]。",
)
ENDED = Text(
    "[{target} was not reached: ]the journey ended for the customer on {at} at {node}: {reason}.",
    "[未到达{target}：]客户的旅程于 {at} 在{node}结束：{reason}。",
)


def _turned_off(known: Known, path: list[Passed], node: str) -> Passed | None:
    """The last branch from which the node could be reached, and was left by an exit from which it cannot."""
    found = None
    for passed in path:
        edges = _edges(known.versions[passed.version_id]["graph"])
        before = _ways_to(edges, node)
        if passed.exit is None or passed.node not in before:
            continue
        jumped = passed.reason.get("to") if passed.reason.get("why") == "goal" else None
        target = jumped or edges.get((passed.node, passed.exit)) or edges.get((passed.node, "next"))
        if target != node and target not in before:
            found = passed
    return found


def _edges(graph: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(edge["from"], edge["exit"]): edge["to"] for edge in graph["edges"]}


def _ways_to(edges: dict[tuple[str, str], str], node: str) -> set[str]:
    """Every node from which this one can be reached."""
    found: set[str] = set()
    grown = {node}
    while grown:
        grown = {source for (source, _), target in edges.items() if target in grown} - found
        found |= grown
    return found


# who came to the node


def _visited(known: Known, enrollment: Row, passed: Passed) -> tuple[str, Text]:
    """What the visit came to: a message with its state, a skipped one, a hold, or the exit that was taken."""
    graph = known.versions[passed.version_id]["graph"]
    node, reason = _named(graph, passed.node), passed.reason
    message = next((one for one in known.messages if str(one.id) == reason.get("message_id")), None)
    if message is not None:
        return _of_message(known, node, message)
    standing = enrollment.ended_at is None and enrollment.node_id == passed.node and passed.exit is None
    if standing or reason["why"] == "failed":
        return _stands(known, enrollment, [passed], "")
    answer = "skipped" if reason["why"] == "skipped" else "passed"
    if passed.exit is None:
        return _stands(known, enrollment, [passed], "")
    return answer, _say(
        PASSED,
        node=node,
        at=known.at(passed.at),
        exit=_exit_named(graph, passed),
        reason=sentence(reason, known.zone),
    )


PASSED = Text("On {at} the customer left {node} by “{exit}”: {reason}.", "{at} 客户从{node}的“{exit}”离开：{reason}。")

STATES: dict[str, Text] = {
    "queued": Text("The message of {node} is queued since {at}[: {why}].", "{node}的消息自 {at} 起排队待发[：{why}]。"),
    "sending": Text("The message of {node} is being handed to the provider.", "{node}的消息正在交给服务商。"),
    "sent": Text(
        "The message of {node} was sent on {sent_at} through {account}[; the provider says: {receipts}].",
        "{node}的消息已于 {sent_at} 通过 {account} 发出[；服务商回执：{receipts}]。",
    ),
    "failed": Text("The message of {node} failed[: {reason}].", "{node}的消息发送失败[：{reason}]。"),
    "unknown": Text(
        "Whether the message of {node} left is unknown[: {reason}]; it is never repeated silently.",
        "{node}的消息是否发出尚不清楚[：{reason}]，不会悄悄重发。",
    ),
    "suppressed": Text("The message of {node} was not sent: {stopped}.", "{node}的消息没有发出：{stopped}。"),
}


def _of_message(known: Known, node: Text, message: Row) -> tuple[str, Text]:
    held_out = message.status == "suppressed" and message.reason == "holdout"
    said = [_said(known, one) for one in known.receipts if one.message_id == message.id]
    return "held_out" if held_out else message.status, _say(
        STATES[message.status],
        node=node,
        at=known.at(message.queued_at),
        sent_at=known.at(message.sent_at),
        account=message.account or "",
        receipts=joined(said, ", ", "、"),
        reason=message.reason,
        stopped=STOPPED.get(message.reason, _plain(message.reason)),
        why=_why_queued(known, message),
    )


def _said(known: Known, receipt: Row) -> Text:
    """What the provider said, and when."""
    words = RECEIPTS.get(receipt.kind, _plain(receipt.kind))
    at = known.at(receipt.at)
    return Text(f"{words.en} {at}", f"{at} {words.zh}")


def _why_queued(known: Known, message: Row) -> Text:
    """What a queued message waits for."""
    if known.journey["status"] == "paused":
        return Text("the journey is paused", "旅程已暂停")
    if message.stopped_at is not None:
        return _say(Text("its account was stopped[: {why}]", "发送账号已停用[：{why}]"), why=message.stopped_why)
    if message.broken_at is not None:
        return Text("the provider is out of reach", "服务商暂时无法连接")
    if message.attempts:
        return _say(Text("attempt {n} did not succeed", "第 {n} 次尝试未成功"), n=str(message.attempts))
    return Text("it leaves as soon as its account's rate allows", "将按账号的发送速率尽快发出")


# the chain


def _steps(known: Known) -> Iterator[tuple[tuple, dict[str, Any]]]:
    """Everything that was recorded, each with its place in time."""
    for refusal in known.refusals:
        yield _step(refusal.at, 1, "refused", None, sentence(refusal.reason, known.zone))
    for enrollment in known.enrollments:
        if enrollment.entered_at is None or enrollment.entered_at - enrollment.begun_at > AT_ONCE:
            words = Text("the clock was set by {event}", "由 {event} 启动计时")
            event = enrollment.context.get("name", "…")
            yield _step(enrollment.begun_at, 2, "armed", enrollment.node_id, _say(words, event=event))
        if enrollment.entered_at is not None:
            words = Text("the customer entered version {number}", "客户进入第 {number} 版")
            number = str(known.versions[enrollment.version_id]["number"])
            yield _step(enrollment.entered_at, 3, "entered", None, _say(words, number=number))
        for passed in _path(known, enrollment):
            yield _visit_step(known, passed)
        if enrollment.ended_at is not None:
            told = sentence(_end_of(known, enrollment), known.zone)
            yield _step(enrollment.ended_at, 9, "ended", enrollment.node_id, told)
    yield from _message_steps(known)
    for one in known.conversions:
        words = Text(
            "reached the goal {goal}[, worth {value} {currency}]", "达成目标 {goal}[，金额 {value} {currency}]"
        )
        value = "" if one.value is None else str(one.value)
        goal = goal_named(known.versions[one.version_id]["graph"], one.goal)
        told = _say(words, goal=goal, value=value, currency=one.currency or " ")
        yield _step(one.occurred_at, 8, "converted", one.node_id or None, told)


def _visit_step(known: Known, passed: Passed) -> tuple[tuple, dict[str, Any]]:
    graph = known.versions[passed.version_id]["graph"]
    words = Text("{node}: {reason}[ → “{exit}”]", "{node}：{reason}[ → “{exit}”]")
    exit = _exit_named(graph, passed) if passed.exit else ""
    told = _say(words, node=_named(graph, passed.node), reason=sentence(passed.reason, known.zone), exit=exit)
    return _step(passed.at, 4, "visit", passed.node, told, passed.visit["n"])


def _message_steps(known: Known) -> Iterator[tuple[tuple, dict[str, Any]]]:
    nodes = {message.id: message.node_id for message in known.messages}
    for message in known.messages:
        node = _named(known.versions[message.version_id]["graph"], message.node_id)
        answer, told = _of_message(known, node, message)
        step = _step(message.queued_at, 5, "message", message.node_id, told)
        step[1]["message_id"], step[1]["checks"], step[1]["state"] = message.id, message.checks, answer
        yield step
    for one in known.deliveries:
        words = Text("attempt {n}: {outcome}[ ({detail})]", "第 {n} 次尝试：{outcome}[（{detail}）]")
        outcome = one.outcome or "…"
        told = _say(words, n=str(one.attempt), outcome=outcome, detail=f"{one.code} {one.detail}".strip())
        yield _step(one.started_at, 6, "delivery", nodes[one.message_id], told, one.attempt)
    for one in known.receipts:
        told = RECEIPTS.get(one.kind, _plain(one.kind))
        yield _step(one.at, 7, "receipt", nodes[one.message_id], told)


def _step(at: datetime, rank: int, kind: str, node: str | None, told: Text, n: int = 0) -> tuple[tuple, dict[str, Any]]:
    return (at, rank, n), {"at": at, "kind": kind, "node": node, "sentence": told.to_json()}


# words


def _path(known: Known, enrollment: Row) -> list[Passed]:
    rows = known.visits.get(enrollment.id, ())
    return [Passed(row.at, row.version_id, visit) for row in rows for visit in row.path]


def _end_of(known: Known, enrollment: Row) -> dict[str, Any]:
    """The reason of an end as its path recorded it, else the words that are kept with the enrollment."""
    path = _path(known, enrollment)
    why, _, event = enrollment.end_reason.partition(": ")
    if path and path[-1].exit is None and path[-1].reason["why"] == why:
        return path[-1].reason
    return {"why": why, **({"event": event} if event else {})}


def _named(graph: dict[str, Any], node_id: str) -> Text:
    """A node as people call it."""
    kind = next((node["kind"] for node in graph["nodes"] if node["id"] == node_id), "")
    title = KINDS[kind].title if kind in KINDS else _plain(node_id)
    return Text(f"“{title.en}” ({node_id})", f"“{title.zh}”（{node_id}）")


def _exit_named(graph: dict[str, Any], passed: Passed) -> Text:
    """An exit as it is called on the canvas."""
    node = next((one for one in graph["nodes"] if one["id"] == passed.node), None)
    kind = KINDS.get(node["kind"]) if node else None
    if kind is not None:
        piece = kind(node["id"], **{**dict.fromkeys(kind.settings), **node.get("settings", {})})
        title = next((exit.title for exit in piece.exit_list() if exit.id == passed.exit), None)
        if title is not None:
            return title
    return _plain(passed.exit or "")


def _plain(value: str) -> Text:
    return Text(value, value)


def _say(words: Text, **values: Text | str) -> Text:
    """Fill the words, without the parts whose values are missing."""
    there = {name: value for name, value in values.items() if (value.en if isinstance(value, Text) else value)}
    named = {name for half in words for name in NAME.findall(half)}
    filled = words.without(named - there.keys())
    return filled.format(**{name: "…" for name in named} | there)
