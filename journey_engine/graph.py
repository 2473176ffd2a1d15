"""A graph: the document that a marketer draws, checked and made runnable.

    {"settings": {...}, "nodes": [{"id", "kind", "settings", "position"}], "edges": [{"from", "exit", "to"}]}

`read_shape` refuses what can never be a drawing; `check` lists what keeps a drawing from being published; `build` makes
the `Graph` that a turn walks through.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from journey_engine.advice import advise
from journey_engine.catalog import KINDS
from journey_engine.config import NODES_PER_GRAPH
from journey_engine.errors import Invalid
from journey_engine.journey_settings import GO_TO, JourneySettings
from journey_engine.model.rule import Rule
from journey_engine.model.rules.base import Leaf
from journey_engine.nodes.approval import Approval
from journey_engine.nodes.base import Node, Piece
from journey_engine.nodes.emit_event import EmitEvent
from journey_engine.nodes.sending import Sending
from journey_engine.problem import ERROR, WARNING, Problem
from journey_engine.setting import problems_of
from journey_engine.templates import TemplateProblem
from journey_engine.templates import check as check_template
from journey_engine.text import Text
from journey_engine.triggers.base import Trigger

ID_CHARS = 64
NOTE_CHARS = 2_000
NODE_KEYS = {"id", "kind", "settings", "position", "disabled", "note"}
EDGE_KEYS = {"from", "exit", "to"}
DOCUMENT_KEYS = {"settings", "nodes", "edges", "notes"}


@dataclass(slots=True)
class Graph:
    """A checked graph. Stages ask it where an exit leads and what a node is."""

    settings: Any
    triggers: dict[str, Trigger] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], str] = field(default_factory=dict)

    def target(self, node_id: str, exit: str) -> str | None:
        """The node that an exit leads to; an optional exit that is not wired falls through to `next`."""
        found = self.edges.get((node_id, exit))
        return found if found is not None else self.edges.get((node_id, "next"))

    def wired(self, node_id: str, exit: str) -> bool:
        return (node_id, exit) in self.edges

    def events(self) -> frozenset[str]:
        """Every event name that can start, move or end an enrollment in this graph."""
        names = {one.event for one in (*self.settings.exit_events, *self.settings.goals) if one.event}
        for trigger in self.triggers.values():
            names |= trigger.watches()
        for node in self.nodes.values():
            names |= node.hears()
        return frozenset(names)

    def rules(self) -> list[Rule]:
        """The rules that the journey as a whole judges, at moves and before messages."""
        return [rule for rule in (self.settings.exit_rule, self.settings.customer_filter) if rule is not None]


def read_shape(document: Any) -> dict[str, Any]:
    """The document itself when it can be a drawing; raises Invalid naming the nodes when it cannot."""
    if not isinstance(document, dict) or not set(document) <= DOCUMENT_KEYS:
        raise Invalid("A graph is {settings, nodes, edges}.", code="graph:shape")
    nodes, edges = document.get("nodes", []), document.get("edges", [])
    if not isinstance(nodes, list) or not isinstance(edges, list):
        raise Invalid("`nodes` and `edges` are lists.", code="graph:shape")
    if len(nodes) > NODES_PER_GRAPH or len(edges) > 20 * NODES_PER_GRAPH:
        message = f"A journey has at most {NODES_PER_GRAPH} nodes; this one has {len(nodes)}. Split it in two."
        raise Invalid(message, code="graph:too_many_nodes")
    _read_nodes(nodes)
    _read_edges(edges, {node["id"] for node in nodes})
    if not isinstance(document.get("settings", {}), dict):
        raise Invalid("`settings` is an object.", code="graph:shape")
    return document


def _read_nodes(nodes: list[Any]) -> None:
    seen: set[str] = set()
    for node in nodes:
        if not isinstance(node, dict) or not set(node) <= NODE_KEYS:
            raise Invalid("A node is {id, kind, settings, position}.", code="graph:shape")
        id, kind = node.get("id"), node.get("kind")
        if not isinstance(id, str) or not 0 < len(id) <= ID_CHARS:
            raise Invalid(f"A node's id is a text of 1 to {ID_CHARS} characters.", code="graph:shape")
        where = {"nodes": [id]}
        if id in seen:
            message = f"Two nodes have the id {id}. Give one of them another."
            raise Invalid(message, code="graph:duplicate_id", where=where)
        seen.add(id)
        if not isinstance(kind, str) or kind not in KINDS:
            message = f"{kind!r} is not a kind of node. Use one of {', '.join(KINDS)}."
            raise Invalid(message, code="graph:unknown_kind", where=where)
        if not isinstance(node.get("settings", {}), dict) or not _is_position(node.get("position")):
            message = "A node's settings are an object, its position is {x, y}."
            raise Invalid(message, code="graph:shape", where=where)
        if not isinstance(node.get("disabled", False), bool) or not _is_note(node.get("note", "")):
            message = f"`disabled` is true or false, `note` a text of at most {NOTE_CHARS} characters."
            raise Invalid(message, code="graph:shape", where=where)


def _is_note(note: Any) -> bool:
    return isinstance(note, str) and len(note) <= NOTE_CHARS


def _is_position(position: Any) -> bool:
    if position is None:
        return True
    numbers = isinstance(position, dict) and set(position) == {"x", "y"}
    return numbers and all(isinstance(v, int | float) and abs(v) < 1e7 for v in position.values())


def _read_edges(edges: list[Any], ids: set[str]) -> None:
    taken: set[tuple[str, str]] = set()
    for edge in edges:
        if not isinstance(edge, dict) or set(edge) != EDGE_KEYS or not all(isinstance(v, str) for v in edge.values()):
            raise Invalid("An edge is {from, exit, to}.", code="graph:shape")
        source, exit, target = edge["from"], edge["exit"], edge["to"]
        where = {"nodes": [source, target], "exit": exit}
        if source not in ids or target not in ids:
            message = f"The edge from {source} to {target} ends at a node that does not exist. Remove it."
            raise Invalid(message, code="graph:dangling_edge", where=where)
        if source == target:
            message = f"The node {source} leads to itself. Lead it to another node."
            raise Invalid(message, code="graph:self_edge", where=where)
        if (source, exit) in taken:
            message = f"The exit {exit} of {source} leads to two nodes. Keep one."
            raise Invalid(message, code="graph:exit_taken", where=where)
        taken.add((source, exit))


def build(document: dict[str, Any]) -> Graph:
    """The runnable graph of a published document; raises Invalid when it has problems that `check` would name."""
    graph, problems = _assemble(document)
    if problems:
        raise Invalid(code="graph:problems", where={"problems": [one.to_json() for one in problems]})
    return graph


def check(document: dict[str, Any]) -> list[Problem]:
    """Everything that keeps this drawing from being published, and what deserves a second look."""
    graph, problems = _assemble(document)
    pieces: dict[str, Piece] = {**graph.triggers, **graph.nodes}
    if all(trigger.disabled for trigger in graph.triggers.values()):
        problems.append(NO_TRIGGER)
    problems += _exits(graph, pieces)
    problems += _unreachable(graph)
    problems += _cycles(graph)
    problems += _goals(graph)
    problems += _circles(graph)
    problems += _strangers(graph, pieces)
    broken = {id for one in problems if one.code == "graph:setting" for id in one.nodes}
    return problems + _templates(graph, broken) + advise(graph, broken)


NO_TRIGGER = Problem(
    "graph:no_trigger",
    Text("Nothing starts this journey.", "没有任何触发器能启动这个旅程。"),
    Text("Add a trigger and lead it to the first node.", "添加一个触发器并连接到第一个节点。"),
)


def _assemble(document: dict[str, Any]) -> tuple[Graph, list[Problem]]:
    """Load every node's settings; a node with bad settings is kept with what is known, and named."""
    problems: list[Problem] = []
    graph = Graph(_journey_settings(document.get("settings", {}), problems))
    for raw in document.get("nodes", []):
        piece = _load_piece(raw, problems)
        shelf = graph.triggers if isinstance(piece, Trigger) else graph.nodes
        shelf[piece.id] = piece
    graph.edges = {(edge["from"], edge["exit"]): edge["to"] for edge in document.get("edges", [])}
    return graph, problems


