"""The short forms of a story: spans of time as `1h30m`, and drawings whose loose ends simply end."""

import re
from datetime import timedelta
from typing import Any

from journey_engine.as_code.files import document_of
from journey_engine.catalog import KINDS

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SIZES = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
END = "end"


def span(short: str) -> timedelta:
    """`1h30m` as a timedelta; a leading minus is before the story begins."""
    if not re.fullmatch(r"-?(\d+[smhd])+", short):
        raise ValueError(f"{short!r} is not a time of a story; write it like 90s, 1h30m or 2d")
    sign = -1 if short.startswith("-") else 1
    return sign * sum((timedelta(**{UNITS[u]: int(n)}) for n, u in re.findall(r"(\d+)([smhd])", short)), timedelta())


def in_short(time: timedelta) -> str:
    """A span as it is told, from days down to seconds."""
    left, told = int(time.total_seconds()), ""
    for unit, size in SIZES:
        amount, left = divmod(left, size)
        told += f"{amount}{unit}" if amount else ""
    return told or "0s"


def drawing(told: dict[str, Any]) -> dict[str, Any]:
    """The document of a drawing in short forms. What must lead somewhere and does not is led to the exit `end`."""
    document = document_of(told)
    for node in document["nodes"]:
        node["settings"] = _long(node["kind"], node.get("settings", {}))
    loose = [edge for node in document["nodes"] for edge in _loose(node, document["edges"])]
    if loose and all(node["id"] != END for node in document["nodes"]):
        document["nodes"].append({"id": END, "kind": "exit", "settings": {}})
    return {"settings": {}, **document, "edges": document["edges"] + loose}


def _long(kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Durations may be told as `2h`."""
    known = KINDS[kind].settings
    durations = {name for name, one in known.items() if one.type == "duration"}
    return {
        name: _duration(value) if name in durations and isinstance(value, str) else value
        for name, value in settings.items()
    }


def _duration(short: str) -> dict[str, Any]:
    found = re.fullmatch(r"(\d+)([smhd])", short)
    if found is None:
        raise ValueError(f"{short!r} is not a duration; write it like 90m, 2h or 3d")
    return {"amount": int(found[1]), "unit": UNITS[found[2]]}


def _loose(node: dict[str, Any], edges: list[dict[str, str]]) -> list[dict[str, str]]:
    kind = KINDS[node["kind"]]
    exits = kind(**kind.load(node["settings"])).exit_list()
    taken = {edge["exit"] for edge in edges if edge["from"] == node["id"]}
    return [
        {"from": node["id"], "exit": exit.id, "to": END} for exit in exits if exit.required and exit.id not in taken
    ]
