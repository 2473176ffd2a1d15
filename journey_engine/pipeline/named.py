"""Named: the other journeys and the coupon pools that a drawing names, and what is wrong with them here."""

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from journey_engine.nodes import NODES
from journey_engine.problem import WARNING, Problem
from journey_engine.store import coupons, journeys, segments
from journey_engine.store.ingest import database_now
from journey_engine.text import Text

STARTS, STOPS, GRANTS = "start_journey", "stop_journey", "grant_coupon"

CHOOSE = Text("Choose another one in the settings.", "请在设置中另选一个。")


def named_problems(
    tx: Connection, workspace_id: int, document: dict[str, Any], journey_id: UUID | None = None
) -> list[Problem]:
    """Journeys and pools that do not exist here, cannot be entered, or have nothing left."""
    found: list[Problem] = []
    starting, stopping = list(_named(document, STARTS, "journey")), list(_named(document, STOPS, "journey"))
    if starting or stopping:
        known = journeys.briefly(tx, workspace_id, [id for _, id in starting + stopping])
        for node, id in starting + stopping:
            found += _journey_problems(node, known.get(id), id == journey_id)
    giving = list(_named(document, GRANTS, "pool"))
    if giving:
        stock = coupons.stock(tx, workspace_id, [id for _, id in giving], database_now(tx))
        for node, id in giving:
            found += _pool_problems(node, stock.get(id))
    return found + _segment_problems(tx, workspace_id, document)


def _segment_problems(tx: Connection, workspace_id: int, document: dict[str, Any]) -> list[Problem]:
    """Nodes and triggers that read a segment which does not exist, in a setting or anywhere in a rule."""
    reading = [(node, set(_segments_in(node.get("settings")))) for node in document.get("nodes", [])]
    wanted = set().union(*(ids for _, ids in reading)) if reading else set()
    if not wanted:
        return []
    known = segments.names(tx, workspace_id, wanted)
    message = Text("The segment does not exist.", "该分群不存在。")
    lost = [node for node, ids in reading if ids - known.keys()]
    return [_problem("graph:segment", message, CHOOSE, node, "segment") for node in lost]


def _segments_in(value: Any) -> Iterator[UUID]:
    """Ids under the word `segment`, however deep; an odd one is named by the graph itself."""
    if isinstance(value, dict):
        with contextlib.suppress(ValueError, TypeError, AttributeError):
            yield UUID(value.get("segment"))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _segments_in(inner)


def startable_from(tx: Connection, workspace_id: int, journey_id: UUID) -> list[Problem]:
    """A warning when running journeys start this one, which is about to be put away."""
    names = journeys.started_by(tx, workspace_id, journey_id)
    if not names:
        return []
    message = Text("{names} starts this journey.", "{names} 会启动本旅程。")
    remedy = Text("Take the node out of it, or nobody will come here.", "请从中移除该节点，否则不会再有客户进入。")
    filled = message.format(names=Text(", ".join(names), "、".join(names)))
    return [Problem("journey:started_by_others", filled, remedy, (), WARNING)]


def _named(document: dict[str, Any], kind: str, setting: str) -> Iterator[tuple[dict[str, Any], UUID]]:
    """Nodes of a kind with what they name; an odd setting is named by the graph itself."""
    for node in document.get("nodes", []):
        if node["kind"] == kind:
            try:
                yield node, UUID((node.get("settings") or {}).get(setting))
            except (ValueError, TypeError, AttributeError):
                continue


def _journey_problems(node: dict[str, Any], other: Any, own: bool) -> list[Problem]:
    title = NODES[node["kind"]].title
    if other is None or other.status == "archived":
        message = Text("“{node}” names a journey that is not there any more.", "“{node}”指定的旅程已不存在。")
        return [_problem("graph:journey", message.format(node=title), CHOOSE, node, "journey")]
    if own:
        message = Text("“{node}” names this journey itself.", "“{node}”指定的是本旅程自身。").format(node=title)
        remedy = CHOOSE if node["kind"] == STARTS else Text("Lead to an Exit instead.", "请改为连接到“结束”。")
        return [_problem("graph:own_journey", message, remedy, node, "journey")]
    if node["kind"] == STARTS and not other.enterable:
        message = Text("Nobody can enter “{name}” from here now.", "目前无法从这里进入“{name}”。")
        remedy = Text(
            "Give it the trigger “From another journey” and publish it.",
            "请为它添加“来自其他旅程”触发器并发布。",
        )
        return [_problem("graph:not_enterable", message.format(name=other.name), remedy, node, "journey", WARNING)]
    return []


def _pool_problems(node: dict[str, Any], stock: tuple[str, bool] | None) -> list[Problem]:
    if stock is None:
        message = Text("The coupon pool does not exist.", "该券池不存在。")
        return [_problem("graph:coupon_pool", message, CHOOSE, node, "pool")]
    name, left = stock
    if left:
        return []
    message = Text("The pool “{name}” has no coupon left.", "券池“{name}”已没有可用的券码。").format(name=name)
    remedy = Text("Add codes to it, or everybody leaves by “no coupon”.", "请补充券码，否则所有客户都走“无券可发”。")
    return [_problem("graph:coupon_pool_empty", message, remedy, node, "pool", WARNING)]


def _problem(
    code: str, message: Text, remedy: Text, node: dict[str, Any], setting: str, severity: str = "error"
) -> Problem:
    return Problem(code, message, remedy, (node["id"],), severity, setting)
