"""Send e-mail: an HTML message with a text part, and a way to unsubscribe in each marketing one."""

from journey_engine.nodes.sending import Sending
from journey_engine.setting import setting
from journey_engine.text import Text


class SendEmail(Sending):
    kind, channel, icon = "send_email", "email", "mail"
    title = Text("Send e-mail", "发送邮件")
    help = Text(
        "Sends an e-mail. A marketing e-mail always carries an unsubscribe link.",
        "发送邮件。营销邮件总会带上退订链接。",
    )
    sentence = Text("E-mail: {subject}", "邮件：{subject}")

    subject: str = setting("template", "Subject", "主题", required=True, max_length=300)
    html: str = setting("template", "Content", "内容", required=True)
    from_name: str = setting(
        "text", "From name", "发件人名称", default="", help=Text("Empty: the account's.", "留空使用账号的名称。")
    )

    def problems(self):
        if "\n" in self.subject or "\r" in self.subject or "\n" in self.from_name or "\r" in self.from_name:
            return [Text("subject and from name are one line each", "主题和发件人名称不能换行")]
        return []

    def templates(self):
        return {"subject": self.subject, "html": self.html}
