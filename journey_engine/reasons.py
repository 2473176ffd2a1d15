"""Reasons in words: what stands in a history, a refusal or a message as a word, as a sentence in both languages.

A reason is `{"why": word, …}` with the values that were read. In a sentence `{name}` is a value of the reason, and what
stands in [brackets] is left out when its value is missing. A word that is not in a table here fails the tests.
"""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from journey_engine.model.comparison import RuleProblem
from journey_engine.model.rule import parse
from journey_engine.text import NAME, Text

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
SHORT = 120

REASONS: dict[str, Text] = {
    # how an enrollment begins
    "event": Text("{event} happened", "发生了 {event}"),
    "entry": Text("the customer entered", "客户进入了旅程"),
    "absence": Text(
        "{event} happened[ at {armed_at}] and was not followed by {not_events} in time",
        "[{armed_at} ]发生 {event} 之后没有及时发生 {not_events}",
    ),
    "inactive": Text(
        "nothing of {events} for {days} days[, last at {last_at}]", "{days} 天没有 {events}[，最近一次在 {last_at}]"
    ),
    "attribute changed": Text(
        "an attribute changed[: {attribute}][ from {from}][ to {to}]",
        "属性发生变化[：{attribute}][，原为 {from}][，现为 {to}]",
    ),
    "requested": Text(
        "it was asked for[ by {by}][ through {via}]", "被手动或通过接口加入[，操作者 {by}][，途径 {via}]"
    ),
    "started": Text("journey started by another journey[: {journey}]", "由另一个旅程启动[：{journey}]"),
    "message": Text("a message was {what}[ on {channel}]", "[{channel} ]消息状态变为 {what}"),
    "schedule": Text("the time of the schedule came[: {time}]", "到达计划时间[：{time}]"),
    "date": Text("the date {attribute} came[: {date}]", "到达日期 {attribute}[：{date}]"),
    "segment": Text("the customer joined or left the segment[ {name}]", "客户加入或离开了分群[ {name}]"),
    # why somebody does not enter
    "filter": Text("the filter does not hold[: {leaves}]", "不满足过滤条件[：{leaves}]"),
    "late event": Text("the event was more than 24 hours old when it arrived", "事件到达时已超过 24 小时"),
    "no key": Text("the event does not carry the key {key}", "事件中没有键属性 {key}"),
    "nth": Text("it was the {count}. time, not the one asked for", "这是第 {count} 次，不是所要求的次数"),
    "already in": Text("the customer was already in the journey[ {max} times]", "客户已经在旅程中[（{max} 次）]"),
    "re-entry": Text(
        "entering again is not allowed[ within {days} days; the last time was {last}]",
        "不允许再次进入[（{days} 天内，上一次在 {last}）]",
    ),
    "volume": Text("the journey takes at most {at_most} customers per {per}", "旅程每 {per} 最多进入 {at_most} 位客户"),
    "active again": Text("the customer was active again[ at {last_at}]", "客户已再次活跃[，最近一次在 {last_at}]"),
    "date changed": Text("the date {attribute} was changed meanwhile[: {date}]", "日期 {attribute} 已被修改[：{date}]"),
    "set_aside": Text("it could not be worked and was set aside[: {detail}]", "无法处理，已搁置[：{detail}]"),
    "updated": Text(
        "the customer was in the journey already, which goes on with the new event",
        "客户已在旅程中，旅程以新事件的内容继续",
    ),
    # what happens at nodes
    "wait": Text(
        "waits[ until {until}][ for {events}][ ({wall} in {zone})]",
        "等待[到 {until}][，等待 {events}][（{zone} 时间 {wall}）]",
    ),
    "waited": Text("the wait is over", "等待结束"),
    "timeout": Text("nothing came in time", "超时，未发生所等待的事件"),
    "heard": Text("{event} happened; the highest is taken at the end", "发生了 {event}，到时取最靠前的事件"),
    "open": Text("the time window is open[ in {zone}]", "处于时间窗口内[（{zone}）]"),
    "already past": Text("the time was past already[: {wall} in {zone}]", "时间已过[：{zone} 时间 {wall}]"),
    "no date": Text("the customer has no date under {name}", "客户没有日期 {name}"),
    "rule": Text("{leaves}", "{leaves}"),
    "value": Text("{name} is {read}", "{name} 为 {read}"),
    "split": Text("the random split gave the arm {arm}", "随机分流分到 {arm} 组"),
    "changed": Text("attributes were changed: {attributes}", "修改了属性：{attributes}"),
    "tagged": Text("tags were changed[ ({action}): {tags}]", "修改了标签[（{action}）：{tags}]"),
    "remembered": Text(
        "values were remembered: {variables}[; missing: {missing}]", "记住了变量：{variables}[；缺少：{missing}]"
    ),
    "coupon": Text(
        "the coupon {code} was granted[, valid until {expires_at}]", "发放了优惠券 {code}[，有效期至 {expires_at}]"
    ),
    "no_coupon": Text("the coupon pool was empty", "优惠券池已空"),
    "emitted": Text("the event {event} was told", "发出了事件 {event}"),
    "started_other": Text(
        "another journey was started for the customer: {journey}", "为客户启动了另一个旅程：{journey}"
    ),
    "stopped_other": Text(
        "another journey was stopped for the customer: {journey}", "为客户停止了另一个旅程：{journey}"
    ),
    "consent": Text("the consent on {channel} became {state}", "{channel} 的同意状态变为 {state}"),
    "answered": Text("the address answered with {status}[: {detail}]", "对方返回 {status}[：{detail}]"),
    "approval": Text("waits for a colleague: {question}[, until {until}]", "等待同事审批：{question}[，截止 {until}]"),
    "approved": Text("[{by} ]released it[: {note}]", "[{by} ]已放行[：{note}]"),
    "refused": Text("[{by} ]refused it[: {note}]", "[{by} ]已拒绝[：{note}]"),
    "goal reached": Text("the goal {goal} was reached", "达成目标 {goal}"),
    "disabled": Text("the node is disabled", "节点已停用"),
    "sent": Text("the message was queued", "消息已进入发送队列"),
    "held out": Text(
        "the customer is held out of the {scope}'s marketing, so the message was only recorded",
        "客户属于对照组（{scope}），消息只记录、不发送",
    ),
    "skipped": Text(
        "the message was not sent: {check}[ ({detail})][: {leaves}]", "消息未发送：{check}[（{detail}）][：{leaves}]"
    ),
    "failed": Text("it failed[: {detail}]", "失败[：{detail}]"),
    "retried": Text("an operator had it tried again", "运营人员要求重试"),
    "wake": Text("the time came", "时间到了"),
    # versions and pauses
    "moved": Text("[{by} ]moved the customer to a version published anew", "[{by} ]将客户移到新发布的版本"),
    "published": Text("version {version} was published", "发布了第 {version} 版"),
    "still held": Text("the hold goes on in the new version[ until {until}]", "在新版本中继续停留[到 {until}]"),
    "passed over": Text(
        "the pause lasted longer than the wait, so the node was passed over", "暂停期间已到期，按设置跳过该节点"
    ),
    # how an enrollment ends
    "end": Text("the way ended[: {note}]", "旅程走到终点[：{note}]"),
    "exit_event": Text("{event} happened, on which the journey is left", "发生了 {event}，按设置退出旅程"),
    "exit_rule": Text("the exit rule held[: {leaf}]", "满足退出条件[：{leaf}]"),
    "goal": Text("the goal[ {goal}] was reached by {event}", "{event} 达成了目标[ {goal}]"),
    "stopped": Text("the journey was stopped", "旅程已停止"),
    "late": Text(
        "it came due in a pause and was too late at its end[: {due_at}]", "在暂停期间到期，恢复时已过晚[：{due_at}]"
    ),
    "moved out": Text("a version was published without a place for the customer", "新发布的版本中没有客户的位置"),
    "restarted": Text("the trigger fired again, and the journey began anew", "触发器再次触发，旅程重新开始"),
    "cancelled": Text("{event} happened in time and stopped the clock", "及时发生了 {event}，计时停止"),
    "armed anew": Text("the clock was set anew", "重新开始计时"),
    "merged": Text(
        "the customer became one with another, who was in the journey longer", "客户被合并，保留了更早进入的一次"
    ),
    "erased": Text("the customer was erased", "客户已被删除"),
}
"""What stands under `why` in a path, a refusal or the end of an enrollment."""

