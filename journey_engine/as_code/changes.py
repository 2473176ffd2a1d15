"""What a file would change, line by line, as it reads in a terminal."""

from collections.abc import Iterator
from typing import Any

from journey_engine.diff import diff
from journey_engine.text import Text

ADDED = Text("+ {node}: {sentence}", "+ {node}：{sentence}")
REMOVED = Text("- {node}: {sentence}", "- {node}：{sentence}")
CHANGED = Text("~ {node} ({title}): {name}: {before} → {after}", "~ {node}（{title}）：{name}：{before} → {after}")
LED = Text("~ {node}:{exit}: to {before} → to {after}", "~ {node}:{exit}：通向 {before} → 通向 {after}")
JOURNEY = Text("~ journey: {name}: {before} → {after}", "~ 旅程设置：{name}：{before} → {after}")
LOOKS = Text("~ places and notes on the canvas", "~ 画布上的位置与备注")


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Text]:
    """One line per change; none when both are the same."""
    if whole(before) == whole(after):
        return []
    return list(_lines(diff(before, after))) or [LOOKS]


def whole(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what may be left out."""
    nodes = [{"settings": {}, **node} for node in document.get("nodes", [])]
    edges = sorted(document.get("edges", []), key=lambda edge: (edge["from"], edge["exit"]))
    return {"settings": {}, **document, "nodes": nodes, "edges": edges}


def _lines(found: dict[str, list[dict[str, Any]]]) -> Iterator[Text]:
    for one in found["added"]:
        yield ADDED.format(node=one["node"], sentence=_text(one["sentence"]))
    for one in found["removed"]:
        yield REMOVED.format(node=one["node"], sentence=_text(one["sentence"]))
    for one in found["changed"]:
        for setting in one["settings"]:
            yield CHANGED.format(node=one["node"], title=_text(one["title"]), **_values(setting, setting["title"]))
    for one in found["rewired"]:
        values = {name: _text(one[name]) for name in ("before", "after")}
        yield LED.format(node=one["node"], exit=_text(one["exit"]), **values)
    for one in found["audience"]:
        if one["node"] is None:
            yield JOURNEY.format(**_values(one, one["title"]))


def _values(told: dict[str, Any], title: dict[str, str]) -> dict[str, Text]:
    return {"name": _text(title), "before": _text(told["before"]), "after": _text(told["after"])}


def _text(told: Any) -> Text:
    return Text(**told) if isinstance(told, dict) else Text(str(told), str(told))
