"""Outgoing webhook: a signed JSON body to an address of the shop, in the Standard Webhooks format.

`webhook-id` is the message's id and stays the same over all tries, so the receiver keeps one of each id. That is why a
call without an answer is tried again here, unlike in every other channel.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from journey_engine.channels.base import Channel, Outcome, Outgoing, failed
from journey_engine.guard import Answer, NoAnswer, NotSent
from journey_engine.setting import setting
from journey_engine.text import Text

PAUSES_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 84_600)
"""Ten tries over 75 hours: long enough for a weekend's outage at the shop."""

LONGEST_WAIT_S = 24 * 3600.0


class Webhook(Channel):
    """A shop's own address."""

    kind, reaches = "webhook", "webhook"
    title = Text("Webhook", "Webhook")
    concurrency, per_place = 48, 32
    has_breaker = False  # the shop's hosts are many providers, and each message pauses by itself

    secret = setting("text", "Signing secret", "签名密钥", required=True, secret=True)

    def place(self, settings: Mapping[str, Any]) -> str:
        return urlsplit(settings.get("url") or "").netloc.lower()

    def send_one(self, message: Outgoing) -> Outcome:
        body = message.content["body"].encode()
        try:
            answer = self.caller.post(message.content["url"], body, self._headers(message, body))
        except (NotSent, NoAnswer) as error:
            return _again(message, error.code, error.message)
        return replace(_outcome(message, answer), answer=answer)

    def _headers(self, message: Outgoing, body: bytes) -> dict[str, str]:
        timestamp = str(int(message.at.timestamp()))
        return {
            "content-type": "application/json",
            "user-agent": "journey-engine",
            "webhook-id": message.message_id.hex,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign(self.secret, message.message_id.hex, timestamp, body),
        }


def sign(secret: str, webhook_id: str, timestamp: str, body: bytes) -> str:
    """The `v1` signature over id, timestamp and body."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    try:
        if secret.startswith("whsec_"):
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        pass  # a secret that only looks encoded is used as it is written
    return secret.encode()


def _outcome(message: Outgoing, answer: Answer) -> Outcome:
    code = f"http_{answer.status}"
    if 200 <= answer.status < 300:
        return Outcome(message.message_id, "sent", code=code)
    if answer.status in (429, 503):
        wait = _retry_after(answer, message.at)
        if wait is not None:
            return Outcome(message.message_id, "wait", code=code, retry_after_s=wait)
        return _again(message, code, "The receiver is busy.")
    if answer.status >= 500 or answer.status == 408:
        return _again(message, code, "The receiver has a fault.")
    detail = "The receiver wants no more of these." if answer.status == 410 else "The receiver refused the call."
    return failed(message, code, detail)


def _again(message: Outgoing, code: str, detail: str) -> Outcome:
    if message.attempt > len(PAUSES_S):
        return failed(message, code, f"{detail} This was try {message.attempt}, the last.")
    return Outcome(message.message_id, "retry", "", code, detail[:500], PAUSES_S[message.attempt - 1])


def _retry_after(answer: Answer, at: datetime) -> float | None:
    """Seconds, or a date measured against our own instant."""
    said = answer.headers.get("Retry-After", "")
    if said.isdigit() and len(said) < 9:
        return min(float(said), LONGEST_WAIT_S)
    try:
        return max(0.0, min((parsedate_to_datetime(said) - at).total_seconds(), LONGEST_WAIT_S))
    except (TypeError, ValueError):
        return None