def _journey_settings(raw: dict[str, Any], problems: list[Problem]) -> Any:
    try:
        return _Namespace(**JourneySettings.load(raw))
    except ValidationError as error:
        for name, sentence in problems_of(error).items():
            problems.append(_bad_setting((), name, name, sentence))
        return _Namespace(**JourneySettings.load({}))


class _Namespace:
    def __init__(self, **values: Any):
        self.__dict__.update(values)


def _load_piece(raw: dict[str, Any], problems: list[Problem]) -> Piece:
    kind = KINDS[raw["kind"]]
    try:
        values = kind.load(raw.get("settings", {}))
        piece = kind(raw["id"], raw.get("disabled", False), **values)
        for sentence in piece.problems():
            problems.append(_bad_setting((piece.id,), "", kind.title, sentence))
        return piece
    except ValidationError as error:
        for name, sentence in problems_of(error).items():
            title = kind.settings[name].title if name in kind.settings else name
            problems.append(_bad_setting((raw["id"],), name, title, sentence))
        good = {name: value for name, value in (error.valid_data or {}).items() if name in kind.settings}
        good |= {
            name: _half_filled(raw.get("settings", {}).get(name)) for name in error.messages if _is_list(kind, name)
        }
        return kind(raw["id"], raw.get("disabled", False), **{**dict.fromkeys(kind.settings), **good})


