"""Webhooks are signed, keyed by the message, and persistent without ever being a second message."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from journey_engine.channels.webhook import sign
from tests.channels.outgoing import message_id, outgoing, webhook
from tests.channels.sink import sink

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def shop():
    with sink() as receiver:
        yield receiver


def call(shop, **rest):
    content = {"url": rest.pop("url", shop.url("/hook")), "body": '{"customer": "李雷"}'}
    return webhook(shop.port).send([outgoing(content, at=AT, **rest)])[0]


def test_the_signature_is_the_one_the_standards_own_library_makes():
    """Made with standardwebhooks 1.0 from PyPI."""
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_call_carries_the_body_the_messages_id_and_a_signature(shop):
    assert call(shop).state == "sent"
    headers = {name.lower(): value for name, value in shop.seen[0].items()}
    assert shop.bodies == ['{"customer": "李雷"}'.encode()]
    assert headers["webhook-id"] == message_id().hex
    assert headers["webhook-signature"] == sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message_id().hex, headers["webhook-timestamp"], shop.bodies[0]
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "sent"), (204, "sent"), (302, "failed"), (400, "failed"), (404, "failed"), (410, "failed"), (408, "retry"),
     (500, "retry"), (502, "retry"), (503, "retry"), (429, "retry")],
)  # fmt: skip
def test_the_status_decides(shop, status, state):
    shop.status, shop.answer = status, b""
    assert call(shop).state == state


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("7", 7.0), ("999999", 86_400.0), (format_datetime(AT + timedelta(seconds=90)), 90.0)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_receiver_is_given_the_time_it_asks_for(shop, status, retry_after, seconds):
    shop.status, shop.headers = status, {"Retry-After": retry_after}
    outcome = call(shop)
    assert (outcome.state, outcome.retry_after_s) == ("wait", seconds)


def test_no_answer_is_tried_again_because_the_receiver_can_tell_by_the_id(shop):
    shop.silent = True
    outcome = call(shop)
    assert (outcome.state, outcome.code) == ("retry", "call:no_answer")


def test_ten_tries_take_75_hours_and_then_it_has_failed(shop):
    shop.status = 500
    outcomes = [call(shop, attempt=n) for n in range(1, 11)]
    assert [o.state for o in outcomes] == ["retry"] * 9 + ["failed"]
    assert 75 * 3600 <= sum(o.retry_after_s or 0 for o in outcomes) < 77 * 3600


def test_an_address_inside_the_network_is_blocked_when_sent(shop):
    outcome = call(shop, url="http://169.254.169.254/latest")
    assert (outcome.state, outcome.code) == ("failed", "address:forbidden")
