"""Mail goes through a relay over kept-open connections; what happened to it is never guessed."""

import socket
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default as modern
from ipaddress import ip_address

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from journey_engine.channels import mime
from tests.channels.outgoing import mail, message_id, smtp

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CHINESE = {"subject": "您的购物车还在等您 🛒 " * 6, "from_name": "山茶小店", "html": "<p>您好，李雷。</p>" * 40}


def parsed(**content):
    return message_from_bytes(mime.mail(mail(at=AT, content=content), "shop@shop.example"), policy=modern)


def test_a_mail_arrives_with_both_parts(sandbox):
    (outcome,) = smtp(sandbox.smtp_port).send([mail(content=CHINESE)])
    assert (outcome.state, outcome.code) == ("sent", "250")
    (shown,) = sandbox.inbox()["mail"]
    assert shown["subject"] == CHINESE["subject"].strip() or shown["subject"] == CHINESE["subject"]
    assert (shown["from_name"], shown["from"], shown["to"]) == ("山茶小店", "shop@shop.example", "ann@mail.example")
    assert shown["html"].strip() == CHINESE["html"]
    assert shown["text"].split() == ["您好，李雷。"] * 40


def test_the_message_id_and_the_return_path_name_the_message(sandbox):
    smtp(sandbox.smtp_port, return_path="bounces@shop.example").send([mail()])
    (shown,) = sandbox.inbox()["mail"]
    assert shown["message_id"] == f"<{message_id().hex}@shop.example>"
    assert shown["return_path"] == f"bounces+{message_id().hex}@shop.example"


def test_a_mail_to_several_colleagues_is_handed_over_once_for_all(sandbox):
    (outcome,) = smtp(sandbox.smtp_port).send([mail(to="ops@shop.example, desk@商店.example")])
    (shown,) = sandbox.inbox()["mail"]
    assert (outcome.state, shown["to"]) == ("sent", "ops@shop.example, desk@xn--czrs0t.example")
    sent = message_from_bytes(mime.mail(mail(to="ops@shop.example, desk@shop.example"), "a@b.example"), policy=modern)
    assert sent["To"] == "ops@shop.example, desk@shop.example"


def test_marketing_mail_can_be_unsubscribed_with_one_click():
    sent = parsed(unsubscribe_url="https://shop.example/u/abc")
    assert sent["List-Unsubscribe"] == "<https://shop.example/u/abc>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in parsed()


def test_the_same_message_gives_the_same_bytes():
    assert mime.mail(mail(at=AT), "shop@shop.example") == mime.mail(mail(at=AT), "shop@shop.example")


@pytest.mark.parametrize(
    "html",
    [
        "<p>plain</p>",
        "<p>café crème, ten words of Latin text and a few accents</p>\n.\n..dots\n",
        "<p>您好</p>",
        "<p>" + "long " * 400 + "</p>",
        "= =3D \t \n trailing \n",
        "From here\n" * 3,
    ],
)
def test_every_body_survives_the_journey(sandbox, html):
    (outcome,) = smtp(sandbox.smtp_port).send([mail(content={"html": html})])
    assert outcome.state == "sent"
    assert sandbox.inbox()["mail"][0]["html"].splitlines() == html.splitlines()
    raw = sandbox.journal()[0]["raw"]
    assert raw.isascii() and max(map(len, raw.split("\r\n"))) <= 998


def test_a_name_with_quotes_and_a_very_long_subject_are_read_back():
    sent = parsed(from_name='Ann "the shop" Lee\\', subject="word " * 100)
    assert sent["From"].addresses[0].display_name == 'Ann "the shop" Lee\\'
    assert sent["Subject"].split() == ["word"] * 100


@pytest.mark.parametrize("part", ["subject", "from_name", "reply_to", "unsubscribe_url"])
@pytest.mark.parametrize("attack", ["x\r\nBcc: all@shop.example", "x\ny", "x\ry", "x\0y"])
def test_a_line_break_in_a_header_is_refused(sandbox, part, attack):
    (outcome,) = smtp(sandbox.smtp_port).send([mail(content={part: attack})])
    assert (outcome.state, outcome.code) == ("failed", "header:line_break")
    assert sandbox.journal() == []


def test_a_line_break_in_the_address_is_refused(sandbox):
    (outcome,) = smtp(sandbox.smtp_port).send([mail(to="ann@mail.example>\r\nRCPT TO:<bob@mail.example")])
    assert outcome.state == "failed" and sandbox.journal() == []


@pytest.mark.parametrize("address", ["li@" + "例" * 90, "li@..例子"])
def test_an_address_that_cannot_exist_is_refused(sandbox, address):
    (outcome,) = smtp(sandbox.smtp_port).send([mail(to=address)])
    assert outcome.state == "failed" and sandbox.journal() == []


def test_half_a_character_is_refused(sandbox):
    (outcome,) = smtp(sandbox.smtp_port).send([mail(content={"html": "<p>\ud83d</p>"})])
    assert (outcome.state, outcome.code) == ("failed", "content:characters")


def test_a_chinese_domain_travels_in_its_plain_form(sandbox):
    (outcome,) = smtp(sandbox.smtp_port).send([mail(to="li@例子.example")])
    assert outcome.state == "sent"
    assert sandbox.inbox()["mail"][0]["to"] == "li@xn--fsqu00a.example"


