"""Leaves that read where a customer stands: tags, segments, consents, journeys, and the messages they were sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from journey_engine.model.comparison import RuleProblem, read_name, same
from journey_engine.model.needs import Needs
from journey_engine.model.rules.base import Leaf, Scope
from journey_engine.model.rules.window import KEYS, Span, Window, parse_window
from journey_engine.model.standing import SentMessage
from journey_engine.text import Text

TAGS = "tags"
"""The attribute that holds a customer's tags."""


@dataclass(frozen=True, slots=True)
class Tagged(Leaf):
    """Whether the customer has a tag."""

    tag: str

    def read(self, scope: Scope) -> tuple[bool, Any]:
        tags = scope.facts.attributes.get(TAGS)
        return isinstance(tags, list) and any(same(one, self.tag) for one in tags), tags

    def reads(self) -> Needs:
        return Needs(attributes={TAGS})

    def to_json(self) -> dict[str, Any]:
        return {"tag": self.tag}

    def summary(self, nested: bool = False) -> Text:
        return Text(f"has the tag {self.tag}", f"有标签 {self.tag}")


@dataclass(frozen=True, slots=True)
class InSegment(Leaf):
    """Whether the customer is a member of a segment."""

    segment: str

    def read(self, scope: Scope) -> tuple[bool, Any]:
        held = self.segment in scope.facts.segments
        return held, held

    def reads(self) -> Needs:
        return Needs(segments={self.segment})

    def to_json(self) -> dict[str, Any]:
        return {"segment": self.segment}

    def summary(self, nested: bool = False) -> Text:
        return Text(f"is in the segment {self.segment}", f"属于分群 {self.segment}")


STATES = {
    "granted": Text("agreed to", "已同意"),
    "withdrawn": Text("does not want", "已拒绝"),
    "none": Text("said nothing about", "未表态"),
}


@dataclass(frozen=True, slots=True)
class Consented(Leaf):
    """What the customer last said about being written to on a channel about a topic."""

    channel: str
    topic: str
    state: str

    def read(self, scope: Scope) -> tuple[bool, Any]:
        state = scope.facts.consents.get((self.channel, self.topic), "none")
        return state == self.state, state

    def reads(self) -> Needs:
        return Needs(consents={self.channel})

    def to_json(self) -> dict[str, Any]:
        return {"consent": self.channel, "topic": self.topic, "state": self.state}

    def summary(self, nested: bool = False) -> Text:
        said = STATES[self.state]
        return Text(f"{said.en} {self.topic} by {self.channel}", f"对 {self.channel} 的 {self.topic} {said.zh}")


PLACES = {"is_in": Text("is in", "正在"), "was_in": Text("was in", "曾进入"), "reached": Text("reached", "到达过")}


@dataclass(frozen=True, slots=True)
class Journeyed(Leaf):
    """Whether the customer is in a journey, entered it at any time, or reached one of its nodes."""

    journey: str
    state: str
    node: str = ""

    def read(self, scope: Scope) -> tuple[bool, Any]:
        entries = [one for one in scope.facts.entries if one.journey_id == self.journey]
        if self.state == "is_in":
            held = any(one.live for one in entries)
        elif self.state == "was_in":
            held = bool(entries)
        else:
            held = any(self.node in one.nodes for one in entries)
        return held, len(entries)

    def reads(self) -> Needs:
        return Needs(journeys={self.journey})

    def to_json(self) -> dict[str, Any]:
        told = {"journey": self.journey, "state": self.state}
        return told | ({"node": self.node} if self.node else {})

    def summary(self, nested: bool = False) -> Text:
        said = PLACES[self.state]
        node = Text(f"node {self.node} of ", f"节点 {self.node}，") if self.node else Text("", "")
        return Text(f"{said.en} {node.en}the journey {self.journey}", f"{said.zh}{node.zh}旅程 {self.journey}")


SENT = "sent"
PROVED_BY = {
    "delivered": ("delivered", "opened", "clicked", "replied"),
    "opened": ("opened", "clicked", "replied"),
    "clicked": ("clicked",),
    "replied": ("replied",),
}
"""Who clicked has opened, whatever the provider said of that: what is known is counted."""

MESSAGE_WORDS = {
    SENT: Text("was sent", "被发送过"),
    "delivered": Text("received", "收到过"),
    "opened": Text("opened", "打开过"),
    "clicked": Text("clicked", "点击过"),
    "replied": Text("replied to", "回复过"),
}


