"""Staff task: write to colleagues about this customer. It is never sent to the customer, so no consent is asked."""

from journey_engine.model.decision import Draft, send
from journey_engine.nodes.sending import Sending
from journey_engine.setting import setting
from journey_engine.text import Text


class StaffTask(Sending):
    kind, channel, icon, shelf = "staff_task", "email", "clipboard-list", "actions"
    title = Text("Staff task", "员工任务")
    help = Text(
        "Sends colleagues an e-mail with what is to be done for this customer. The customer gets nothing.",
        "给同事发送邮件，说明需要为该客户做什么。客户不会收到任何内容。",
    )
    sentence = Text("Task for {to}: {subject}", "给 {to} 的任务：{subject}")

    to: tuple = setting("addresses", "To", "收件人", required=True)
    subject: str = setting("template", "Subject", "主题", required=True, max_length=300)
    text: str = setting(
        "template",
        "Text",
        "正文",
        required=True,
        max_length=10_000,
        help=Text(
            "Use {{ customer.name }}, {{ event.order_id }} or {{ context.coupon }} for values.",
            "可用 {{ customer.name }}、{{ event.order_id }}、{{ context.coupon }}。",
        ),
    )
    message_class = "transactional"

    def problems(self):
        if "\n" in self.subject or "\r" in self.subject:
            return [Text("the subject is one line", "主题不能换行")]
        return []

    def templates(self):
        return {"subject": self.subject, "text": self.text}

    def visit(self, visitors, now):
        draft = Draft(self.channel, self.account, self.message_class, ", ".join(self.to))
        return [send(visitor, draft) for visitor in visitors]