def test_a_chinese_mailbox_uses_smtputf8(sandbox):
    (outcome,) = smtp(sandbox.smtp_port).send([mail(to="李雷@mail.example")])
    assert outcome.state == "sent"
    assert sandbox.inbox()["mail"][0]["to"] == "李雷@mail.example"


@pytest.mark.parametrize(
    ("fault", "state"), [("reject_4xx", "retry"), ("reject_5xx", "failed"), ("accept_then_drop", "unknown")]
)
def test_the_relays_answer_decides(sandbox, fault, state):
    sandbox.faults(smtp={fault: 1})
    account = smtp(sandbox.smtp_port)
    assert account.send([mail()])[0].state == state
    sandbox.faults(smtp={fault: 0})
    assert account.send([mail(2)])[0].state == "sent"


def test_connections_are_kept_open(sandbox):
    account = smtp(sandbox.smtp_port)
    for n in range(1, 21):
        assert account.send([mail(n)])[0].state == "sent"
    assert account._idle.qsize() == 1


def test_a_batch_is_sent_over_a_few_connections(sandbox):
    outcomes = smtp(sandbox.smtp_port).send([mail(n) for n in range(1, 41)])
    assert {o.state for o in outcomes} == {"sent"}
    assert len({entry["message_id"] for entry in sandbox.journal()}) == 40


def test_a_relay_that_is_down_is_tried_again():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (outcome,) = smtp(port).send([mail()])
    assert (outcome.state, outcome.code) == ("retry", "not_sent")


UP_TO_THE_MAIL = ["220 hi", "250 hi", "250 ok", "250 ok", "354 go"]
SCRIPTS = {
    "the greeting is a refusal": (["554 no"], "retry"),
    "the sender is refused for now": (["220 hi", "250 hi", "451 later", "250 ok"], "retry"),
    "the receiver does not exist": (["220 hi", "250 hi", "250 ok", "550 nobody", "250 ok"], "failed"),
    "the relay closes before the mail": (["220 hi", "250 hi", "250 ok", "250 ok", "421 bye"], "retry"),
    "the relay closes without a word before the mail": (["220 hi", "250 hi", "250 ok"], "retry"),
    "the relay closes after the dot": (UP_TO_THE_MAIL, "unknown"),
    "the relay talks nonsense after the dot": ([*UP_TO_THE_MAIL, "hello"], "unknown"),
    "the relay is full after the dot": ([*UP_TO_THE_MAIL, "452 full", "250 ok"], "retry"),
    "the relay refuses the content": ([*UP_TO_THE_MAIL, "554 spam", "250 ok"], "failed"),
}


@pytest.mark.parametrize(("lines", "state"), SCRIPTS.values(), ids=SCRIPTS)
def test_what_the_relay_does_is_read_exactly(lines, state):
    with scripted_relay(lines) as port:
        assert smtp(port).send([mail()])[0].state == state


def test_a_refused_login_stops_the_account():
    script = ["220 hi", "250-hi\r\n250 AUTH PLAIN", "535 wrong password", "250 ok"]
    with scripted_relay(script) as port:
        (outcome,) = smtp(port, login="shop", password="wrong").send([mail()])
    assert (outcome.state, outcome.code) == ("stop_account", "535")


def test_a_connection_the_relay_closed_meanwhile_is_replaced_unnoticed(sandbox):
    account = smtp(sandbox.smtp_port)
    account.send([mail(1)])
    account._idle.queue[0].smtp.sock.shutdown(socket.SHUT_RDWR)
    assert account.send([mail(2)])[0].state == "sent"


@contextmanager
def scripted_relay(lines):
    """A relay that says these lines, one for each thing it hears, and then closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_say, args=(listener, lines), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def _say(listener, lines):
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as heard:
        in_mail = False
        for n, line in enumerate(lines):
            if n and not _hear(heard, until=b".\r\n" if in_mail else b"\n"):
                return
            connection.sendall(line.encode() + b"\r\n")
            in_mail = line.startswith("354")
        if in_mail:
            _hear(heard, until=b".\r\n")


def _hear(heard, until):
    while line := heard.readline():
        if line == until or until == b"\n":
            return True
    return False


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_trusted_relay_is_used_encrypted_and_a_stranger_is_not(tmp_path, monkeypatch, security):
    certificate = certificate_for_loopback(tmp_path)
    with encrypted_relay(certificate, security) as (port, received):
        assert smtp(port, security=security).send([mail(1)])[0].state == "retry"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert smtp(port, security=security).send([mail(2)])[0].state == "sent"
    assert len(received) == 1


@contextmanager
def encrypted_relay(certificate, security):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    received = []

    class Keep:
        async def handle_DATA(self, _server, _session, envelope):
            received.append(envelope.content)
            return "250 taken"

    tls = {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    relay = Controller(Keep(), hostname="127.0.0.1", port=port, **tls)
    relay.start()
    yield port, received
    relay.stop()


def certificate_for_loopback(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "relay.pem"
    path.write_bytes(key.private_bytes(*plain) + certificate.public_bytes(serialization.Encoding.PEM))
    return path
