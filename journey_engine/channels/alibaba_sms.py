"""Alibaba Cloud SMS: messages by approved template, in the wire format of Dysmsapi 2017-05-25.

The provider is not idempotent, so what has no answer is unknown until its receipt or `look_up` tells. The signature's
nonce is the message and its attempt: the same attempt sent twice by mistake is refused by the provider itself.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from journey_engine.channels.acs3 import canonical_query, signed_headers
from journey_engine.channels.base import Channel, Outcome, Outgoing, Receipt, failed, retry
from journey_engine.channels.sms_text import sms_parts
from journey_engine.config import CALL_DEADLINE_S
from journey_engine.errors import Invalid
from journey_engine.guard import Answer, NoAnswer, NotSent, host_header
from journey_engine.setting import setting
from journey_engine.text import Text

PROVIDER_ZONE = ZoneInfo("Asia/Shanghai")
"""All times of this provider are local times of China, without a zone."""

PAGE = 50
PAGES = 4

RETRY_CODES = {"isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "ServiceUnavailable", "isv.SERVICE_UNAVAILABLE"}
WAIT_S = {"Throttling": 1.0, "Throttling.User": 1.0, "Throttling.Api": 1.0, "isv.BUSINESS_LIMIT_CONTROL": 3600.0}
LIMIT_WAIT_S = {"分钟": 60.0, "小时": 3600.0, "天": 24 * 3600.0}
"""The flow limit's answer names its window only in its sentence."""

STOP_CODES = {
    "isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE", "isv.ACCOUNT_NOT_EXISTS", "isv.ACCOUNT_ABNORMAL",
    "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "isv.PRODUCT_UN_SUBSCRIPT", "isv.PRODUCT_UNSUBSCRIBE",
    "isp.RAM_PERMISSION_DENY", "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive", "SignatureDoesNotMatch",
    "NoPermission", "Forbidden.RAM",
}  # fmt: skip
"""Nothing of this account will go until somebody acts."""