CHECKS: dict[str, Text] = {
    "journey": Text("the journey is not live", "旅程未在运行"),
    "enrollment": Text("the customer is no longer in the journey", "客户已不在旅程中"),
    "exit_rule": Text("the exit rule holds", "满足退出条件"),
    "goal": Text("the goal is reached already", "已达成目标"),
    "customer_filter": Text("the customer filter of the journey does not hold", "不满足旅程的客户条件"),
    "node_filter": Text("the filter of the node does not hold", "不满足节点的发送条件"),
    "address": Text("there is no valid address to send to", "没有可用的有效地址"),
    "consent": Text("the customer does not want marketing on this channel", "客户已拒收该渠道的营销消息"),
    "holdout": Text("the customer is held out", "客户属于对照组"),
    "cap": Text("the frequency cap is reached", "已达到频次上限"),
    "legal_window": Text("the legal window is closed", "不在法定允许的时段"),
    "quiet_hours": Text("it is quiet hours", "处于免打扰时段"),
    "template": Text("the template cannot be used", "模板无法使用"),
    "account": Text("there is no account to send with", "没有可用的发送账号"),
}
"""Each check before a send, as the sentence of its stop."""

STOPPED: dict[str, Text] = {
    "unsubscribed": Text("the customer unsubscribed before it left", "发出之前客户已退订"),
    "consent": Text("the customer unsubscribed before it left", "发出之前客户已退订"),
    "erased": Text("the customer was erased before it left", "发出之前客户已被删除"),
    "stopped": Text("the journey was stopped before it left", "发出之前旅程已停止"),
    "exited": Text("the customer left the journey before it left", "发出之前客户已退出旅程"),
    "holdout": Text("the customer is held out, so it was only recorded", "客户属于对照组，消息只记录、不发送"),
}
"""Why a message is suppressed."""

