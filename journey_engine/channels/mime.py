"""E-mail as bytes: one text part, one HTML part, and headers that mail servers want to see.

The tree of the standard library costs more than sending the mail, so these few lines write it directly. Everything is
a function of the message: the same message gives the same bytes.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from journey_engine.channels.base import ChannelError, Outgoing
from journey_engine.channels.plain_text import plain_text

ENCODED_WORD_BYTES = 45
"""Bytes of UTF-8 in one encoded word: 60 characters of base64 with its frame stay under the 75 that are allowed."""

LINE_CHARS = 990
HEADERS_FROM_CONTENT = ("subject", "from_name", "reply_to", "unsubscribe_url")


def mail(message: Outgoing, from_address: str) -> bytes:
    """The whole mail, lines ended by CR LF, dots not yet doubled. Raises ChannelError on a line break in a header."""
    content = message.content
    refuse_line_breaks("sender address", from_address)
    for name in HEADERS_FROM_CONTENT:
        refuse_line_breaks(name, str(content.get(name) or ""))
    boundary = f"part-{message.message_id.hex}"
    text = content.get("text") or plain_text(content["html"])
    pieces = [f"{name}: {value}\r\n".encode() for name, value in _headers(message, from_address).items()]
    pieces.append(f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode())
    for subtype, body in (("plain", text), ("html", content["html"])):
        pieces.append(f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n".encode())
        pieces.append(_body(body))
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces)


def refuse_line_breaks(name: str, value: str) -> None:
    """A line break in a header would start another header of somebody else's making."""
    if any(ord(c) < 32 and c != "\t" for c in value) or "\x7f" in value:
        raise ChannelError(f"The {name} contains a line break or a control character.", True, code="header:line_break")


def domain_of(address: str) -> str:
    """The domain of a mail address in the form that travels (punycode)."""
    domain = address.rpartition("@")[2]
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError as error:
        raise ChannelError(f"The domain of {address} cannot exist.", True, code="address:bad") from error


def wire_address(address: str) -> str:
    """An address with its domain in the form that travels."""
    return f"{address.rpartition('@')[0]}@{domain_of(address)}"


def wire_addresses(addresses: str) -> list[str]:
    """The addresses of a mail that goes to several colleagues, or the one of any other."""
    return [wire_address(address) for address in addresses.split(", ")]


def encoded(text: str) -> str:
    """A header's text: as it is when it is plain ASCII, else in encoded words of whole characters."""
    if text.isascii() and len(text) < 200 and "=?" not in text:
        return text
    words, word = [], b""
    for character in text:
        raw = character.encode()
        if len(word) + len(raw) > ENCODED_WORD_BYTES:
            words.append(word)
            word = b""
        word += raw
    words.append(word)
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in words)


def _headers(message: Outgoing, from_address: str) -> Mapping[str, Any]:
    content = message.content
    headers = {
        "From": _mailbox(str(content.get("from_name") or ""), from_address),
        "To": ", ".join(f"<{address}>" for address in wire_addresses(message.to)),
        "Subject": encoded(content["subject"]),
        "Date": format_datetime(message.at.astimezone(UTC)),
        "Message-ID": f"<{message.message_id.hex}@{domain_of(from_address)}>",
        "MIME-Version": "1.0",
    }
    if content.get("reply_to"):
        headers["Reply-To"] = f"<{wire_address(content['reply_to'])}>"
    if content.get("unsubscribe_url"):
        headers["List-Unsubscribe"] = f"<{content['unsubscribe_url']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _mailbox(name: str, address: str) -> str:
    if not name:
        return f"<{wire_address(address)}>"
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{quoted if name.isascii() else encoded(name)} <{wire_address(address)}>"


def _body(text: str) -> bytes:
    """The body in the plainest encoding that survives every server."""
    raw = "\r\n".join(text.splitlines()).encode() + b"\r\n"
    if raw.isascii() and b"\0" not in raw and max(map(len, raw.split(b"\r\n"))) < LINE_CHARS:
        return b"Content-Transfer-Encoding: 7bit\r\n\r\n" + raw
    beyond_ascii = len(raw) - len(text)
    if 0 < beyond_ascii < len(raw) // 5:
        quoted = binascii.b2a_qp(raw, istext=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted
    lines = base64.encodebytes(raw).replace(b"\n", b"\r\n")
    return b"Content-Transfer-Encoding: base64\r\n\r\n" + lines
