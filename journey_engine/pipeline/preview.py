"""Preview: what publishing would change, and who stands where in the versions before."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from journey_engine.catalog import KINDS
from journey_engine.diff import diff, sentence_of, title_of
from journey_engine.errors import Invalid
from journey_engine.model.handover import MOVE, STANDING, place_of, read_handover
from journey_engine.store import handovers
from journey_engine.store.routes import version_graph
from journey_engine.text import Text

NAMED = 5
"""Nodes that a refusal names; the others are counted."""


def preview(tx: Connection, journey: dict[str, Any], graph: dict[str, Any]) -> dict[str, Any]:
    """The difference from the live version to this graph, and who stands where."""
    live = journey["live_version_id"]
    standing = [_shown(tx, row, graph) for row in _standing(tx, journey["id"])]
    return {"diff": diff(version_graph(tx, live) if live else None, graph), "standing": standing}


def check_handover(
    tx: Connection, journey_id: UUID, graph: dict[str, Any], standing: str, targets: dict[str, str | None]
) -> None:
    """Raises when somebody would be left at a node that is not there, or be sent to one."""
    if standing not in STANDING:
        raise Invalid(code="publish:standing", where={"standing": standing})
    nodes = {node["id"] for node in graph["nodes"] if KINDS[node["kind"]].role == "node"}
    if strange := sorted({target for target in targets.values() if target is not None} - nodes):
        raise _no_such_target(strange)
    lost = [
        row
        for row in _standing(tx, journey_id)
        if row["waiting"] and row["node"] not in nodes and row["node"] not in targets
    ]
    if lost and standing == MOVE:
        raise _stranded(tx, lost)


def _standing(tx: Connection, journey_id: UUID) -> list[dict[str, Any]]:
    """Who stands where once all that was published before is carried out; those on their way out are left out.

    Those whose clock runs are counted by version: at its trigger when only one sets clocks, otherwise at no node.
    """
    handed = [read_handover(row) for row in handovers.unsettled(tx, journey_id)]
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for row in handovers.standing(tx, journey_id):
        node = row.node_id or _clock(version_graph(tx, row.version_id))
        place, version, number = place_of(handed, row.version_id, node), row.version_id, row.number
        if place is not None:
            version, number, node = place.handover.version_id, place.handover.number, place.node_id
        if node is not None:
            fresh = {"version_id": version, "version": number, "node": node, "waiting": 0, "armed": 0}
            one = found.setdefault((version, node), fresh)
            one["waiting"] += int(row.waiting or 0)
            one["armed"] += int(row.armed or 0)
    return [found[key] for key in sorted(found)]


def _clock(graph: dict[str, Any]) -> str:
    clocks = [node["id"] for node in graph["nodes"] if node["kind"] == "absence"]
    return clocks[0] if len(clocks) == 1 else ""


def _node(tx: Connection, row: dict[str, Any]) -> dict[str, Any] | None:
    nodes = version_graph(tx, row["version_id"])["nodes"]
    return next((node for node in nodes if node["id"] == row["node"]), None)


def _shown(tx: Connection, row: dict[str, Any], graph: dict[str, Any]) -> dict[str, Any]:
    node = _node(tx, row)
    stays = node is None or any(one["id"] == node["id"] for one in graph["nodes"])
    return {
        "version": row["version"],
        "node": row["node"] or None,
        "kind": node["kind"] if node else None,
        "title": title_of(node).to_json() if node else None,
        "sentence": sentence_of(node).to_json() if node else None,
        "deleted": not stays,
        "waiting": row["waiting"],
        "armed": row["armed"],
    }


def _no_such_target(strange: list[str]) -> Invalid:
    text = Text(
        f"Customers cannot be moved to {strange[0]}: the new version has no such node. Choose another, or the end.",
        f"无法把客户移动到 {strange[0]}：新版本没有这个节点。请选择其他节点，或让他们退出。",
    )
    error = Invalid(text.en, code="publish:target", where={"nodes": strange})
    error.text = text
    return error


def _stranded(tx: Connection, lost: list[dict[str, Any]]) -> Invalid:
    named = [(sentence_of(_node(tx, row)), row["waiting"]) for row in lost[:NAMED]]
    total, more = sum(row["waiting"] for row in lost), len(lost) - len(named)
    english = ", ".join(f"{text.en} ({n:,})" for text, n in named) + (f" and {more} more" if more else "")
    chinese = "、".join(f"{text.zh}（{n:,}）" for text, n in named) + (f"等，另有 {more} 个" if more else "")
    text = Text(
        f"{total:,} customers stand at nodes that the new version does not have: {english}. "
        "Choose where they go, or let them finish on the old version.",
        f"有 {total:,} 位客户停留在新版本没有的节点：{chinese}。请选择他们的去向，或让他们在旧版本走完。",
    )
    error = Invalid(text.en, code="publish:targets", where={"nodes": sorted({row["node"] for row in lost})})
    error.text = text
    return error