RECEIPTS: dict[str, Text] = {
    "sent": Text("sent", "已发出"),
    "delivered": Text("delivered", "已送达"),
    "opened": Text("opened", "已打开"),
    "clicked": Text("clicked", "已点击"),
    "failed": Text("not delivered", "未送达"),
    "replied": Text("answered", "已回复"),
    "bounced": Text("bounced", "被退回"),
    "complained": Text("complained about", "被投诉"),
    "unsubscribed": Text("unsubscribed from", "已退订"),
}
"""What a provider says later."""

NO_WORDS = Text("{why}", "{why}")


def sentence(reason: dict[str, Any], zone: str = "UTC") -> Text:
    """A reason as a sentence; instants are told in this zone."""
    words = REASONS.get(reason.get("why", ""), NO_WORDS)
    values = {name: told(name, value, zone) for name, value in reason.items() if value not in (None, "", [], {})}
    empty = {name for half in words for name in NAME.findall(half)} - values.keys()
    filled = words.without(empty)
    left = {name: "…" for half in filled for name in NAME.findall(half) if name not in values}
    return filled.format(**values, **left)


def told(name: str, value: Any, zone: str) -> Text:
    """One value of a reason as it reads inside a sentence."""
    if name == "leaves" and isinstance(value, list):
        return joined([leaf_told(one) for one in value], "; ", "；")
    if name == "leaf" and isinstance(value, dict):
        return leaf_told(value)
    if name == "check" and value in CHECKS:
        return CHECKS[value]
    if isinstance(value, str):
        return _plain(instant_told(value, zone) if INSTANT.fullmatch(value) else value)
    if isinstance(value, dict):
        return _plain(", ".join(f"{key}: {inner}" for key, inner in value.items()))
    if isinstance(value, list | tuple):
        return joined([_plain(str(one)) for one in value], " or ", " 或 ")
    return _plain(str(value))


def leaf_told(leaf: dict[str, Any]) -> Text:
    """A leaf of a rule with what was read: “tier is gold (read silver): no”."""
    try:
        summary = parse(leaf["leaf"]).summary()
    except (RuleProblem, KeyError, TypeError):
        summary = _plain(str(leaf.get("leaf", "")))
    read = leaf.get("read")
    value = _plain("" if read is None else str(read))
    nothing = Text("nothing", "无")
    shape = Text("{summary} (read {read}): {held}", "{summary}（读到 {read}）：{held}")
    held = Text("yes", "是") if leaf.get("held") else Text("no", "否")
    return shape.format(summary=summary, read=value if value.en else nothing, held=held)


def instant_told(value: datetime | str, zone: str) -> str:
    """An instant as the clock in this zone shows it."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if at.tzinfo else at.strftime("%Y-%m-%d %H:%M")


def joined(parts: list[Text], en: str, zh: str) -> Text:
    return Text(en.join(part.en for part in parts), zh.join(part.zh for part in parts))


def _plain(value: str) -> Text:
    """The same in both languages, and never long."""
    short = value if len(value) <= SHORT else value[: SHORT - 1] + "…"
    return Text(short, short)


NOTHING_ASKED = Text("Choose a journey to ask about.", "请选择要查询的旅程。")


def merged_into(survivor: Any) -> Text:
    """The answer about a customer who became one with another."""
    words = Text(
        "This customer became one with {survivor}; what happened is told there.",
        "该客户已合并到 {survivor}，请在那里查看。",
    )
    return words.format(survivor=str(survivor))
