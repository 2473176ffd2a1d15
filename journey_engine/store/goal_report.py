"""The reports of a journey: who reached its goals, beside those held out, and how the arms of its experiments did."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from journey_engine.catalog import KINDS
from journey_engine.journey_settings import goal_named
from journey_engine.model.experiment import NOT_COMPARED, Group, beside, ratio, side_by_side
from journey_engine.store import journeys

# Walks the unique index on versions by journey, then the primary key of counts.
COUNTS = text(
    """
    SELECT c.node_id, c.what, CAST(sum(c.n) AS bigint) AS n, v.number
    FROM versions v JOIN counts c ON c.version_id = v.id
    WHERE v.journey_id = :journey AND v.workspace_id = :workspace
        AND (CAST(:number AS int) IS NULL OR v.number = :number)
        AND (c.what LIKE 'converted%' OR (c.node_id = '' AND c.what IN ('entered', 'held_out')))
    GROUP BY 1, 2, 4
    """
)

# Walks conversions_by_journey.
REVENUE = text(
    """
    SELECT c.goal, c.held_out, c.node_id, c.currency, sum(c.value) AS value
    FROM conversions c JOIN versions v ON v.id = c.version_id
    WHERE c.journey_id = :journey AND c.workspace_id = :workspace AND c.value IS NOT NULL
        AND (CAST(:number AS int) IS NULL OR v.number = :number)
    GROUP BY 1, 2, 3, 4
    """
)


def goals(tx: Connection, workspace_id: int, journey_id: UUID, number: int | None) -> list[dict[str, Any]]:
    """Each goal of the journey: conversions, rate and value of those who were sent messages, and of those held out."""
    values = {"workspace": workspace_id, "journey": journey_id, "number": number}
    counted: dict[tuple[str, str], int] = defaultdict(int)
    by_version: dict[tuple[int, str], int] = defaultdict(int)
    for node_id, what, n, version in tx.execute(COUNTS, values):
        counted[node_id, what] += n
        if not node_id:
            by_version[version, what] += n
    worth: dict[tuple[str, str], Group] = defaultdict(Group)
    for goal, held_out, node_id, currency, value in tx.execute(REVENUE, values):
        for place in {"", "" if held_out else node_id}:
            worth[f"{goal}/{held_out}", place].add_value(currency, value)
    drawn = graphs_of(tx, workspace_id, journey_id, number)
    channels = {node["id"]: node["kind"] for graph in drawn.values() for node in graph["nodes"]}
    return [
        _goal(goal, counted, by_version, worth, channels)
        for goal in named_goals(drawn, {what.partition(":")[2] for _, what in counted if ":" in what}).values()
    ]


def _goal(
    goal: dict[str, Any],
    counted: dict[tuple[str, str], int],
    by_version: dict[tuple[int, str], int],
    worth: dict[tuple[str, str], Group],
    kinds: dict[str, str],
) -> dict[str, Any]:
    id = goal["id"]
    reached, held = f"converted:{id}", f"converted_held_out:{id}"
    group, apart = worth[f"{id}/False", ""], worth[f"{id}/True", ""]
    apart.n, apart.reached = counted.get(("", "held_out"), 0), counted.get(("", held), 0)
    group.n, group.reached = counted.get(("", "entered"), 0) - apart.n, counted.get(("", reached), 0)
    messages = []
    for node_id, what in sorted(counted):
        if node_id and what == reached:
            own = worth[f"{id}/False", node_id]
            own.n, own.reached = group.n, counted[node_id, what]
            messages.append({"node": node_id, "kind": kinds.get(node_id, ""), **own.told()})
    return {
        "id": id,
        "name": goal_named({"settings": {"goals": [goal]}}, id),
        "event": goal.get("event", ""),
        "entered": group.n,
        **group.told(),
        "holdout": {"entered": apart.n, **apart.told()} if apart.n else None,
        **(beside(group, apart) if apart.n else NOT_COMPARED),
        "messages": messages,
        "versions": [_of_version(number, id, by_version) for number in sorted({number for number, _ in by_version})],
    }


def _of_version(number: int, goal: str, counted: dict[tuple[int, str], int]) -> dict[str, Any]:
    """The goal in one version, those held out left aside."""
    entered = counted.get((number, "entered"), 0) - counted.get((number, "held_out"), 0)
    group = Group(entered, counted.get((number, f"converted:{goal}"), 0))
    told = group.told()
    return {"version": number, "entered": entered, "conversions": group.reached, "rate": told["rate"]}


def graphs_of(tx: Connection, workspace_id: int, journey_id: UUID, number: int | None = None) -> dict[int, Any]:
    """The drawings of the versions by their ids, the oldest first; of one version or of all."""
    own = journeys.versions_of(tx, workspace_id, journey_id)
    ids = {one["id"] for one in own if number in (None, one["number"])}
    found = journeys.graphs(tx, workspace_id, ids)
    return {id: found[id]["graph"] for id in sorted(found)}


def named_goals(drawn: dict[int, Any], counted: set[str]) -> dict[str, dict[str, Any]]:
    """The goals of these versions as the newest one names them; those of the newest first, then what older ones had."""
    known: dict[str, dict[str, Any]] = {}
    for graph in reversed(drawn.values()):
        for goal in graph.get("settings", {}).get("goals", ()):
            known.setdefault(goal["id"], goal)
    newest = next(reversed(drawn.values()), {"settings": {}})
    current = {goal["id"] for goal in newest.get("settings", {}).get("goals", ())}
    return {id: goal for id, goal in known.items() if id in current or id in counted}


# Walks exposures_by_journey. A customer belongs to the arm they got first, once, however often they entered.
ARMS = text(
    """
    WITH own AS (
        SELECT enrollment_id, customer_id, arm, version_id, at FROM exposures
        WHERE journey_id = :journey AND workspace_id = :workspace AND node_id = :node
    ), first AS (
        SELECT DISTINCT ON (customer_id) customer_id, arm, version_id FROM own ORDER BY customer_id, at, enrollment_id
    ), won AS (
        SELECT o.customer_id, c.currency, sum(c.value) AS value
        FROM own o JOIN conversions c ON c.enrollment_id = o.enrollment_id AND c.goal = :goal AND c.occurred_at >= o.at
        GROUP BY 1, 2
    )
    SELECT f.arm, f.version_id, count(DISTINCT f.customer_id) AS n, count(DISTINCT w.customer_id) AS reached,
        GROUPING(w.currency) = 1 AS whole, coalesce(w.currency, '') AS currency, sum(w.value) AS value
    FROM first f LEFT JOIN won w ON w.customer_id = f.customer_id
    GROUP BY GROUPING SETS ((f.arm, f.version_id), (f.arm, f.version_id, w.currency))
    HAVING GROUPING(w.currency) = 1 OR sum(w.value) IS NOT NULL
    """
)


def experiments(tx: Connection, workspace_id: int, journey_id: UUID, node: str, goal: str) -> list[dict[str, Any]]:
    """Each random split of the journey (or one) with each goal (or one): the arms side by side, by customers."""
    drawn = graphs_of(tx, workspace_id, journey_id)
    splits: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(dict)
    for version_id, graph in drawn.items():
        for one in graph["nodes"]:
            if one["kind"] == "random_split" and node in ("", one["id"]):
                splits[one["id"]][version_id] = arms_of(one)
    goals = [one for one in named_goals(drawn, set()).values() if goal in ("", one["id"])]
    found = []
    for node_id, versions in splits.items():
        for one in goals:
            rows = tx.execute(
                ARMS, {"workspace": workspace_id, "journey": journey_id, "node": node_id, "goal": one["id"]}
            )
            found.append(_experiment(node_id, versions, one, rows.all()))
    return found


def arms_of(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The arms of a split as they are drawn, or as they are by default."""
    return node.get("settings", {}).get("arms") or KINDS["random_split"].settings["arms"].default


def _experiment(
    node_id: str, versions: dict[int, list[dict[str, Any]]], goal: dict[str, Any], rows: list[Any]
) -> dict[str, Any]:
    groups: dict[str, Group] = defaultdict(Group)
    came: dict[int, dict[str, int]] = {version_id: {} for version_id in versions}
    for row in rows:
        group = groups[row.arm]
        if row.whole:
            group.n, group.reached = group.n + row.n, group.reached + row.reached
            came.setdefault(row.version_id, {})[row.arm] = row.n
        else:
            group.add_value(row.currency, row.value)
    newest = versions[max(versions)]
    drawn = [{arm["id"]: arm.get("weight", 50) for arm in versions.get(version_id, newest)} for version_id in came]
    return {
        "node": node_id,
        "goal": {"id": goal["id"], "name": goal_named({"settings": {"goals": [goal]}}, goal["id"])},
        "unit": "customers",
        "arms": side_by_side(newest, groups),
        "ratio": ratio(drawn, list(came.values())),
    }
