"""E-mail through any SMTP relay, over connections that stay open.

The one moment of doubt is after the final dot: a connection lost there leaves the mail unknown, everything before it
was certainly not accepted. 4xx is tried again, 5xx is final.
"""

import contextlib
import queue
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence

from journey_engine.channels.base import AccountRefused, Channel, ChannelError, Outcome, Outgoing, failed, retry
from journey_engine.channels.mime import domain_of, mail, refuse_line_breaks, wire_address, wire_addresses
from journey_engine.clock import monotonic_s
from journey_engine.config import CALL_DEADLINE_S
from journey_engine.guard import NoAnswer, NotSent, deadline
from journey_engine.setting import setting
from journey_engine.text import Text

IDLE_S = 30.0
"""Relays close a quiet connection after a minute or more; a younger one is worth keeping."""

MAILS_PER_CONNECTION = 500
"""Some relays cut a connection after a number of mails; changing it ourselves comes before that."""

CLOSING = "421"
"""The relay's word for closing the connection; it can come at any point."""


class Smtp(Channel):
    """A relay and the address we send from."""

    kind, reaches = "smtp", "email"
    title = Text("E-mail (SMTP)", "邮件（SMTP）")
    concurrency = 8

    host = setting("text", "Server", "服务器", required=True)
    port = setting("number", "Port", "端口", default=587, min=1, max=65535)
    security = setting(
        "choice",
        "Encryption",
        "加密方式",
        default="starttls",
        choices={"none": Text("None", "无"), "starttls": Text("STARTTLS", "STARTTLS"), "tls": Text("TLS", "TLS")},
    )
    login = setting("text", "Login", "登录名", default="")
    password = setting("text", "Password", "密码", default="", secret=True)
    from_address = setting("text", "Sender address", "发件地址", required=True)
    from_name = setting("text", "Sender name", "发件人名称", default="")
    return_path = setting("text", "Address for bounces", "退信地址", default="")

    def __init__(self, *args, **rest):
        super().__init__(*args, **rest)
        self._idle: queue.LifoQueue[_Connection] = queue.LifoQueue()

    def send_one(self, message: Outgoing) -> Outcome:
        """1 write the mail; 2 take a connection; 3 hand it over; 4 keep the connection if it is still good."""
        refuse_line_breaks("address", message.to)
        if not message.content.get("from_name") and self.from_name:
            message = _with_name(message, self.from_name)
        body = mail(message, self.from_address)
        sender, receivers = self._bounce_address(message), wire_addresses(message.to)
        with self._connection() as connection:
            return connection.hand_over(message, sender, receivers, body)

    def close(self) -> None:
        super().close()
        while not self._idle.empty():
            self._idle.get_nowait().quit()

    def _bounce_address(self, message: Outgoing) -> str:
        """A return path of its own for each message, so that a bounce names the message."""
        name, _, domain = (self.return_path or self.from_address).rpartition("@")
        return wire_address(f"{name}+{message.message_id.hex}@{domain}")

    @contextlib.contextmanager
    def _connection(self) -> Iterator["_Connection"]:
        connection = self._kept() or _Connection(self)
        try:
            yield connection
        except BaseException:
            connection.drop()
            raise
        if connection.worn():
            connection.quit()
        else:
            connection.last_used = monotonic_s()
            self._idle.put(connection)

    def _kept(self) -> "_Connection | None":
        """An open connection that still answers; one that the relay closed meanwhile is thrown away."""
        while True:
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                return None
            if connection.alive():
                return connection
            connection.drop()


