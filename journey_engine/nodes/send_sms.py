"""Send SMS: a text message through an approved template of the provider."""

from journey_engine.nodes.sending import Sending
from journey_engine.setting import setting
from journey_engine.text import Text


class SendSms(Sending):
    kind, channel, icon = "send_sms", "sms", "message-square"
    title = Text("Send SMS", "发送短信")
    help = Text(
        "Sends a text message to the customer's phone. The text is your copy of the template the provider approved.",
        "向客户手机发送短信。正文应与服务商审核通过的模板一致。",
    )
    sentence = Text("SMS: {text}", "短信：{text}")

    template_code: str = setting("text", "Template code", "模板编号", required=True)
    text: str = setting(
        "template",
        "Text",
        "正文",
        required=True,
        max_length=500,
        help=Text(
            "Use {{ customer.name }} or {{ event.cart_id }} for values.",
            "可用 {{ customer.name }}、{{ event.cart_id }}。",
        ),
    )
    sign_name: str = setting(
        "text", "Signature", "短信签名", default="", help=Text("Empty: the account's.", "留空使用账号的签名。")
    )

    def templates(self):
        return {"text": self.text}
