"""Journey files: a journey as YAML or JSON, out and in again without loss.

    name: Abandoned cart
    graph:
      settings: {reentry: {policy: one_per_key}}
      nodes:
        left:  {kind: absence, settings: {event: Cart Updated, not_events: [Order Completed], key: cart_id}}
        sms:   {kind: send_sms, settings: {template_code: SMS_1, text: Your cart}}
      edges:
        - left > sms
        - sms:failed > mail
    references:
      0198…: {type: segment, name: At risk}

`nodes` may also be a list of objects with an `id`, `edges` objects of `from`, `exit` and `to`; both are what the API
answers. `references` name what the settings mean by an id, so that the file can be applied to another installation.
"""

import contextlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from journey_engine.errors import Invalid, JourneyError
from journey_engine.graph import read_shape
from journey_engine.text import Text

FIELDS = {"name", "graph", "references"}
ARROW = re.compile(r"\s*(?P<source>[^\s:>]+)(?::(?P<exit>[^\s:>]+))?\s*>\s*(?P<target>[^\s:>]+)\s*")
BREAKS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
PLAIN = re.compile(r"[^\s:>]+")
LARGEST = 10_000_000

NOT_READ = Text("{file}: {reason}", "{file}：{reason}")
NO_FILE = Text("The file cannot be read ({why}).", "无法读取该文件（{why}）。")
NOT_YAML = Text("This is not YAML or JSON: {why}", "这不是有效的 YAML 或 JSON：{why}")
NOT_A_JOURNEY = Text(
    "A journey file has a name and a graph with nodes and edges.",
    "旅程文件应包含 name，以及带有 nodes 和 edges 的 graph。",
)
BAD_EDGE = Text(
    "{edge!r} is not an edge; write `node > node` or `node:exit > node`.",
    "{edge!r} 不是连线，应写作 `节点 > 节点` 或 `节点:出口 > 节点`。",
)


class BadFile(JourneyError):
    """A file that cannot be read as a journey; the text says where and why."""

    code = "file"

    def __init__(self, file: str, reason: Text):
        self.text = NOT_READ.format(file=Text(file, file), reason=reason)
        super().__init__(self.text.en)


@dataclass(slots=True)
class JourneyFile:
    """What a file says: the journey's name, its document, and what the ids in it mean elsewhere."""

    name: str
    graph: dict[str, Any]
    references: dict[str, dict[str, str]] = field(default_factory=dict)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML whose plain words stay what they look like: only `true` and `false` are booleans, dates are text."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


class _Dumper(yaml.SafeDumper):
    """YAML without anchors, so that a line can be read by itself."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def a_text(self, data: str) -> yaml.Node:
        """Line breaks of other alphabets would be read as spaces; in double quotes they are written as escapes."""
        style = '"' if BREAKS.search(data) else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


_Dumper.add_representer(str, _Dumper.a_text)


def load(path: Path) -> JourneyFile:
    """The journey of a file; raises BadFile."""
    try:
        content = path.read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise BadFile(str(path), NO_FILE.format(why=Text(why, why))) from error
    return read(content.decode("utf-8-sig", "replace"), str(path))


def read(text: str, name: str) -> JourneyFile:
    """The journey that a text tells; `name` is the file's, for what is said of it. Raises BadFile."""
    told = parse(text, name)
    if not isinstance(told, dict):
        raise BadFile(name, NOT_A_JOURNEY)
    if "graph" not in told and "nodes" in told:  # the document alone
        told = {"graph": {key: value for key, value in told.items() if key != "name"}, "name": told.get("name", "")}
    if not set(told) <= FIELDS or not isinstance(told.get("graph"), dict) or not isinstance(told.get("name", ""), str):
        raise BadFile(name, NOT_A_JOURNEY)
    references = told.get("references") or {}
    if not isinstance(references, dict) or not all(isinstance(one, dict) for one in references.values()):
        raise BadFile(name, NOT_A_JOURNEY)
    try:
        graph = read_shape(document_of(told["graph"], name))
    except Invalid as error:
        raise BadFile(name, getattr(error, "text", None) or Text(error.message, error.message)) from error
    return JourneyFile(told.get("name") or Path(name).stem, graph, {str(id): one for id, one in references.items()})


def parse(text: str, name: str) -> Any:
    """What a YAML or JSON text says; raises BadFile."""
    if len(text) > LARGEST:
        raise BadFile(name, NOT_A_JOURNEY)
    if text.lstrip().startswith(("{", "[")):
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(text)
    try:
        return yaml.load(text, _Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise BadFile(name, NOT_YAML.format(why=Text(why, why))) from error


def document_of(told: dict[str, Any], name: str = "") -> dict[str, Any]:
    """The document as the engine keeps it, from the short forms of a file."""
    document = dict(told)
    nodes = document.get("nodes") or []
    if isinstance(nodes, dict):
        document["nodes"] = [{"id": str(id), **(one if isinstance(one, dict) else {})} for id, one in nodes.items()]
    document["edges"] = [_edge(one, name) for one in document.get("edges") or []]
    return document


def _edge(told: Any, name: str) -> Any:
    if not isinstance(told, str):
        return told
    found = ARROW.fullmatch(told)
    if found is None:
        raise BadFile(name, BAD_EDGE.format(edge=told))
    return {"from": found["source"], "exit": found["exit"] or "next", "to": found["target"]}


def in_its_place(document: dict[str, Any], draft: dict[str, Any]) -> dict[str, Any]:
    """The document, with nodes that say no place standing where the draft has them."""
    places = {node["id"]: node["position"] for node in draft.get("nodes", []) if node.get("position")}
    nodes = [
        {**node, "position": places[node["id"]]} if not node.get("position") and node["id"] in places else node
        for node in document.get("nodes", [])
    ]
    return {**document, "nodes": nodes}


def write(file: JourneyFile, form: str = "yaml") -> str:
    """The file as text; reading it again gives the same journey."""
    if form == "json":
        told = {"name": file.name, "graph": file.graph, **({"references": file.references} if file.references else {})}
        return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    graph = dict(file.graph)
    graph["nodes"] = _short_nodes(graph.get("nodes", []))
    graph["edges"] = [_short_edge(edge) for edge in graph.get("edges", [])]
    told = {"name": file.name, "graph": graph, **({"references": file.references} if file.references else {})}
    return yaml.dump(told, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=116)


def _short_nodes(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    return {node["id"]: {key: value for key, value in node.items() if key != "id"} for node in nodes}


def _short_edge(edge: dict[str, str]) -> Any:
    """`a:exit > b` where the names allow it."""
    if not all(PLAIN.fullmatch(part) for part in edge.values()):
        return dict(edge)
    exit = "" if edge["exit"] == "next" else f":{edge['exit']}"
    return f"{edge['from']}{exit} > {edge['to']}"
