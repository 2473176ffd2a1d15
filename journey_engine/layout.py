"""Places for nodes that came without one, such as those of a journey made by a program: rows from the triggers down."""

from typing import Any

CARD_WIDTH, CARD_HEIGHT = 248, 120
ACROSS, DOWN = CARD_WIDTH + 56, CARD_HEIGHT + 56


def place(document: dict[str, Any]) -> dict[str, Any]:
    """The document with a position for every node; when some have one, the others are placed beside them."""
    nodes = document.get("nodes", [])
    placed = [node["position"] for node in nodes if node.get("position")]
    if len(placed) == len(nodes):
        return document
    left = max((position["x"] for position in placed), default=-ACROSS) + ACROSS
    top = min((position["y"] for position in placed), default=0)
    rows: dict[int, int] = {}
    depths = _depths(document)

    def position(node: dict[str, Any]) -> dict[str, float]:
        depth = depths[node["id"]]
        column = rows[depth] = rows.get(depth, -1) + 1
        return {"x": left + column * ACROSS, "y": top + depth * DOWN}

    every = [node if node.get("position") else {**node, "position": position(node)} for node in nodes]
    return {**document, "nodes": every}


def _depths(document: dict[str, Any]) -> dict[str, int]:
    """How many steps each node is away from where nothing leads to; a node nobody leads to begins a row at the top."""
    followers: dict[str, list[str]] = {node["id"]: [] for node in document.get("nodes", [])}
    led_to = {edge["to"] for edge in document.get("edges", [])}
    for edge in document.get("edges", []):
        followers[edge["from"]].append(edge["to"])
    depths = {id: 0 for id in followers if id not in led_to}
    queue = list(depths)
    for id in queue:
        for target in followers[id]:
            if target not in depths:
                depths[target] = depths[id] + 1
                queue.append(target)
    return {id: depths.get(id, 0) for id in followers}
