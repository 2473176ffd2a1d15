"""The signature that Alibaba Cloud wants on a call: ACS3-HMAC-SHA256 over a canonical form of the request."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

VERSION = "2017-05-25"
"""The version of the SMS interface, which is signed too."""


def canonical_query(query: Mapping[str, str]) -> str:
    """The query in the order and encoding that both the request and its signature use."""
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(query.items()))


def signed_headers(
    key_id: str,
    secret: str,
    host: str,
    action: str,
    query: str,
    at: datetime,
    nonce: str,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers of one call with an empty body, signed with ACS3-HMAC-SHA256 (lower-case names)."""
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": VERSION,
        **(more or {}),
    }
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    request = f"POST\n/\n{query}\n{lines}\n{';'.join(names)}\n{headers['x-acs-content-sha256']}"
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(request.encode()).hexdigest()
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    authorization = f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={';'.join(names)},Signature={signature}"
    return {**headers, "Authorization": authorization}