@dataclass(frozen=True, slots=True)
class Messaged(Leaf):
    """Whether a message left, arrived, was opened, clicked or answered: of a node, a journey, a channel, or any."""

    what: str
    did: bool
    window: Window
    journey: str = ""
    node: str = ""
    channel: str = ""

    def read(self, scope: Scope) -> tuple[bool, Any]:
        span = self.window.span(scope)
        if span is None:
            return False, None
        last_at = max(self._times(scope, span), default=None)
        return (last_at is not None) is self.did, last_at.isoformat() if last_at else None

    def _times(self, scope: Scope, span: Span) -> list[datetime]:
        journey = self.journey or (scope.facts.journey_id if self.node else "")
        times = (
            self.happened_at(message)
            for message in scope.facts.messages
            if (not journey or message.journey_id == journey)
            and (not self.node or message.node_id == self.node)
            and (not self.channel or message.channel == self.channel)
        )
        return [at for at in times if at is not None and span.holds(at)]

    def happened_at(self, message: SentMessage) -> datetime | None:
        """When it is first known of a message."""
        if self.what == SENT:
            return message.sent_at
        return min((message.receipts[k] for k in PROVED_BY[self.what] if k in message.receipts), default=None)

    def reads(self) -> Needs:
        needs = Needs(messages=True, clock=self.window.last is not None)
        needs.entry = self.window.reads_entry or bool(self.node and not self.journey)
        if self.window.node:
            needs.nodes.add(self.window.node)
        return needs

    def turns_at(self, scope: Scope) -> datetime | None:
        lasts, span = self.window.lasts, self.window.span(scope)
        if lasts is None or span is None:
            return None
        return min((at + lasts for at in self._times(scope, span)), default=None)

    def to_json(self) -> dict[str, Any]:
        named = {"journey": self.journey, "node": self.node, "channel": self.channel}
        return {
            "message": self.what,
            "did": self.did,
            **{word: value for word, value in named.items() if value},
            **self.window.to_json(),
        }

    def summary(self, nested: bool = False) -> Text:
        verb, when = MESSAGE_WORDS[self.what], self.window.summary()
        en = f"{'' if self.did else 'not: '}{verb.en} a message"
        of = [("by", self.channel), ("of node", self.node), ("of the journey", self.journey)]
        en += "".join(f" {word} {value}" for word, value in of if value)
        places = [("渠道", self.channel), ("节点", self.node), ("旅程", self.journey)]
        where = "、".join(f"{word} {value}" for word, value in places if value)
        zh = f"{when.zh}{'' if self.did else '没有'}{verb.zh}{f'{where} 的' if where else ''}消息"
        return Text(f"{en}{when.en}", zh)


def parse_tag(raw: dict[str, Any]) -> Tagged:
    _only(raw, {"tag"})
    return Tagged(read_name(raw["tag"], Text("name the tag", "请填写标签")))


def parse_segment(raw: dict[str, Any]) -> InSegment:
    _only(raw, {"segment"})
    return InSegment(_id(raw["segment"], Text("choose a segment", "请选择分群")))


def parse_consent(raw: dict[str, Any]) -> Consented:
    _only(raw, {"consent", "topic", "state"})
    channel = read_name(raw["consent"], Text("choose the channel", "请选择渠道"))
    topic = read_name(raw.get("topic", "marketing"), Text("name the topic", "请填写主题"))
    state = raw.get("state", "granted")
    if state not in STATES:
        raise RuleProblem("a consent is granted, withdrawn or none", "同意状态只能是 granted、withdrawn 或 none")
    return Consented(channel, topic, state)


def parse_journey(raw: dict[str, Any]) -> Journeyed:
    _only(raw, {"journey", "state", "node"})
    journey = _id(raw["journey"], Text("choose a journey", "请选择旅程"))
    state = raw.get("state", "is_in")
    if state not in PLACES:
        raise RuleProblem("a customer is_in, was_in or reached", "状态只能是 is_in、was_in 或 reached")
    if state != "reached":
        _only(raw, {"journey", "state"})
        return Journeyed(journey, state)
    return Journeyed(journey, state, read_name(raw.get("node"), Text("choose the node", "请选择节点")))


def parse_message(raw: dict[str, Any]) -> Messaged:
    _only(raw, {"message", "did", "journey", "node", "channel"} | KEYS)
    what, did = raw["message"], raw.get("did", True)
    if what not in MESSAGE_WORDS or not isinstance(did, bool):
        raise RuleProblem(
            "a message was sent, delivered, opened, clicked or replied",
            "消息状态只能是 sent、delivered、opened、clicked 或 replied",
        )
    journey = _id(raw["journey"], Text("choose a journey", "请选择旅程")) if raw.get("journey") else ""
    node = read_name(raw["node"], Text("choose the node", "请选择节点")) if raw.get("node") else ""
    channel = read_name(raw["channel"], Text("choose the channel", "请选择渠道")) if raw.get("channel") else ""
    return Messaged(what, did, parse_window(raw), journey, node, channel)


def _only(raw: dict[str, Any], keys: set[str]) -> None:
    odd = ", ".join(sorted(map(str, raw.keys() - keys)))
    if odd:
        raise RuleProblem("{odd} has no place in this condition", "该条件中不能有 {odd}", odd=odd)


def _id(value: Any, problem: Text) -> str:
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError) as error:
        raise RuleProblem(*problem) from error
