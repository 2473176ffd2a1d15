"""Advice: what in a drawing deserves a second look before it is published. Nothing here keeps it from being published.

A wait without a maximum; a split that asks for what cannot have happened yet; more messages within a day than anybody
likes to get; a condition that the trigger has already ruled out.
"""

import heapq
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from journey_engine.config import MESSAGES_A_DAY
from journey_engine.model.comparison import Comparison
from journey_engine.model.contradiction import contradiction
from journey_engine.model.rule import Rule
from journey_engine.model.rules.base import Group, Leaf
from journey_engine.model.rules.compared import Compared
from journey_engine.nodes.sending import Sending
from journey_engine.problem import WARNING, Problem
from journey_engine.text import Text

if TYPE_CHECKING:  # a graph asks for advice
    from journey_engine.graph import Graph

DAY_S = timedelta(days=1).total_seconds()
UNHEARD = ("delivered", "opened", "clicked", "replied")
"""What a message is told of only after it has left."""


def advise(graph: "Graph", broken: Collection[str] = ()) -> list[Problem]:
    """Everything in this drawing that deserves a second look; of `broken` nodes too little is known to say anything."""
    paths = Paths(graph, broken)
    return [*_endless(paths), *_too_early(paths), *_too_many(paths), *_contradictions(graph, paths)]


class Paths:
    """The ways through a graph, node by node; a disabled or broken node is passed through as if it did nothing."""

    def __init__(self, graph: "Graph", broken: Collection[str]):
        self.nodes = {id: node for id, node in graph.nodes.items() if not node.disabled and id not in broken}
        self.next: dict[str, set[str]] = {}
        self.previous: dict[str, set[str]] = {}
        for (source, _), target in graph.edges.items():
            self.next.setdefault(source, set()).add(target)
            self.previous.setdefault(target, set()).add(source)

    def holds(self, id: str) -> bool:
        return id in self.nodes and self.nodes[id].holds

    def least_s(self, id: str) -> float:
        """The least time in seconds that anybody spends at a node."""
        return self.nodes[id].shortest().total_seconds() if id in self.nodes else 0.0

    def from_(self, start: str, *, at_once: bool = False) -> Iterator[str]:
        """The nodes after this one; `at_once`: only those that are reached without ever being held."""
        seen, queue = {start}, [start]
        while queue:
            for target in self.next.get(queue.pop(), ()):
                if target not in seen:
                    seen.add(target)
                    yield target
                    if not (at_once and self.holds(target)):
                        queue.append(target)


def _endless(paths: Paths) -> list[Problem]:
    """Nodes at which somebody may stand for ever."""
    found = []
    for node in paths.nodes.values():
        if node.endless():
            message = Text("“{node}” may wait for ever.", "“{node}”可能会一直等下去。").format(node=node.title)
            remedy = Text("Give it a maximum.", "请填写最长等待时间。")
            found.append(Problem("graph:no_maximum", message, remedy, (node.id,), WARNING, "timeout"))
    return found


def _too_early(paths: Paths) -> list[Problem]:
    """Splits that are reached at once after a message and ask what became of it."""
    found = []
    asking = {id: leaves for id, node in paths.nodes.items() if not node.holds and (leaves := node.leaves())}
    for message in _messages(paths) if asking else ():
        for id in paths.from_(message, at_once=True):
            if any(_asks_about(leaf, message) for leaf in asking.get(id, ())):
                node = paths.nodes[id]
                text = Text(
                    "“{node}” asks right after a message for something that cannot have happened yet.",
                    "“{node}”紧跟在消息之后，此时所判断的事情还不可能发生。",
                ).format(node=node.title)
                remedy = Text("Put a wait between them.", "请在两者之间加入等待。")
                found.append(Problem("graph:too_early", text, remedy, (message, id), WARNING))
    return found


def _asks_about(leaf: Leaf, message: str) -> bool:
    """Whether it reads what was heard of this message, or what happened since it."""
    told = leaf.to_json()
    if told.get("message") in UNHEARD and told.get("node") == message:
        return True
    return told.get("since") == {"node": message}