def _is_list(kind: type[Piece], name: str) -> bool:
    return name in kind.settings and kind.settings[name].type == "list"


def _half_filled(items: Any) -> tuple[dict[str, Any], ...] | None:
    """Those items of a list that already have an id, as they were written: their exits are drawn and led on."""
    items = items if isinstance(items, list) else []
    return tuple(item for item in items if isinstance(item, dict) and isinstance(item.get("id"), str)) or None


def _bad_setting(nodes: tuple[str, ...], name: str, title: Text | str, sentence: Text | str) -> Problem:
    title = title if isinstance(title, Text) else Text(title, title)
    sentence = sentence if isinstance(sentence, Text) else Text(sentence, sentence)
    message = Text("{title}: {sentence}.", "{title}：{sentence}。").format(title=title, sentence=sentence)
    remedy = Text("Open the node and fill it in.", "打开该节点填写。")
    return Problem("graph:setting", message, remedy, nodes, setting=name)


def _exits(graph: Graph, pieces: dict[str, Piece]) -> list[Problem]:
    """Required exits that lead nowhere, edges from exits that do not exist, edges into a trigger."""
    problems = []
    exits_of: dict[str, list[str]] = {}
    for source, exit_id in graph.edges:
        exits_of.setdefault(source, []).append(exit_id)
    for piece in pieces.values():
        known = {exit.id for exit in piece.exit_list()}
        for exit in piece.exit_list():
            if exit.required and not graph.wired(piece.id, exit.id):
                message = Text("“{exit}” of “{node}” leads nowhere.", "“{node}”的出口“{exit}”没有连接。")
                remedy = Text("Lead it to a node, or to an Exit.", "把它连接到一个节点或“结束”。")
                filled = message.format(exit=exit.title, node=piece.title)
                problems.append(Problem("graph:unwired", filled, remedy, (piece.id,)))
        for exit_id in exits_of.get(piece.id, ()):
            if exit_id not in known:
                message = Text("“{node}” has no exit “{exit}”.", "“{node}”没有出口“{exit}”。")
                filled = message.format(node=piece.title, exit=exit_id)
                problems.append(
                    Problem("graph:unknown_exit", filled, Text("Remove the edge.", "删除这条连线。"), (piece.id,))
                )
    for (source, _), target in graph.edges.items():
        if target in graph.triggers:
            message = Text("A trigger cannot be led to.", "不能连接到触发器。")
            remedy = Text("Lead the edge to another node.", "把连线指向其他节点。")
            problems.append(Problem("graph:into_trigger", message, remedy, (source, target)))
    return problems


def _successors(graph: Graph) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for (source, _), target in graph.edges.items():
        found.setdefault(source, []).append(target)
    return found


def _unreachable(graph: Graph) -> list[Problem]:
    successors, seen, queue = _successors(graph), set(graph.triggers), list(graph.triggers)
    while queue:
        for target in successors.get(queue.pop(), ()):
            if target not in seen:
                seen.add(target)
                queue.append(target)
    lost = tuple(id for id in graph.nodes if id not in seen)
    if not lost or not graph.triggers:
        return []
    message = Text("Nobody can reach these nodes.", "没有客户能到达这些节点。")
    remedy = Text("Lead an exit to them, or delete them.", "把某个出口连接到它们，或者删除它们。")
    return [Problem("graph:unreachable", message, remedy, lost)]


def _cycles(graph: Graph) -> list[Problem]:
    """A cycle through nodes where nobody can stand would turn for ever."""
    moving = {id for id, node in graph.nodes.items() if not node.holds or node.disabled}
    successors = {id: [t for t in targets if t in moving] for id, targets in _successors(graph).items() if id in moving}
    done: set[str] = set()
    for start in moving:
        cycle = _cycle_from(start, successors, done)
        if cycle:
            message = Text("These nodes form a cycle without a wait.", "这些节点构成了没有等待的循环。")
            remedy = Text("Put a wait into it, or lead one elsewhere.", "在循环中加入等待，或改变其中一条连线。")
            return [Problem("graph:cycle", message, remedy, tuple(cycle))]
    return []


