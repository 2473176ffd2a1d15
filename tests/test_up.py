"""`journey up`, the whole engine in a folder of its own: ready once, back after a kill, and gone without a trace."""

import os
import signal
from pathlib import Path

import pytest
import requests

from journey_engine.embedded import free_port
from tests.support.processes import descendants, is_running, until
from tests.support.product import Product

SECOND_START_WITHIN_S = 45  # five to eight seconds when nothing else runs; other tests share the two cores
BACK_WITHIN_S = 5
LOADED_WITHIN_S = 20  # it loads after everything else, beside other tests
AT_ONCE_S = 1.5


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    started = Product(tmp_path_factory.mktemp("up") / "state", free_port())
    started.until_ready()
    yield started
    started.stop()


def test_ready_json_holds_address_login_and_keys_for_the_owner_alone(run):
    assert set(run.ready) == {
        "url", "operator_email", "operator_password", "admin_key", "write_key", "sandbox_url",
    }  # fmt: skip
    assert all(run.ready.values())
    assert (run.state / "ready.json").stat().st_mode & 0o777 == 0o600
    assert requests.get(f"{run.ready['url']}/readyz", timeout=5).status_code == 200


def test_the_login_and_the_keys_of_ready_json_open_their_doors(run):
    url = run.ready["url"]
    login = {"email": run.ready["operator_email"], "password": run.ready["operator_password"]}
    event = {"event": "Order Completed", "userId": "ann", "messageId": "m-1"}

    assert requests.post(f"{url}/api/v1/login", json=login, headers={"Origin": url}, timeout=5).status_code == 200
    assert journeys(run).status_code == 200
    assert requests.post(f"{url}/v1/track", json=event, auth=(run.ready["write_key"], ""), timeout=5).status_code == 200


def test_a_second_start_in_the_same_folder_is_refused(run):
    second = Product(run.state, free_port())

    assert "already runs in" in second.stop(signal.SIGCONT)
    assert second.process.returncode == 1
    assert run.answers()


def journeys(run):
    admin = {"Authorization": f"Bearer {run.ready['admin_key']}"}
    return requests.get(f"{run.ready['url']}/api/v1/journeys", headers=admin, timeout=10)


def test_what_ends_is_followed_by_a_process_that_has_everything_loaded(run):
    until(lambda: "waits" in (run.state / "logs" / "nursery.log").read_text(), LOADED_WITHIN_S)
    ended, others = run.found("worker turns"), run.found("worker deliveries")

    for pid in ended:
        os.kill(pid, signal.SIGKILL)

    until(lambda: len(run.found("worker turns")) == len(ended), AT_ONCE_S)
    assert run.found("worker deliveries") == others
    logs = [os.readlink(f"/proc/{pid}/fd/2") for pid in run.found("worker turns")]
    assert sorted(Path(log).name for log in logs) == ["worker-turns-1.log", "worker-turns-2.log"]


@pytest.mark.parametrize("words", ["worker turns", "worker deliveries", "worker chores", "gunicorn", "valkey-server"])
def test_what_is_killed_runs_again_within_five_seconds(run, words):
    before = run.found(words)
    os.kill(before[0], signal.SIGKILL)

    until(lambda: len(run.found(words)) >= len(before) and not is_running(before[0]), BACK_WITHIN_S)
    until(run.answers, BACK_WITHIN_S)


def test_a_killed_database_is_back_with_everything_in_it(run):
    killed, before = run.found("bin/postgres -D")[0], journeys(run).json()
    os.kill(killed, signal.SIGKILL)

    # its children answer for a moment longer, and while they do no other database can start
    until(lambda: any(pid != killed for pid in run.found("bin/postgres -D")), BACK_WITHIN_S)
    until(lambda: journeys(run).status_code == 200, 2 * BACK_WITHIN_S)
    assert journeys(run).json() == before


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopping_leaves_no_process_and_the_next_start_finds_everything_as_it_was(tmp_path, with_signal):
    port = free_port()
    first = Product(tmp_path / "state", port)
    ready, processes = first.until_ready(), descendants(first.process.pid)
    assert len(processes) >= 8

    first.stop(with_signal)

    until(lambda: not any(is_running(pid) for pid in processes), BACK_WITHIN_S)
    assert with_signal == signal.SIGKILL or not (tmp_path / "state" / "ready.json").exists()
    (tmp_path / "state" / "ready.json").unlink(missing_ok=True)
    second = Product(tmp_path / "state", port)
    found = second.until_ready()
    second.stop()
    assert found == ready
    assert second.took < SECOND_START_WITHIN_S


def test_stopping_in_the_middle_of_the_start_leaves_no_process(tmp_path):
    interrupted = Product(tmp_path / "state", free_port())
    until(lambda: interrupted.found("bin/postgres -D"))
    processes = descendants(interrupted.process.pid)

    assert "Nothing is running any more" in interrupted.stop(signal.SIGINT)
    assert not any(is_running(pid) for pid in processes)


def test_a_database_and_a_redis_of_the_operator_are_used_and_none_is_started(tmp_path, database_url, valkey_url):
    theirs = {"DATABASE_URL": database_url.replace("+psycopg", ""), "REDIS_URL": valkey_url}
    run = Product(tmp_path / "state", free_port(), **theirs)
    run.until_ready()

    assert not run.found("bin/postgres -D") and not run.found("valkey-server")
    assert not (tmp_path / "state" / "postgres").exists()
    run.stop()
