"""Send webhook: tell another system, signed, with a JSON body made from a template."""

from journey_engine.nodes.sending import CLASSES, Sending
from journey_engine.setting import setting
from journey_engine.text import Text


class SendWebhook(Sending):
    kind, channel, icon = "send_webhook", "webhook", "webhook"
    title = Text("Send webhook", "调用 Webhook")
    help = Text(
        "Posts JSON to an address, signed by the Standard Webhooks scheme. The receiver knows repeats by webhook-id.",
        "向指定地址发送带签名的 JSON（Standard Webhooks）。接收方可用 webhook-id 识别重复请求。",
    )
    sentence = Text("Webhook to {url}", "调用 {url}")

    url: str = setting("url", "Address", "地址", required=True)
    body: str = setting(
        "json_template",
        "Body",
        "内容",
        default='{"customer": {{ customer | json }}, "event": {{ event | json }}}',
        help=Text("JSON with Liquid values; use the json filter.", "带 Liquid 变量的 JSON，请使用 json 过滤器。"),
    )
    message_class: str = setting("choice", "Class", "消息类别", default="transactional", choices=CLASSES)

    def templates(self):
        return {"body": self.body}