def _cycle_from(start: str, successors: dict[str, list[str]], done: set[str]) -> list[str]:
    """Walk depth first without recursion, so that a graph of a thousand nodes cannot exhaust the stack."""
    path: list[str] = []
    on_path: set[str] = set()
    stack: list[tuple[str, Iterator[str]]] = []

    def enter(id: str) -> None:
        path.append(id)
        on_path.add(id)
        stack.append((id, iter(successors.get(id, ()))))

    if start not in done:
        enter(start)
    while stack:
        id, targets = stack[-1]
        target = next(targets, None)
        if target is None:
            stack.pop()
            path.pop()
            on_path.discard(id)
            done.add(id)
        elif target in on_path:
            return path[path.index(target) :]
        elif target not in done:
            enter(target)
    return []


def _goals(graph: Graph) -> list[Problem]:
    """Goals that lead to a node which is not there, and Goal nodes whose goal is not."""
    problems = []
    title = JourneySettings.settings["goals"].title
    for goal in graph.settings.goals:
        if goal.verb == GO_TO and goal.node not in graph.nodes:
            name = goal.name or goal.event or goal.id
            sentence = Text(f"“{name}” leads to a node that is not there", f"“{name}”指向不存在的节点")
            problems.append(_bad_setting((), "goals", title, sentence))
    known = {goal.id for goal in graph.settings.goals}
    for node in graph.nodes.values():
        if node.kind == "goal" and node.goal is not None and node.goal not in known:
            sentence = Text("choose one of the journey's goals", "请选择旅程中的一个目标")
            problems.append(_bad_setting((node.id,), "goal", node.title, sentence))
    return problems


def _strangers(graph: Graph, pieces: dict[str, Piece]) -> list[Problem]:
    """Settings and rules that name a node which is not there."""
    problems = []
    for piece in pieces.values():
        named = {name: getattr(piece, name, None) for name, one in piece.settings.items() if one.type == "node"}
        for name, id in named.items():
            if id and id not in pieces:
                problems.append(_stranger(piece.id, name, piece.settings[name].title, id))
        for id in dict.fromkeys(filter(None, map(_node_of, piece.leaves()))):
            if id not in pieces:
                problems.append(_stranger(piece.id, "", piece.title, id))
    return problems


def _node_of(leaf: Leaf) -> str:
    """The node of this journey that a leaf speaks of."""
    told = leaf.to_json()
    since = told.get("since")
    named = since.get("node", "") if isinstance(since, dict) else ""
    return named or ("" if "journey" in told else told.get("node", ""))


def _stranger(id: str, name: str, title: Text, named: str) -> Problem:
    sentence = Text(f"there is no node “{named}”; choose another", f"没有节点“{named}”，请重新选择")
    return _bad_setting((id,), name, title, sentence)


def _circles(graph: Graph) -> list[Problem]:
    """An event that the journey tells and also starts with: customers would go round until the engine stops them."""
    starting = {getattr(trigger, "event", None) for trigger in graph.triggers.values() if not trigger.disabled}
    found = []
    for node in graph.nodes.values():
        if isinstance(node, EmitEvent) and not node.disabled and node.event and node.event in starting:
            once = graph.settings.reentry.policy == "never"
            message = Text("“{event}” starts the journey that tells it.", "“{event}”会再次启动发出它的本旅程。")
            remedy = Text("Tell another event, or start with another.", "请改用其他事件来发出或触发。")
            filled = message.format(event=node.event)
            severity = WARNING if once else ERROR
            found.append(Problem("graph:own_event", filled, remedy, (node.id,), severity, "event"))
    return found


def _templates(graph: Graph, broken: set[str]) -> list[Problem]:
    problems = []
    for node in graph.nodes.values():
        if not isinstance(node, Sending | Approval) or node.id in broken:
            continue
        for part, source in node.templates().items():
            try:
                check_template(source)
            except TemplateProblem as problem:
                sentence = Text(f"{part}: {problem.text.en.rstrip('.')}", f"{part}：{problem.text.zh.rstrip('。')}")
                problems.append(_bad_setting((node.id,), part, node.title, sentence))
    return problems
