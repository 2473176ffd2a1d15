"""Alibaba Cloud SMS: signed as the provider's own client signs, and honest about what became of each message."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from journey_engine.channels.acs3 import canonical_query, signed_headers
from journey_engine.channels.alibaba_sms import provider_number
from journey_engine.errors import Invalid
from tests.channels.outgoing import alibaba, message_id, outgoing, sms
from tests.channels.sink import sink
from tests.sandbox.running import running_sandbox

# Made with alibabacloud_dysmsapi20170525 4.6.0 (alibabacloud_tea_openapi 0.4.6) calling a server on loopback.
CLIENT = {
    "accept": "application/json",
    "user-agent": "AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2",
    "x-acs-credentials-provider": "static_ak",
}
VECTORS = [
    (
        "SendSms",
        {
            "PhoneNumbers": "13800138000",
            "SignName": "山茶小店",
            "TemplateCode": "SMS_123",
            "TemplateParam": '{"name": "李雷 & Li*", "n": "~1+1=2/%"}',
            "OutId": "0192f0c1",
        },
        "c8d4d147568c134f01f11690ad815fb7",
        "89968a82b327b3d10e63e563a4718fba2215ae6889df951d70aa45bce6563333",
    ),
    (
        "QuerySendDetails",
        {
            "PhoneNumber": "13800138000",
            "SendDate": "20250102",
            "PageSize": "50",
            "CurrentPage": "1",
            "BizId": "9006199^0",
        },
        "03543202a15558858e7d2e29680da881",
        "390af90a0bc0039b359e0a62bb1d92a2c105640ff466064ea59c0d6393fda191",
    ),
]


@pytest.mark.parametrize(("action", "query", "nonce", "signature"), VECTORS)
def test_a_call_is_signed_as_the_providers_own_client_signs_it(action, query, nonce, signature):
    at = datetime(2026, 11, 22, 15, 39, 27, tzinfo=UTC)
    key = ("LTAIexampleKeyId", "exampleSecret/0123456789")
    headers = signed_headers(*key, "127.0.0.1:38331", action, canonical_query(query), at, nonce, CLIENT)
    assert headers["Authorization"].endswith(f"Signature={signature}")


def test_an_sms_arrives_with_its_text_and_its_message_id(sandbox):
    account = alibaba(sandbox, register_templates=True)
    (outcome,) = account.send([sms(content={"template_text": "你好 ${name}，5$ off"})])
    assert (outcome.state, outcome.code, outcome.cost_units) == ("sent", "OK", 1)
    (shown,) = sandbox.inbox()["sms"]
    assert shown["text"] == "【山茶】你好 李雷 & Ann*~，5$ off"
    assert (shown["out_id"], shown["to"], shown["biz_id"]) == (message_id().hex, "13800138000", outcome.provider_ref)


def test_each_message_of_a_batch_gets_its_own_outcome_in_order(sandbox):
    batch = [sms(1), sms(2, to="not a number"), sms(3, content={"template_code": "?"}), sms(4)]
    outcomes = alibaba(sandbox).send(batch)
    assert [o.state for o in outcomes] == ["sent", "failed", "failed", "sent"]
    assert [o.message_id for o in outcomes] == [m.message_id for m in batch]
    assert outcomes[1].code == "isv.MOBILE_NUMBER_ILLEGAL"


def test_the_accounts_signature_is_used_when_the_node_names_none(sandbox):
    alibaba(sandbox, sign_name="小店").send([sms(content={"sign_name": ""})])
    assert sandbox.inbox()["sms"][0]["sign_name"] == "小店"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", "wait"),
        ("isv.AMOUNT_NOT_ENOUGH", "stop_account"),
        ("isv.OUT_OF_SERVICE", "stop_account"),
        ("isp.RAM_PERMISSION_DENY", "stop_account"),
        ("isp.SYSTEM_ERROR", "retry"),
        ("isv.BLACK_KEY_CONTROL_LIMIT", "failed"),
        ("isv.SMS_SIGNATURE_ILLEGAL", "failed"),
        ("isv.SOMETHING_NEW", "failed"),
    ],
)
def test_the_providers_code_decides_what_happens_next(sandbox, code, state):
    sandbox.faults(sms={"codes": {code: 1}})
    (outcome,) = alibaba(sandbox).send([sms()])
    assert (outcome.state, outcome.code) == (state, code)
    assert sandbox.journal() == []


def test_a_minutes_limit_is_waited_for_a_minute(sandbox):
    sandbox.faults(sms={"throttle": 1})
    (outcome,) = alibaba(sandbox).send([sms()])
    assert (outcome.state, outcome.retry_after_s) == ("wait", 60.0)


@pytest.mark.parametrize("account", [{"access_key_secret": "wrong"}, {"access_key_id": "nobody"}])
def test_a_wrong_key_stops_the_account(sandbox, account):
    (outcome,) = alibaba(sandbox, **account).send([sms()])
    assert outcome.state == "stop_account"


def test_an_sms_that_was_taken_and_never_answered_is_unknown_and_can_be_looked_up(sandbox):
    sandbox.faults(sms={"accept_then_timeout": 1, "hold_s": 0.2})
    account, message = alibaba(sandbox), sms()
    (outcome,) = account.send([message])
    assert outcome.state == "unknown"
    assert account.look_up(message).state == "sent"
    assert account.look_up(sms(2)) is None


def test_an_undelivered_sms_is_looked_up_as_failed(sandbox):
    sandbox.faults(sms={"undelivered": 1})
    account, message = alibaba(sandbox), sms()
    account.send([message])
    assert account.look_up(message).state == "failed"


def test_a_message_is_found_behind_many_others_of_the_same_number(sandbox):
    account = alibaba(sandbox)
    batch = [sms(n) for n in range(1, 71)]
    account.send(batch)
    assert account.look_up(batch[0]).state == account.look_up(batch[-1]).state == "sent"


def test_a_fault_after_accepting_is_unknown(sandbox):
    sandbox.faults(sms={"accept_then_5xx": 1})
    (outcome,) = alibaba(sandbox).send([sms()])
    assert outcome.state == "unknown" and len(sandbox.journal()) == 1


def test_a_service_that_is_unavailable_is_tried_again(sandbox):
    sandbox.faults(sms={"error_5xx": 1})
    (outcome,) = alibaba(sandbox).send([sms()])
    assert outcome.state == "retry" and outcome.retry_after_s == 2.0


def test_a_provider_that_is_down_is_tried_again(sandbox):
    account = alibaba(sandbox, endpoint="http://127.0.0.1:1", register_templates=True)
    account.caller.allowed = ("127.0.0.1:1",)
    (outcome,) = account.send([sms(content={"template_text": "x"})])
    assert (outcome.state, outcome.code) == ("retry", "not_sent")


def test_one_attempt_sent_twice_by_mistake_arrives_once(sandbox):
    account, message = alibaba(sandbox), sms()
    assert [account.send([message])[0].state for _ in range(2)] == ["sent", "unknown"]
    assert len(sandbox.journal()) == 1


def test_threads_share_an_account(sandbox):
    account = alibaba(sandbox)
    with ThreadPoolExecutor(8) as pool:
        outcomes = [o for got in pool.map(lambda n: account.send([sms(n), sms(1000 + n)]), range(1, 51)) for o in got]
    assert {o.state for o in outcomes} == {"sent"}
    assert len({entry["out_id"] for entry in sandbox.journal()}) == 100


def test_receipts_and_replies_are_read(sandbox):
    times = {"phone_number": "1381", "send_time": "2026-01-01 08:00:00", "report_time": "2026-01-01 08:00:09"}
    body = [
        {**times, "success": True, "err_code": "DELIVERED", "biz_id": "9^0", "out_id": message_id().hex},
        {**times, "success": False, "err_code": "SP_UNKNOWN", "biz_id": "8^0", "out_id": "somebody else's"},
        {"phone_number": "1381", "send_time": "2026-01-01 08:00:00", "content": "T", "sequence_id": 5},
    ]
    account = alibaba(sandbox)
    delivered, failed, reply = account.read_receipts({}, json.dumps(body).encode())
    assert (delivered.kind, delivered.message_id, delivered.provider_ref) == ("delivered", message_id(), "9^0")
    assert delivered.at == datetime(2026, 1, 1, 0, 0, 9, tzinfo=UTC)
    assert (failed.kind, failed.message_id, failed.code) == ("failed", None, "SP_UNKNOWN")
    assert (reply.kind, reply.detail) == ("replied", "T")
    assert account.receipts_answer() == (200, {"code": 0, "msg": "OK"})


@pytest.mark.parametrize(
    "body", [b"", b"{}x", b'{"a": 1}', b'["x"]', b"[{}]", b'[{"success": "yes", "send_time": "x"}]', b"7"]
)
def test_what_is_no_list_of_receipts_is_refused(sandbox, body):
    with pytest.raises(Invalid):
        alibaba(sandbox).read_receipts({}, body)


def test_receipts_come_back_from_the_sandbox_to_the_accounts_address(tmp_path):
    with sink(b'{"code": 0}') as receiver, running_sandbox(tmp_path, receiver.url("/receipts")) as sandbox:
        sandbox.faults(sms={"receipt_delay_s": [0, 0], "receipt_duplicates": 2})
        account = alibaba(sandbox)
        account.send([sms()])
        receiver.wait_for(lambda bodies: sum(len(json.loads(body)) for body in bodies) == 3)
        receipts = [r for body in receiver.bodies for r in account.read_receipts({}, body)]
    assert {(r.kind, r.message_id) for r in receipts} == {("delivered", message_id())}


def test_chinese_numbers_travel_without_country_code():
    assert provider_number("+8613800138000") == "13800138000"
    assert provider_number("+85251234567") == "85251234567"


def test_a_fault_of_one_message_leaves_the_others_alone(sandbox):
    broken = outgoing({"text": "no template"}, 2)
    outcomes = alibaba(sandbox).send([sms(1), broken, sms(3)])
    assert [o.state for o in outcomes] == ["sent", "failed", "sent"]
