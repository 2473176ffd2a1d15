"""Channel: the journey starts when something happens to a message: it was delivered, opened or clicked, say."""

from journey_engine.model.internal import MESSAGE
from journey_engine.setting import setting
from journey_engine.text import Text
from journey_engine.triggers.base import FIRE, Internal, Match

WHAT = {
    "delivered": Text("is delivered", "送达"),
    "failed": Text("cannot be delivered", "未能送达"),
    "opened": Text("is opened", "被打开"),
    "clicked": Text("is clicked", "被点击"),
    "unsubscribed": Text("leads to an unsubscribe", "导致退订"),
}
CHANNELS = {
    "": Text("any message", "任意消息"),
    "sms": Text("an SMS", "短信"),
    "email": Text("an e-mail", "邮件"),
    "webhook": Text("a webhook call", "Webhook 调用"),
}


class ChannelTrigger(Internal):
    kind, icon = "channel", "message-circle"
    title = Text("Message event", "消息事件")
    help = Text(
        "Starts when a message to the customer is delivered, fails, is opened or clicked, or they unsubscribe.",
        "当发给客户的消息送达、失败、被打开、被点击，或客户退订时进入旅程。",
    )
    sentence = Text("When {channel} {what}", "当{channel}{what}")
    hears_of = MESSAGE

    channel: str = setting("choice", "Channel", "渠道", default="", choices=CHANNELS)
    what: str = setting("choice", "What happens", "发生什么", default="clicked", choices=WHAT)
    journey: str = setting(
        "journey",
        "Only of this journey",
        "仅限此旅程的消息",
        default="",
        help=Text("Empty: whichever journey sent it.", "留空表示任意旅程发出的消息。"),
    )

    def meet(self, customer, event, now):
        told = event.properties
        if told.get("what") != self.what or self.channel not in ("", told.get("channel")):
            return None
        if self.journey not in ("", told.get("journey")):
            return None
        reason = {"why": "message", "what": self.what, "channel": told.get("channel"), "message": told.get("message")}
        return Match(customer, event, FIRE, "", event.counts_from, reason)