class _Connection:
    """One open session with the relay."""

    def __init__(self, account: Smtp):
        self.mails, self.last_used = 0, monotonic_s()
        try:
            self.smtp = _open(account)
        except (OSError, smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError) as error:
            raise NotSent(f"No connection to {account.host}: {error}") from error
        try:
            _greet(self.smtp, account)
        except smtplib.SMTPAuthenticationError as error:
            self.drop()
            raise AccountRefused(_readable(error.smtp_error), str(error.smtp_code)) from error
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            raise NotSent(f"{account.host} does not let us in: {error}") from error

    def hand_over(self, message: Outgoing, sender: str, receivers: Sequence[str], body: bytes) -> Outcome:
        """Sender, receivers, mail, dot. Until the dot nothing was accepted; after it only an answer tells."""
        self.mails += 1
        dotted = False
        with deadline(self.smtp.sock, CALL_DEADLINE_S):
            try:
                self._expect(*self.smtp.mail(sender, self._options(sender, *receivers)))
                for receiver in receivers:
                    self._expect(*self.smtp.rcpt(receiver))
                self._expect(*self.smtp.docmd("DATA"), wanted=354)
                self.smtp.sock.sendall(_dots_doubled(body))
                dotted = True
                self.smtp.sock.sendall(b".\r\n")
                code, said = self._expect(*self.smtp.getreply())
            except ChannelError as error:
                if error.code == CLOSING:
                    raise
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    self.smtp.rset()
                return (failed if error.permanent else retry)(message, error.code, error.message)
            except (OSError, smtplib.SMTPException) as error:
                kind = NoAnswer if dotted else NotSent
                raise kind(f"{type(error).__name__}: {error}") from error
        return Outcome(message.message_id, "sent", code=str(code), detail=_readable(said), cost_units=1)

    def alive(self) -> bool:
        """Whether the relay still holds its end: a quiet line has nothing to read."""
        if self.smtp.sock is None or monotonic_s() - self.last_used > IDLE_S:
            return False
        self.smtp.sock.setblocking(False)
        try:
            return not self._something_to_read()
        finally:
            if self.smtp.sock is not None:
                self.smtp.sock.settimeout(CALL_DEADLINE_S)

    def worn(self) -> bool:
        return self.mails >= MAILS_PER_CONNECTION or self.smtp.sock is None

    def quit(self) -> None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self.smtp.quit()
        self.drop()

    def drop(self) -> None:
        if getattr(self, "smtp", None) is not None:
            self.smtp.close()

    def _something_to_read(self) -> bool:
        try:
            self.smtp.sock.recv(1)
            return True  # a goodbye, or the end of the connection
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True

    def _options(self, *addresses: str) -> list[str]:
        if all(address.isascii() for address in addresses):
            return []
        if not self.smtp.has_extn("smtputf8"):
            raise ChannelError("The relay takes no addresses with other than Latin letters.", True, code="smtputf8")
        return ["SMTPUTF8", "BODY=8BITMIME"]

    def _expect(self, code: int, said: bytes, wanted: int = 250) -> tuple[int, bytes]:
        if code == wanted or (wanted == 250 and code in (251, 252)):
            return code, said
        if not 400 <= code < 600:
            raise smtplib.SMTPServerDisconnected(f"the relay answered {code}")
        raise ChannelError(_readable(said), code >= 500, code=str(code))


def _open(account: Smtp) -> smtplib.SMTP:
    name = domain_of(account.from_address)
    options = {"local_hostname": name, "timeout": CALL_DEADLINE_S}
    if account.security == "tls":
        return smtplib.SMTP_SSL(account.host, account.port, context=ssl.create_default_context(), **options)
    return smtplib.SMTP(account.host, account.port, **options)


def _greet(smtp: smtplib.SMTP, account: Smtp) -> None:
    smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the dot must not wait for an acknowledgement
    smtp.ehlo_or_helo_if_needed()
    if account.security == "starttls":
        smtp.starttls(context=ssl.create_default_context())
        smtp.ehlo()
    if account.login:
        smtp.login(account.login, account.password)


def _dots_doubled(body: bytes) -> bytes:
    return (b"." if body.startswith(b".") else b"") + body.replace(b"\r\n.", b"\r\n..")


def _with_name(message: Outgoing, name: str) -> Outgoing:
    content = {**message.content, "from_name": name}
    return Outgoing(message.message_id, message.to, content, message.message_class, message.attempt, message.at)


def _readable(said: bytes) -> str:
    return said.decode("utf-8", "replace")[:300]
