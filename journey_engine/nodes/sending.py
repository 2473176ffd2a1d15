"""What the sending nodes share: an account, a class, and the three ways out."""

from journey_engine.model.decision import Draft, send
from journey_engine.model.rule import Rule
from journey_engine.nodes.base import NEXT, Exit, Needs, Node
from journey_engine.setting import setting
from journey_engine.text import Text

SKIPPED = Exit("skipped", Text("skipped", "未发送"), "skipped", required=False)
FAILED = Exit("failed", Text("failed", "失败"), "failed", required=False)

CLASSES = {
    "marketing": Text("marketing", "营销"),
    "transactional": Text("transactional", "交易通知"),
}


class Sending(Node):
    """A node that sends one message; whether it may go is for the engine's checks."""

    channel: str
    shelf = "message"
    exits = (NEXT, SKIPPED, FAILED)

    account: str = setting(
        "account",
        "Account",
        "发送账号",
        default="",
        help=Text("Empty: the workspace's default account of this channel.", "留空则使用工作区该渠道的默认账号。"),
    )
    message_class: str = setting(
        "choice",
        "Class",
        "消息类别",
        default="marketing",
        choices=CLASSES,
        help=Text(
            "Marketing needs consent and is never sent again when the outcome is unknown.",
            "营销消息需要客户同意；结果不明时绝不重发。",
        ),
    )

    only_when: Rule = setting(
        "rule",
        "Only send when",
        "仅当满足条件时发送",
        help=Text("Others leave by “skipped”.", "不满足的客户从“未发送”离开。"),
    )

    def needs(self):
        needs = Needs(channel=self.channel)
        return needs.of_rule(self.only_when) if self.only_when else needs

    def visit(self, visitors, now):
        draft = Draft(self.channel, self.account, self.message_class)
        return [send(visitor, draft) for visitor in visitors]

    def templates(self) -> dict[str, str]:
        """The Liquid sources of this message by part, for the check at publish and for delivery."""
        raise NotImplementedError