class AlibabaSms(Channel):
    """An account at Alibaba Cloud."""

    kind, reaches = "alibaba_sms", "sms"
    title = Text("Alibaba Cloud SMS", "阿里云短信")
    concurrency = 32
    outage_codes = frozenset(Channel.outage_codes | RETRY_CODES)

    endpoint = setting("url", "Address", "接口地址", default="https://dysmsapi.aliyuncs.com")
    access_key_id = setting("text", "AccessKey ID", "AccessKey ID", required=True)
    access_key_secret = setting("text", "AccessKey secret", "AccessKey Secret", required=True, secret=True)
    sign_name = setting("text", "Signature for nodes that name none", "未指定时使用的短信签名", default="")
    register_templates = setting(
        "boolean",
        "Hand in templates by itself",
        "自动提交模板",
        default=False,
        help=Text(
            "Hands each text in as a template before its first SMS. For providers that approve at once.",
            "在发送第一条短信之前，把文本作为模板提交。仅适用于即时审核的服务。",
        ),
    )

    def __init__(self, *args: Any, **rest: Any):
        super().__init__(*args, **rest)
        self._host = host_header(self.endpoint)
        self._registered: set[tuple[str, str]] = set()

    def send_one(self, message: Outgoing) -> Outcome:
        """1 hand the template in, if asked to; 2 call; 3 read the code."""
        content = message.content
        if self.register_templates:
            self._register(message)
        sign_name = content.get("sign_name") or self.sign_name
        query = {
            "PhoneNumbers": provider_number(message.to),
            "SignName": sign_name,
            "TemplateCode": content["template_code"],
            "OutId": message.message_id.hex,
        }
        if content.get("parameters"):
            query["TemplateParam"] = json.dumps(content["parameters"], ensure_ascii=False)
        answer = self._call("SendSms", query, message.at, f"{message.message_id.hex}-{message.attempt}")
        return self._outcome(message, answer, sms_parts(content.get("text", ""), sign_name))

    def look_up(self, message: Outgoing) -> Outcome | None:
        """Search the day's messages to this number for ours; None when the provider has never seen it."""
        instants = (message.at, message.at + timedelta(seconds=CALL_DEADLINE_S))  # the call may have crossed midnight
        for day in sorted({at.astimezone(PROVIDER_ZONE).strftime("%Y%m%d") for at in instants}):
            for page in range(1, PAGES + 1):
                found = self._details(message, day, page)
                for one in found:
                    if one.get("OutId") == message.message_id.hex:
                        return _told(message, one)
                if len(found) < PAGE:
                    break
        return None

    def read_receipts(self, headers: Mapping[str, str], body: bytes) -> list[Receipt]:
        """Delivery reports and replies come as one JSON array; they carry no signature, only our secret address."""
        try:
            items = orjson.loads(body)
            return [_receipt(item) for item in items]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Invalid(f"This is not a list of receipts: {error}", code="receipts:malformed") from error

    def receipts_answer(self) -> tuple[int, dict[str, Any]]:
        return 200, {"code": 0, "msg": "OK"}

    def _outcome(self, message: Outgoing, answer: Answer, parts: int) -> Outcome:
        said = _json(answer)
        code, detail = str(said.get("Code") or ""), str(said.get("Message") or "")
        if code == "OK" and answer.status == 200:
            return Outcome(message.message_id, "sent", str(said.get("BizId") or ""), code, cost_units=parts)
        if code in RETRY_CODES:
            return retry(message, code, detail)
        if code in WAIT_S:
            return Outcome(message.message_id, "wait", "", code, detail, _wait_s(code, detail))
        if code in STOP_CODES:
            return Outcome(message.message_id, "stop_account", "", code, detail)
        if not code or answer.status >= 500 or code == "SignatureNonceUsed":
            # A nonce already used means that this very attempt arrived before: what became of it is not known here.
            return Outcome(message.message_id, "unknown", "", code or f"http_{answer.status}", detail)
        return failed(message, code, detail)

    def _register(self, message: Outgoing) -> None:
        code, text = message.content["template_code"], message.content.get("template_text")
        if not text or (code, text) in self._registered:
            return
        query = {"TemplateName": code, "TemplateContent": text, "TemplateType": "2", "Remark": code}
        try:
            self._call("CreateSmsTemplate", query, message.at, secrets.token_hex(16))
        except NoAnswer as error:
            raise NotSent("The provider did not answer when the template was handed in.") from error
        self._registered.add((code, text))

    def _details(self, message: Outgoing, day: str, page: int) -> list[dict[str, Any]]:
        query = {
            "PhoneNumber": provider_number(message.to),
            "SendDate": day,
            "PageSize": str(PAGE),
            "CurrentPage": str(page),
        }
        said = _json(self._call("QuerySendDetails", query, message.at, secrets.token_hex(16)))
        details = (said.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO")
        if said.get("Code") != "OK" or not isinstance(details, list):
            raise Invalid(f"The provider did not answer the look-up: {said.get('Message', '')}", code="look_up:failed")
        return details

    def _call(self, action: str, query: Mapping[str, str], at: datetime, nonce: str) -> Answer:
        text = canonical_query(query)
        headers = signed_headers(self.access_key_id, self.access_key_secret, self._host, action, text, at, nonce)
        return self.caller.post(f"{self.endpoint.rstrip('/')}/?{text}", b"", headers)


def provider_number(e164: str) -> str:
    """Chinese numbers without country code, all others with it and without the plus."""
    return e164.removeprefix("+86") if e164.startswith("+86") else e164.removeprefix("+")


def _json(answer: Answer) -> dict[str, Any]:
    try:
        said = orjson.loads(answer.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _wait_s(code: str, sentence: str) -> float:
    return next((seconds for word, seconds in LIMIT_WAIT_S.items() if word in sentence), WAIT_S[code])


def _told(message: Outgoing, detail: Mapping[str, Any]) -> Outcome:
    """SendStatus: 1 on its way, 2 failed, 3 delivered."""
    code = str(detail.get("ErrCode") or "")
    if detail.get("SendStatus") == 2:
        return failed(message, code, "The provider says that the message failed.")
    return Outcome(message.message_id, "sent", "", code)


def _receipt(item: Mapping[str, Any]) -> Receipt:
    out_id, reference = str(item.get("out_id") or ""), str(item.get("biz_id") or item.get("sequence_id") or "")
    replied = "content" in item and "success" not in item
    if not replied and not isinstance(item["success"], bool):
        raise ValueError("success is neither true nor false")
    kind = "replied" if replied else "delivered" if item["success"] else "failed"
    at = datetime.strptime(item.get("report_time") or item["send_time"], "%Y-%m-%d %H:%M:%S")
    return Receipt(
        _uuid(out_id),
        reference,
        kind,
        at.replace(tzinfo=PROVIDER_ZONE).astimezone(UTC),
        str(item.get("err_code") or ""),
        str(item.get("content") or item.get("err_msg") or ""),
        dict(item),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
