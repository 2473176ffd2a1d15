"""The sandbox behaves like the providers it stands for, and forgets nothing it said yes to."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from journey_engine.channels.acs3 import canonical_query, signed_headers
from journey_engine.sandbox import journal as journals
from journey_engine.sandbox.journal import Journal
from tests.channels.outgoing import alibaba, mail, message_id, outgoing, sms, smtp, webhook
from tests.channels.sink import sink
from tests.sandbox.running import KEY_ID, SECRET, Running, running_sandbox


def signed(sandbox, **changes):
    """Headers and query of a call that is right but for the changes."""
    query = canonical_query({"PhoneNumbers": "13800138000", "SignName": "s", "TemplateCode": "SMS_1"})
    at = changes.pop("at", datetime.now(UTC))
    headers = signed_headers(KEY_ID, SECRET, f"127.0.0.1:{sandbox.port}", "SendSms", query, at, os.urandom(8).hex())
    headers.update(changes.pop("headers", {}))
    url = f"{sandbox.url}/?{changes.pop('query', query)}"
    answer = requests.post(url, headers=headers, timeout=5, **changes)
    return answer.status_code, answer.json()["Code"]


def test_a_right_signature_is_let_in(sandbox):
    assert signed(sandbox) == (200, "OK")


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"query": "PhoneNumbers=13800138001&SignName=s&TemplateCode=SMS_1"}, (400, "SignatureDoesNotMatch")),
        ({"headers": {"x-acs-action": "QuerySendDetails"}}, (400, "SignatureDoesNotMatch")),
        ({"headers": {"x-acs-extra": "unsigned"}}, (400, "IncompleteSignature")),
        ({"data": b"another body"}, (400, "SignatureDoesNotMatch")),
        ({"headers": {"Authorization": "Basic eDp5"}}, (400, "MissingAuthorization")),
    ],
)
def test_whatever_the_signature_does_not_cover_is_refused(sandbox, changes, answer):
    assert signed(sandbox, **changes) == answer
    assert sandbox.journal() == []


def test_an_old_signature_is_refused(sandbox):
    assert signed(sandbox, at=datetime.now(UTC) - timedelta(minutes=16)) == (400, "InvalidTimeStamp.Expired")


def test_a_parameter_the_template_needs_must_be_there(sandbox):
    requests.post(f"{sandbox.url}/templates", json={"code": "SMS_1", "content": "Hi ${name} ${code}"}, timeout=5)
    (outcome,) = alibaba(sandbox).send([sms()])
    assert outcome.code == "isv.TEMPLATE_MISSING_PARAMETERS"


def test_an_unknown_template_shows_its_values(sandbox):
    alibaba(sandbox).send([sms()])
    assert sandbox.inbox()["sms"][0]["text"] == "【山茶】[SMS_1] name: 李雷 & Ann*~"


def test_the_inbox_shows_the_newest_first_and_what_came_since(sandbox):
    account = alibaba(sandbox)
    for n in (1, 2, 3):
        account.send([sms(n)])
    newest = sandbox.inbox(limit=2)["sms"]
    assert [one["out_id"] for one in newest] == [message_id(3).hex, message_id(2).hex]
    assert [one["out_id"] for one in sandbox.inbox(since=newest[1]["at"])["sms"]] == [message_id(3).hex]


def test_webhooks_are_taken_and_shown(sandbox):
    account = webhook(sandbox.port)
    message = outgoing({"url": f"{sandbox.url}/hooks/shop", "body": '{"a": 1}'})
    assert account.send([message])[0].state == "sent"
    (shown,) = sandbox.inbox()["webhooks"]
    assert (shown["webhook_id"], shown["path"], shown["body"]) == (message_id().hex, "/hooks/shop", '{"a": 1}')
    sandbox.faults(webhooks={"gone": 1})
    assert account.send([message])[0].state == "failed"
    sandbox.faults(webhooks={"gone": 0, "throttle": 1})
    assert account.send([message])[0].state == "wait"


def test_a_cleared_inbox_is_empty_on_disk_too(sandbox):
    alibaba(sandbox).send([sms()])
    smtp(sandbox.smtp_port).send([mail()])
    assert requests.delete(f"{sandbox.url}/inbox", timeout=5).status_code == 200
    assert sandbox.inbox() == {"sms": [], "mail": [], "webhooks": []}
    assert requests.get(f"{sandbox.url}/journal", timeout=5).text == ""


def test_the_interface_wants_its_token_and_the_providers_addresses_do_not(tmp_path):
    with running_sandbox(tmp_path, token="letmein") as sandbox:
        assert requests.get(f"{sandbox.url}/inbox", timeout=5).status_code == 401
        right = {"Authorization": "Bearer letmein"}
        assert requests.get(f"{sandbox.url}/inbox", headers=right, timeout=5).status_code == 200
        assert alibaba(sandbox).send([sms()])[0].state == "sent"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", b"", 404),
        ("GET", "/inbox/mail/none", b"", 404),
        ("GET", "/inbox?limit=many", b"", 422),
        ("POST", "/faults", b'{"sms": {"typo": 1}}', 422),
        ("POST", "/faults", b"no json", 422),
        ("POST", "/accounts", b"{}", 422),
    ],
)
def test_what_the_interface_cannot_read_gets_a_clear_answer(sandbox, method, path, body, status):
    answer = requests.request(method, f"{sandbox.url}{path}", data=body, timeout=5)
    assert answer.status_code == status and answer.json()["error"]


def test_receipts_come_late_twice_mixed_up_or_never_as_told(tmp_path):
    with sink(b'{"code": 0}') as receiver, running_sandbox(tmp_path, receiver.url()) as sandbox:
        sandbox.faults(seed=1, sms={"receipt_delay_s": [0, 0], "receipt_loss": 0.5, "receipt_duplicates": 1})
        alibaba(sandbox).send([sms(n) for n in range(1, 101)])
        receiver.wait_for(lambda bodies: sum(len(json.loads(body)) for body in bodies) >= 60)
        time.sleep(0.3)
        reports = [report["out_id"] for body in receiver.bodies for report in json.loads(body)]
        assert 25 < len(set(reports)) < 75 and len(reports) == 2 * len(set(reports))
        assert sandbox.inbox(limit=100)["sms"][0]["id"]


def test_a_killed_sandbox_has_lost_nothing_it_said_yes_to(tmp_path):
    first, process = start_process(tmp_path)
    accepted = []
    sender = threading.Thread(target=lambda: accepted.extend(send_until_refused(first)))
    sender.start()
    time.sleep(1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    sender.join(30)
    assert len(accepted) > 10
    second, process = start_process(tmp_path)
    try:
        kept = requests.get(f"{second.url}/journal", timeout=5).text.splitlines()
        assert set(accepted) <= {json.loads(line)["out_id"] for line in kept}
        assert alibaba(second).look_up(sms(len(accepted))).state == "sent"
        assert second.inbox()["sms"]
    finally:
        process.terminate()
        assert process.wait(10) == 0


def test_a_line_cut_short_by_a_kill_is_left_out(tmp_path):
    written = Journal(tmp_path)
    written.add({"kind": "sms", "to": "1", "at": "2026", "out_id": "a"})
    written.close()
    with written.paths()[0].open("ab") as file:
        file.write(b'{"kind": "sms", "to')
    again = Journal(tmp_path)
    again.add({"kind": "sms", "to": "1", "at": "2026", "out_id": "b"})
    again.close()
    assert [entry["out_id"] for entry in again.lines()] == ["a", "b"]


def test_the_journal_and_the_memory_stay_small(tmp_path, monkeypatch):
    monkeypatch.setattr(journals, "FILE_BYTES", 2_000)
    monkeypatch.setattr(journals, "LOOKED_UP", 50)
    monkeypatch.setattr(journals, "SHOWN_CHARS", 5_000)
    journal = Journal(tmp_path)
    for n in range(500):
        journal.add({"kind": "sms", "to": f"{n}", "at": f"{n:05}", "out_id": f"{n}"})
        journal.add({"kind": "mail", "to": "a", "at": f"{n:05}", "raw": "x" * 1_000})
    journal.close()
    assert len(journal.paths()) == journals.FILES
    assert sum(path.stat().st_size for path in journal.paths()) <= journals.FILES * 2_000
    assert len(journal.by_number) == 50 and len(journal.shown["mail"]) == 5
    assert [entry["out_id"] for entry in journal.newest("sms", 2)] == ["499", "498"]


def start_process(folder):
    environment = {**os.environ, "SANDBOX_ACCESS_KEY_ID": KEY_ID, "SANDBOX_ACCESS_KEY_SECRET": SECRET}
    process = subprocess.Popen(
        [sys.executable, "-c", "from journey_engine.sandbox import main; main()", "--port", "0", "--smtp-port", "0",
         "--state", str(folder)],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    words = process.stdout.readline().replace(",", "").split()
    return Running(None, int(words[3]), int(words[6])), process


def send_until_refused(sandbox):
    account, n = alibaba(sandbox), 0
    while True:
        n += 1
        (outcome,) = account.send([sms(n)])
        if outcome.state != "sent":
            return
        yield message_id(n).hex
