"""Alibaba Cloud's SMS interface as seen from the other side: signatures, error codes and answers of Dysmsapi.

Written from the provider's description of its interface and not from our channel, so that one mistake cannot hide in
both: the query is decoded and encoded again before the signature is compared.
"""

import asyncio
import hashlib
import hmac
import json
import re
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from journey_engine import clock
from journey_engine.sandbox.faults import Faults
from journey_engine.sandbox.http import Request, Response, json_response
from journey_engine.sandbox.journal import Journal
from journey_engine.sandbox.state import State

CHINA = timezone(timedelta(hours=8))
CLOCK_SKEW = timedelta(minutes=15)
NONCES = 200_000
_AUTHORIZATION = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})")
_NUMBER = re.compile(r"(?:\+|00)?\d{5,20}")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_TEMPLATE_CODE = re.compile(r"[A-Za-z]{2,10}_\w{1,40}")


class Refused(Exception):
    """An answer with an error code."""

    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(message)
        self.code, self.status = code, status


class Alibaba:
    """Answers the calls a channel makes; `accepted` is told of every SMS, to send its receipts."""

    def __init__(self, state: State, journal: Journal, faults: Faults, accepted: Callable[[dict[str, Any]], None]):
        self.state, self.journal, self.faults, self.accepted = state, journal, faults, accepted
        self._nonces: OrderedDict[str, None] = OrderedDict()
        self._actions: dict[str, Callable[[str, dict[str, str]], Awaitable[Response]]] = {
            "SendSms": self._send_sms,
            "QuerySendDetails": self._query_send_details,
            "CreateSmsTemplate": self._create_sms_template,
            "GetSmsTemplate": self._get_sms_template,
        }

    async def answer(self, request: Request) -> Response:
        """Check the signature, do what is asked, answer as the provider does."""
        try:
            values = dict(parse_qsl(request.query, keep_blank_values=True))
            key_id = self._check_signature(request, values)
            if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
                values.update(parse_qsl(request.body.decode(), keep_blank_values=True))
            action = self._actions.get(request.headers.get("x-acs-action", ""))
            if action is None:
                raise Refused(
                    "InvalidAction.NotFound", "Specified api is not found, please check your url and method.", 404
                )
            return await action(key_id, values)
        except Refused as refused:
            return _said(refused.code, str(refused), refused.status)

    def _check_signature(self, request: Request, values: dict[str, str]) -> str:
        found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        if not found:
            raise Refused("MissingAuthorization", "Authorization is mandatory for this action.")
        key_id, names, signature = found[1], found[2].split(";"), found[3]
        secret = self.state.secret(key_id)
        if secret is None:
            raise Refused("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        if hashlib.sha256(request.body).hexdigest() != request.headers.get("x-acs-content-sha256"):
            raise Refused("SignatureDoesNotMatch", "The digest of the body does not match.")
        must = {"host", *(name for name in request.headers if name.startswith("x-acs-"))}
        if names != sorted(names) or not must <= set(names):
            raise Refused("IncompleteSignature", "The request signature does not cover every x-acs header.")
        if not hmac.compare_digest(_signature(secret, request, values, names), signature):
            raise Refused("SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
        self._check_fresh(request)
        return key_id

    def _check_fresh(self, request: Request) -> None:
        """Signed a short time ago, and not used before."""
        try:
            signed_at = datetime.strptime(request.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except (KeyError, ValueError) as error:
            raise Refused(
                "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."
            ) from error
        if abs(clock.now() - signed_at) > CLOCK_SKEW:
            raise Refused("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
        nonce = request.headers.get("x-acs-signature-nonce", "")
        if not nonce or nonce in self._nonces:
            raise Refused("SignatureNonceUsed", "Specified signature nonce was used already.")
        self._nonces[nonce] = None
        if len(self._nonces) > NONCES:
            self._nonces.popitem(last=False)

    async def _send_sms(self, key_id: str, values: dict[str, str]) -> Response:
        """1 be late; 2 refuse, if so told; 3 check; 4 write it down; 5 answer, or keep silent, if so told."""
        if latency := self.faults.latency_s("sms"):
            await asyncio.sleep(latency)
        self._refuse_by_fault()
        entry = self._entry(key_id, values)
        self.journal.add(entry)
        self.accepted(entry)
        if self.faults.hits("sms", "accept_then_timeout"):
            return Response(hang_up_after_s=self.faults.settings["sms"]["hold_s"])
        if self.faults.hits("sms", "accept_then_5xx"):
            return json_response({"Code": "InternalError", "Message": "The request has failed."}, 500)
        return _said("OK", "OK", BizId=entry["biz_id"])

    def _refuse_by_fault(self) -> None:
        if self.faults.hits("sms", "error_5xx"):
            raise Refused("ServiceUnavailable", "The request has failed due to a temporary failure of the server.", 503)
        if self.faults.hits("sms", "throttle"):
            raise Refused("isv.BUSINESS_LIMIT_CONTROL", "触发分钟级流控Permits:1", 200)
        if code := self.faults.code():
            raise Refused(code, "This error was asked for.", 200)

    def _entry(self, key_id: str, values: dict[str, str]) -> dict[str, Any]:
        """The SMS as it is kept; raises Refused when the provider would not take it."""
        number, sign_name = values.get("PhoneNumbers", ""), values.get("SignName", "")
        if not _NUMBER.fullmatch(number):
            raise Refused("isv.MOBILE_NUMBER_ILLEGAL", f"{number} is not a mobile number.", 200)
        if not sign_name:
            raise Refused("isv.SMS_SIGNATURE_ILLEGAL", "The signature is not approved.", 200)
        code, parameters = values.get("TemplateCode", ""), _parameters(values.get("TemplateParam", ""))
        now = clock.now()
        return {
            "kind": "sms",
            "id": uuid.uuid4().hex,
            "at": now.isoformat(timespec="microseconds"),
            "to": number,
            "sign_name": sign_name,
            "template_code": code,
            "parameters": parameters,
            "text": f"【{sign_name}】{self._text(code, parameters)}",
            "out_id": values.get("OutId", ""),
            "biz_id": f"{uuid.uuid4().int % 10**18}^0",
            "account": key_id,
            "undelivered": self.faults.hits("sms", "undelivered"),
        }

    def _text(self, code: str, parameters: dict[str, str]) -> str:
        """The template filled in. A code nobody handed in shows its values, so that nothing has to be set up first."""
        content = self.state.templates.get(code)
        if content is None:
            if not _TEMPLATE_CODE.fullmatch(code):
                raise Refused("isv.SMS_TEMPLATE_ILLEGAL", f"There is no template {code}.", 200)
            return f"[{code}] " + " · ".join(f"{name}: {value}" for name, value in parameters.items())
        try:
            return _VARIABLE.sub(lambda found: parameters[found[1]], content)
        except KeyError as error:
            raise Refused("isv.TEMPLATE_MISSING_PARAMETERS", f"The template needs a value for {error}.", 200) from error

    async def _query_send_details(self, _key_id: str, values: dict[str, str]) -> Response:
        try:
            size, page = int(values["PageSize"]), int(values["CurrentPage"])
            number, day = values["PhoneNumber"], values["SendDate"]
        except (KeyError, ValueError) as error:
            raise Refused("isv.INVALID_PARAMETERS", f"A parameter is missing: {error}", 200) from error
        found = [one for one in self.journal.by_number.get(number, ()) if _china(one["at"]).strftime("%Y%m%d") == day]
        if values.get("BizId"):
            found = [one for one in found if one["biz_id"] == values["BizId"]]
        shown = found[::-1][(page - 1) * min(size, 50) :][: min(size, 50)]
        details = [_detail(one) for one in shown]
        return _said("OK", "OK", TotalCount=str(len(found)), SmsSendDetailDTOs={"SmsSendDetailDTO": details})

    async def _create_sms_template(self, _key_id: str, values: dict[str, str]) -> Response:
        """Approved at once. A name that looks like a code becomes the code, where the provider would give its own."""
        name, content = values.get("TemplateName", ""), values.get("TemplateContent", "")
        if not content or len(content) > 500:
            raise Refused("isv.INVALID_PARAMETERS", "A template has 1 to 500 characters.", 200)
        code = name if _TEMPLATE_CODE.fullmatch(name) else f"SMS_{len(self.state.templates) + 100_000_001}"
        self.state.set_template(code, content)
        return _said("OK", "OK", TemplateCode=code, TemplateName=name, OrderId=uuid.uuid4().hex)

    async def _get_sms_template(self, _key_id: str, values: dict[str, str]) -> Response:
        code = values.get("TemplateCode", "")
        content = self.state.templates.get(code)
        if content is None:
            raise Refused("isv.SMS_TEMPLATE_ILLEGAL", f"There is no template {code}.", 200)
        return _said("OK", "OK", TemplateCode=code, TemplateContent=content, TemplateStatus="1")


def _signature(secret: str, request: Request, values: dict[str, str], names: list[str]) -> str:
    """The signature the request should carry."""
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in values.items())
    canonical = "\n".join(
        [
            request.method,
            request.path or "/",
            "&".join(f"{name}={value}" for name, value in pairs),
            *(f"{name}:{request.headers.get(name, '').strip()}" for name in names),
            "",
            ";".join(names),
            request.headers["x-acs-content-sha256"],
        ]
    )
    digest = hashlib.sha256(canonical.encode("utf-8")).hexdigest()
    return hmac.digest(secret.encode(), f"ACS3-HMAC-SHA256\n{digest}".encode(), "sha256").hex()


def _escaped(text: str) -> str:
    """RFC 3986: a blank is %20, the star is encoded, the tilde is not."""
    return quote_plus(text).replace("+", "%20").replace("*", "%2A").replace("%7E", "~")


def _parameters(text: str) -> dict[str, str]:
    try:
        values = json.loads(text) if text else {}
        return {str(name): str(value) for name, value in values.items()}
    except (ValueError, AttributeError) as error:
        raise Refused("isv.INVALID_JSON_PARAM", "TemplateParam is not a JSON object.", 200) from error


def _detail(entry: dict[str, Any]) -> dict[str, Any]:
    at = _china(entry["at"]).strftime("%Y-%m-%d %H:%M:%S")
    return {
        "PhoneNum": entry["to"],
        "SendStatus": 2 if entry["undelivered"] else 3,
        "ErrCode": "UNDELIVERED" if entry["undelivered"] else "DELIVERED",
        "TemplateCode": entry["template_code"],
        "Content": entry["text"],
        "SendDate": at,
        "ReceiveDate": at,
        "OutId": entry["out_id"],
    }


def _china(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(CHINA)


def _said(code: str, message: str, status: int = 200, **more: Any) -> Response:
    return json_response({"Code": code, "Message": message, "RequestId": str(uuid.uuid4()).upper(), **more}, status)
