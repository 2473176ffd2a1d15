"""Call a webhook: ask another system, wait for its answer, and keep values of it as context variables.

The call leaves as a message of the webhook account, at least once and known by its webhook-id; the customer is held
until the outcome is there. What no answer came from in time has failed, though a later try may still reach the system.
"""

from typing import Any

from journey_engine.model.decision import Draft, Remember, go, send
from journey_engine.model.duration import Duration
from journey_engine.model.internal import ANSWERED, answers
from journey_engine.nodes.send_webhook import SendWebhook
from journey_engine.setting import Settings, setting
from journey_engine.text import Text


class Kept(Settings):
    """One value of the answer and the variable that keeps it."""

    name: str = setting("variable", "Variable", "变量", required=True)
    path: str = setting(
        "text",
        "Value in the answer",
        "响应中的值",
        default="",
        help=Text(
            "A path such as data.items.0.code. Empty: the whole answer.",
            "路径，例如 data.items.0.code；留空为整个响应。",
        ),
    )


class CallWebhook(SendWebhook):
    kind, icon, shelf, holds = "call_webhook", "webhook", "actions", True
    title = Text("Call a webhook for an answer", "调用接口并取回结果")
    help = Text(
        "Posts signed JSON to an address, waits for its answer and keeps values of it as variables. Tries again while "
        "the address is out of reach; the receiver knows repeats by webhook-id.",
        "向指定地址发送带签名的 JSON，等待响应并把其中的值存为变量。"
        "对方不可用时会重试，接收方可用 webhook-id 识别重复请求。",
    )
    sentence = Text("Ask {url}, at most {timeout}", "请求 {url} 的结果，最长 {timeout}")

    timeout: Duration = setting("duration", "Wait at most", "最长等待", default={"amount": 1, "unit": "hours"})
    keep: tuple = setting("list", "Keep", "保存", default=[], items=Kept)
    message_class = "transactional"

    def hears(self):
        return frozenset((ANSWERED,))

    def visit(self, visitors, now):
        draft, until = Draft(self.channel, self.account, self.message_class), now + self.timeout.span
        return [send(visitor, draft, until) for visitor in visitors]

    def resume(self, visitors, now):
        return [go(visitor, "failed", {"why": "timeout"}) for visitor in visitors]

    def hear(self, visitor, event, now):
        if not answers(event, visitor.enrollment):
            return None
        told = event.properties
        reason = {"why": "answered", "status": told["status"], "event_id": str(event.id)}
        if not told["ok"] or (self.keep and told["body"] is None):
            return go(visitor, "failed", {**reason, "detail": told["detail"] or "the answer is not JSON"})
        values = {one.name: value_at(told["body"], one.path) for one in self.keep}
        effects = [Remember(values)] if values else []
        return go(visitor, "next", {**reason, "variables": sorted(values)}, effects=effects)


def value_at(body: Any, path: str) -> Any:
    """The value under a dotted path of names and places in lists; null when there is none."""
    for part in path.split(".") if path else ():
        if isinstance(body, list):
            body = body[int(part)] if part.isdigit() and int(part) < len(body) else None
        else:
            body = body.get(part) if isinstance(body, dict) else None
    return body
