"""The messages that channel tests send."""

from datetime import UTC, datetime
from uuid import UUID

from journey_engine.channels import Outgoing
from journey_engine.channels.alibaba_sms import AlibabaSms
from journey_engine.channels.smtp import Smtp
from journey_engine.channels.webhook import Webhook
from tests.sandbox.running import KEY_ID, SECRET

ANN, BOB = "+8613800138000", "+8613800138001"


def message_id(n=1):
    return UUID(int=(0x0192F0C1 << 96) | (8 << 76) | (2 << 62) | n)


def outgoing(content, n=1, to=ANN, attempt=1, at=None, message_class="marketing"):
    return Outgoing(message_id(n), to, content, message_class, attempt, at or datetime.now(UTC))


def sms(n=1, **rest):
    content = {"sign_name": "山茶", "template_code": "SMS_1", "parameters": {"name": "李雷 & Ann*~"}, "text": "Hi"}
    return outgoing({**content, **rest.pop("content", {})}, n, **rest)


def mail(n=1, **rest):
    content = {
        "subject": "Your cart",
        "html": "<p>Hi <a href='https://s.example/c'>cart</a></p>",
        "from_name": "Shop",
    }
    return outgoing({**content, **rest.pop("content", {})}, n, **{"to": "ann@mail.example", **rest})


def alibaba(sandbox, **settings):
    account = {"endpoint": sandbox.url, "access_key_id": KEY_ID, "access_key_secret": SECRET, **settings}
    return AlibabaSms(account, [f"127.0.0.1:{sandbox.port}"])


def smtp(port, **settings):
    return Smtp(
        {"host": "127.0.0.1", "port": port, "security": "none", "from_address": "shop@shop.example", **settings}
    )


def webhook(port):
    return Webhook({"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, [f"127.0.0.1:{port}"])