def _too_many(paths: Paths) -> list[Problem]:
    """A way on which a customer may get more messages within a day than they like."""
    first, messages = _soonest(paths, MESSAGES_A_DAY + 1)
    if first is None:
        return []
    text = Text(
        "A customer may get more than {n} messages within 24 hours here.",
        "客户在这里 24 小时内可能收到超过 {n} 条消息。",
    ).format(n=MESSAGES_A_DAY)
    remedy = Text("Put longer waits between them.", "请在它们之间加入更长的等待。")
    return [Problem("graph:too_many_messages", text, remedy, tuple(dict.fromkeys(messages)), WARNING)]


def _soonest(paths: Paths, wanted: int) -> tuple[str | None, list[str]]:
    """The message after which the wanted number, it included, can follow soonest, and all of them; (None, []) when not
    within a day.

    Layer by layer: the least time from each node to the message that completes so many.
    """
    sending = list(_messages(paths))
    times: dict[str, float] = dict.fromkeys(sending, 0.0)
    ways: list[dict[str, str]] = []
    for _ in range(wanted - 1):
        reached, led = _nearest(paths, times)
        times, way = {}, {}
        for id in sending:
            least = min(((reached[t], t) for t in paths.next.get(id, ()) if t in reached), default=None)
            if least is not None and least[0] + paths.least_s(id) < DAY_S:
                times[id], way[id] = least[0] + paths.least_s(id), led[least[1]]
        ways.append(way)
    if not times:
        return None, []
    first = min(times, key=lambda id: (times[id], id))
    messages = [first]
    for way in reversed(ways):
        messages.append(way[messages[-1]])
    return first, messages


def _nearest(paths: Paths, times: dict[str, float]) -> tuple[dict[str, float], dict[str, str]]:
    """From every node within a day of one of these messages: the least time to it, and which it is."""
    reached: dict[str, float] = {}
    led: dict[str, str] = {}
    queue = [(time, id, id) for id, time in times.items()]
    heapq.heapify(queue)
    while queue:
        time, id, message = heapq.heappop(queue)
        if id in reached:
            continue
        reached[id], led[id] = time, message
        for source in paths.previous.get(id, ()):
            sooner = time + paths.least_s(source)
            if source not in reached and sooner < DAY_S:
                heapq.heappush(queue, (sooner, source, message))
    return reached, led


def _messages(paths: Paths) -> Iterator[str]:
    """Nodes that write to the customer; a webhook tells the shop."""
    sending = (one for one in paths.nodes.values() if isinstance(one, Sending) and one.shelf == Sending.shelf)
    return (node.id for node in sending if node.channel != "webhook")


def _contradictions(graph: "Graph", paths: Paths) -> list[Problem]:
    """Filters that exclude themselves, and branches that everybody's trigger has already ruled out."""
    found = []
    triggers = {id: one for id, one in graph.triggers.items() if not one.disabled}
    filters = {id: tuple(getattr(one, "where", None) or ()) for id, one in triggers.items()}
    for id, where in filters.items():
        if pair := contradiction(where):
            found.append(_contradicts(pair, (id,)))
    reaching: dict[str, list[str]] = {}
    for id in filters:
        for target in paths.from_(id):
            reaching.setdefault(target, []).append(id)
    for id, starts in reaching.items():
        for asked in map(list, map(_must_hold, paths.nodes[id].rules() if id in paths.nodes else ())):
            pairs = [contradiction((*filters[start], *asked)) for start in starts] if asked else []
            if pairs and all(pairs) and not any(contradiction(filters[start]) for start in starts):
                found.append(_contradicts(pairs[0], (*starts, id)))
    return found


def _contradicts(pair: tuple[Comparison, Comparison], nodes: tuple[str, ...]) -> Problem:
    text = Text("“{one}” and “{other}” can never both be true.", "“{one}”与“{other}”不可能同时成立。")
    remedy = Text("Change one of them.", "请修改其中一个条件。")
    filled = text.format(one=pair[0].summary(), other=pair[1].summary())
    return Problem("graph:contradiction", filled, remedy, nodes, WARNING)


def _must_hold(rule: Rule) -> Iterator[Comparison]:
    """Comparisons of the starting event's properties without which the rule cannot hold."""
    if isinstance(rule, Compared) and rule.noun == "property":
        yield rule.comparison
    elif isinstance(rule, Group) and (rule.every or len(rule.rules) == 1):
        for one in rule.rules:
            yield from _must_hold(one)
