"""The sandbox's mail server: takes every mail, keeps it as it came, and decodes it when somebody looks."""

import asyncio
import re
import uuid
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from email.utils import parseaddr
from functools import lru_cache
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from journey_engine import clock
from journey_engine.sandbox.faults import Faults
from journey_engine.sandbox.journal import Journal

MAIL_BYTES = 5_000_000
SHOWN_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To", "Date")
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Mailbox:
    """What aiosmtpd calls for each mail."""

    def __init__(self, journal: Journal, faults: Faults):
        self.journal, self.faults = journal, faults

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        if latency := self.faults.latency_s("smtp"):
            await asyncio.sleep(latency)
        if self.faults.hits("smtp", "reject_4xx"):
            return "451 4.7.1 Try again later"
        if self.faults.hits("smtp", "reject_5xx"):
            return "550 5.1.1 No such mailbox"
        self.journal.add(_entry(envelope))
        if self.faults.hits("smtp", "accept_then_drop"):
            server.transport.abort()
        return "250 2.0.0 Accepted"


class MailServer:
    """Listens for mail until closed."""

    def __init__(self, mailbox: Mailbox):
        self.mailbox = mailbox
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; answers the port, which is a free one when 0 was asked for."""
        loop = asyncio.get_running_loop()

        def session() -> SMTP:
            return SMTP(
                self.mailbox, data_size_limit=MAIL_BYTES, enable_SMTPUTF8=True, hostname="sandbox.local",
                decode_data=False, loop=loop,
            )  # fmt: skip

        self._server = await loop.create_server(session, host, port)
        return self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        if self._server:
            self._server.close()


def decoded(entry: dict[str, Any]) -> dict[str, Any]:
    """A kept mail as a person reads it."""
    envelope = {"id": entry["id"], "at": entry["at"], "to": entry["to"]}
    return envelope | {"return_path": entry["from"], "message_id": entry["message_id"]} | _read(entry["raw"])


# The inbox page asks for the same mails every two seconds; meanwhile the sandbox has messages to take.
@lru_cache(maxsize=250)
def _read(raw: str) -> dict[str, Any]:
    mail = message_from_bytes(raw.encode("latin-1"), policy=modern)
    name, address = parseaddr(str(mail["From"] or ""))
    return {
        "from": address,
        "from_name": name,
        "subject": str(mail["Subject"] or ""),
        "text": _part(mail, "plain"),
        "html": _part(mail, "html"),
        "headers": {name: str(mail[name]) for name in SHOWN_HEADERS if mail[name]},
    }


def _entry(envelope: Envelope) -> dict[str, Any]:
    raw = bytes(envelope.content or b"")
    message_id = _MESSAGE_ID.search(raw.partition(b"\r\n\r\n")[0])
    return {
        "kind": "mail",
        "id": uuid.uuid4().hex,
        "at": clock.now().isoformat(timespec="microseconds"),
        "to": ", ".join(envelope.rcpt_tos),
        "from": envelope.mail_from,
        "message_id": message_id[1].decode("latin-1") if message_id else "",
        "raw": raw.decode("latin-1"),
    }


def _part(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body(preferencelist=(subtype,))
    try:
        return part.get_content() if part else ""
    except (LookupError, UnicodeError):
        return ""
