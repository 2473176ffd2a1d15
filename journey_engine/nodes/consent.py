"""Consent: record that the customer may, or may not, be written to on a channel about a topic."""

from journey_engine.model.decision import ChangeConsent, go
from journey_engine.nodes.base import Node
from journey_engine.setting import setting
from journey_engine.text import Text


class Consent(Node):
    kind, icon, shelf = "consent", "badge-check", "customer"
    title = Text("Change consent", "更改同意状态")
    help = Text(
        "Grants or withdraws consent, with this journey as evidence. A withdrawal also takes back what is queued.",
        "授予或撤回客户同意，并以本旅程作为依据。撤回时，已排队的消息也会取消。",
    )
    sentence = Text("Consent to {channel} ({topic})", "{channel}（{topic}）的同意状态")
    sentences = (
        "state",
        {
            "granted": Text("Grant consent to {channel} ({topic})", "授予{channel}（{topic}）的同意"),
            "withdrawn": Text("Withdraw consent to {channel} ({topic})", "撤回{channel}（{topic}）的同意"),
        },
    )

    state: str = setting(
        "choice",
        "Change",
        "更改",
        default="granted",
        choices={"granted": Text("grant", "授予"), "withdrawn": Text("withdraw", "撤回")},
    )
    channel: str = setting(
        "choice",
        "Channel",
        "渠道",
        required=True,
        choices={"sms": Text("SMS", "短信"), "email": Text("e-mail", "邮件"), "wecom": Text("WeCom", "企业微信")},
    )
    topic: str = setting("text", "Topic", "主题", default="marketing", max_length=100)

    def problems(self):
        return [] if self.topic.strip() else [Text("name the topic", "请填写主题")]

    def visit(self, visitors, now):
        reason = {"why": "consent", "channel": self.channel, "topic": self.topic, "state": self.state}
        change = ChangeConsent(self.channel, self.topic, self.state)
        return [go(visitor, "next", reason, effects=[change]) for visitor in visitors]
