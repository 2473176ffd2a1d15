"""The difference between two drawings as a marketer reads it: nodes, settings, ways, timing, and who may come in.

Where nodes stand on the canvas, and what is noted at them, is no difference.
"""

from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError

from journey_engine.catalog import KINDS
from journey_engine.journey_settings import JourneySettings
from journey_engine.nodes.base import Piece
from journey_engine.setting import Setting, Settings, shown
from journey_engine.text import Text

LONGEST = 200
"""Characters of a value that are shown; a mail's HTML has many more."""

DISABLED = Text("Disabled", "停用")
YES, NO, NOTHING = Text("yes", "是"), Text("no", "否"), Text("…", "…")
END = Text("the end", "结束")

Node = dict[str, Any]


def diff(before: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What changes when `after` takes the place of `before`; without one, everything is new."""
    before = before or {"nodes": [], "edges": []}
    was, now = _by_id(before), _by_id(after)
    both = [id for id in now if id in was]
    changed = [one for id in both if (one := _changed(was[id], now[id]))]
    return {
        "added": [_named(now[id]) for id in now if id not in was],
        "removed": [_named(was[id]) for id in was if id not in now],
        "changed": changed,
        "rewired": list(_rewired(before, after, was, now)),
        "timing": list(_sentences(was, now, _tells_time)),
        "audience": [*_sentences(was, now, _is_trigger), *_journey_settings(before, after)],
    }


def title_of(node: Node) -> Text:
    """What a kind of node is called."""
    kind = KINDS.get(node["kind"])
    return kind.title if kind else Text(node["kind"], node["kind"])


def sentence_of(node: Node) -> Text:
    """What this node does, with its settings in it, as far as they can be read."""
    piece = _piece(node)
    return _short(piece.summary()) if piece else title_of(node)


def _by_id(document: dict[str, Any]) -> dict[str, Node]:
    return {node["id"]: node for node in document.get("nodes", [])}


def _named(node: Node) -> dict[str, Any]:
    told = {"title": title_of(node).to_json(), "sentence": sentence_of(node).to_json()}
    return {"node": node["id"], "kind": node["kind"], **told}


def _piece(node: Node) -> Piece | None:
    """The node with its settings filled in, unless they cannot be."""
    kind = KINDS.get(node["kind"])
    try:
        return kind(node["id"], node.get("disabled", False), **kind.load(node.get("settings") or {})) if kind else None
    except ValidationError:
        return None


def _changed(was: Node, now: Node) -> dict[str, Any] | None:
    """A node that is in both drawings and has other settings, or is of another kind."""
    if was["kind"] != now["kind"]:
        kind = {"name": "kind", "title": Text("Kind", "类型").to_json()}
        settings = [kind | {"before": title_of(was).to_json(), "after": title_of(now).to_json()}]
    else:
        settings = list(_settings(KINDS.get(now["kind"]), was.get("settings") or {}, now.get("settings") or {}))
    off = [bool(node.get("disabled")) for node in (was, now)]
    if off[0] != off[1]:
        settings.append(_setting("disabled", DISABLED, *(YES if one else NO for one in off)))
    return _named(now) | {"settings": settings} if settings else None


def _settings(kind: type[Settings] | None, was: dict[str, Any], now: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The settings that differ; one that is not said has its default."""
    for name, one in kind.settings.items() if kind else ():
        values = [raw.get(name, one.default) for raw in (was, now)]
        if values[0] != values[1]:
            yield _setting(name, one.title, *(_told(value, one) for value in values))


def _setting(name: str, title: Text, before: Text, after: Text) -> dict[str, Any]:
    told = {"before": _short(before).to_json(), "after": _short(after).to_json()}
    return {"name": name, "title": title.to_json(), **told}


def _told(raw: Any, one: Setting) -> Text:
    """A value as it reads, also when it could not be saved like this today."""
    if raw is None or raw == "" or raw == []:
        return NOTHING
    if one.secret:
        return Text("•••", "•••")
    if isinstance(raw, bool):
        return YES if raw else NO
    if one.items is not None:
        return _objects(raw if isinstance(raw, list) else [raw], one.items)
    try:
        return shown(one.field().deserialize(raw), one)
    except (ValidationError, TypeError, KeyError):
        return Text(str(raw), str(raw))


def _objects(items: list[Any], of: type[Settings]) -> Text:
    """Items of a list: each by its name, with what else is set in brackets."""
    told = [_object(item, of) for item in items if isinstance(item, dict)]
    return Text("; ".join(one.en for one in told), "；".join(one.zh for one in told))


def _object(item: dict[str, Any], of: type[Settings]) -> Text:
    name = str(item.get("name") or item.get("event") or item.get("id") or "")
    rest = [
        (one.title, _told(item[key], one))
        for key, one in of.settings.items()
        if key != "id" and item.get(key) not in (None, "", [], {}, False) and str(item[key]) != name
    ]
    english = ", ".join(f"{title.en}: {value.en}" for title, value in rest)
    chinese = "，".join(f"{title.zh}：{value.zh}" for title, value in rest)
    if not name:
        return Text(english, chinese)
    return Text(f"{name} ({english})", f"{name}（{chinese}）") if rest else Text(name, name)


def _short(text: Text) -> Text:
    return Text(*(one if len(one) <= LONGEST else one[: LONGEST - 1] + "…" for one in text))


def _rewired(
    before: dict[str, Any], after: dict[str, Any], was: dict[str, Node], now: dict[str, Node]
) -> Iterator[dict[str, Any]]:
    """Exits of nodes in both drawings that lead elsewhere."""
    edges = [{(edge["from"], edge["exit"]): edge["to"] for edge in one.get("edges", [])} for one in (before, after)]
    for source, exit in sorted(edges[0].keys() | edges[1].keys()):
        targets = [one.get((source, exit)) for one in edges]
        if source in was and source in now and targets[0] != targets[1]:
            ends = [_place(target, nodes).to_json() for target, nodes in zip(targets, (was, now), strict=True)]
            yield _named(now[source]) | {"exit": exit, "before": ends[0], "after": ends[1]}


def _place(target: str | None, nodes: dict[str, Node]) -> Text:
    return sentence_of(nodes[target]) if target in nodes else END


def _tells_time(node: Node) -> bool:
    kind = KINDS.get(node["kind"])
    return kind is not None and (kind.shelf == "timing" or any(s.type == "duration" for s in kind.settings.values()))


def _is_trigger(node: Node) -> bool:
    kind = KINDS.get(node["kind"])
    return kind is not None and kind.role == "trigger"


def _sentences(was: dict[str, Node], now: dict[str, Node], concerns: Any) -> Iterator[dict[str, Any]]:
    """Nodes of a sort whose sentence, settings or presence differ; what is not there has no sentence."""
    for id in {**was, **now}:
        pair = [nodes[id] if id in nodes and concerns(nodes[id]) else None for nodes in (was, now)]
        if pair[0] is None and pair[1] is None:
            continue
        if pair[0] is None or pair[1] is None or _changed(pair[0], pair[1]):
            before, after = (sentence_of(node).to_json() if node else None for node in pair)
            named = {"node": id, "title": title_of(pair[1] or pair[0]).to_json()}
            yield {**named, "before": before, "after": after}


def _journey_settings(before: dict[str, Any], after: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Who may come again and what ends a journey concern its audience too; a first version has no before."""
    if before.get("nodes"):
        for one in _settings(JourneySettings, before.get("settings") or {}, after.get("settings") or {}):
            yield {"node": None, **{key: one[key] for key in ("title", "before", "after")}}
