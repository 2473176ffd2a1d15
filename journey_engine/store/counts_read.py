"""Counts as everybody sees them: summed over slots, by journey, node and message; and the corrections of control."""

from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from journey_engine.store.counts import add_counts
from journey_engine.store.port import port
from journey_engine.store.tables import counts, versions

TOTALS = ("entered", "armed", "waiting", "completed", "exited", "failed", "cancelled", "moved_in", "moved_out")
MESSAGE_STATES = ("queued", "sending", "sent", "delivered", "failed", "suppressed", "unknown", "held_out")

CONVERTED = {"converted": "reached", "converted_held_out": "held_out"}
"""How conversions are counted: `converted:<goal>`, for the journey and for the node whose message came before."""

CONTROL_SLOT = -1
"""The slot of changes that happen between turns, apart from those that the turns write."""


# Walks the unique index on versions by journey, then the primary key of counts.
def of_journey(tx: Connection, workspace_id: int, journey_id: UUID, number: int | None) -> dict[str, Any]:
    """The counts of one version, or of all of them, in the shape that the API tells and the live line sends."""
    wanted = [versions.c.journey_id == journey_id, versions.c.workspace_id == workspace_id]
    if number is not None:
        wanted.append(versions.c.number == number)
    read = (
        select(counts.c.node_id, counts.c.what, func.sum(counts.c.n))
        .join_from(versions, counts, counts.c.version_id == versions.c.id)
        .where(*wanted)
        .group_by(counts.c.node_id, counts.c.what)
    )
    rows = [(node_id, what, int(n)) for node_id, what, n in tx.execute(read)]
    return {
        "journey_id": journey_id,
        "version": number,
        "at": tx.scalar(select(func.now())),
        "totals": dict.fromkeys(TOTALS, 0) | {what: n for node, what, n in rows if not node and ":" not in what},
        "refused": {what[8:]: n for node, what, n in rows if not node and what.startswith("refused:")},
        "nodes": _nodes(rows),
        "messages": _messages(rows),
        "conversions": _conversions(rows),
    }


def _nodes(rows: list[tuple[str, str, int]]) -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    for node_id, what, n in rows:
        group, _, name = what.partition(":")
        if not node_id or group in ("message", *CONVERTED):
            continue
        node = nodes.setdefault(node_id, {"entered": 0, "waiting": 0, "failed": 0, "exits": {}, "skipped": {}})
        if group == "exit":
            node["exits"][name] = n
        elif group == "skipped":
            node["skipped"][name] = n
        else:
            node[what] = n
    return nodes


def _messages(rows: list[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """Running totals of what messages became: each message queued stays counted as queued."""
    messages: dict[str, dict[str, int]] = {}
    for node_id, what, n in rows:
        if node_id and what.startswith("message:"):
            messages.setdefault(node_id, dict.fromkeys(MESSAGE_STATES, 0))[what.removeprefix("message:")] = n
    return messages


def _conversions(rows: list[tuple[str, str, int]]) -> dict[str, dict[str, Any]]:
    """Per goal who reached it, those held out apart, and through which node's messages."""
    conversions: dict[str, dict[str, Any]] = {}
    for node_id, what, n in rows:
        group, _, goal = what.partition(":")
        if group not in CONVERTED:
            continue
        found = conversions.setdefault(goal, {"reached": 0, "held_out": 0, "nodes": {}})
        if not node_id:
            found[CONVERTED[group]] = n
        elif group == "converted":
            found["nodes"][node_id] = n
    return conversions


@port
def add(tx: Connection, workspace_id: int, deltas: Counter[tuple[int, str, str]]) -> None:
    """Correct the counts by what happened between turns; keys are version, node and what."""
    add_counts(tx, {(workspace_id, *key): n for key, n in deltas.items()}, CONTROL_SLOT)


def ended_early(enrollments: list[Any]) -> Counter[tuple[int, str, str]]:
    """What changes when enrollments end between turns: rows of version_id, node_id, the status before, and n."""
    deltas: Counter[tuple[int, str, str]] = Counter()
    for row in enrollments:
        if row.status == "armed":
            deltas[row.version_id, "", "armed"] -= row.n
            deltas[row.version_id, "", "cancelled"] += row.n
        else:
            deltas[row.version_id, "", "waiting"] -= row.n
            deltas[row.version_id, "", "exited"] += row.n
            deltas[row.version_id, row.node_id, "waiting"] -= row.n
    return deltas


def suppressed(messages: list[Any]) -> Counter[tuple[int, str, str]]:
    """What changes when queued messages are suppressed: rows of version_id, node_id and n."""
    return Counter({(row.version_id, row.node_id, "message:suppressed"): row.n for row in messages})
