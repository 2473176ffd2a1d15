"""The bundled servers: they keep what they were told, survive any crash, and leave no process behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from journey_engine.console import CannotStart
from journey_engine.embedded import Postgres, Valkey, free_port, stop
from tests.support.processes import is_running, until

STARTS_BOTH_AND_WAITS = """
import sys, time
from journey_engine.embedded import Postgres, Valkey, free_port
postgres = Postgres(sys.argv[1] + "/postgres", "pw", free_port()).start()
valkey = Valkey(sys.argv[1] + "/valkey", "pw", free_port()).start()
print(postgres.pid, valkey.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def postgres(tmp_path):
    server = Postgres(tmp_path / "postgres", "secret", free_port(), {"shared_buffers": "16MB"})
    processes = []
    server.start_again = lambda: processes.append(server.start()) or processes[-1]
    yield server
    for process in processes:
        stop(process, signal.SIGQUIT)


def test_a_committed_row_outlives_a_killed_server(postgres):
    process = postgres.start_again()
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    process.kill()
    process.wait()

    postgres.start_again()
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_a_leftover_pid_file_naming_another_living_process_does_not_stop_the_next_start(postgres):
    process = postgres.start_again()
    stop(process, signal.SIGINT)
    pid_file = postgres.folder / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{postgres.folder}/data\n1\n{postgres.port}\n\n127.0.0.1\n0 0\nready\n")

    assert postgres.start_again().poll() is None


def test_a_first_start_that_was_cut_short_is_made_again(postgres):
    half = postgres.folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")

    assert postgres.start_again().poll() is None
    assert not half.exists()


def test_files_of_another_postgresql_release_are_refused_with_what_to_do(postgres):
    stop(postgres.start_again(), signal.SIGINT)
    (postgres.folder / "data" / "PG_VERSION").write_text("9.6\n")

    with pytest.raises(CannotStart, match=r"made by PostgreSQL 9\.6, but this is PostgreSQL"):
        postgres.start()


def test_texts_sort_and_fold_the_same_on_every_machine(postgres):
    postgres.start_again()
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT lower('ÉÄ'), 'B' < 'a', '王' > 'z'").fetchone() == ("éä", True, True)


def test_a_wrong_password_opens_neither_server(postgres, tmp_path):
    postgres.start_again()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres.url.replace("secret", "guess"), connect_timeout=5)

    valkey = Valkey(tmp_path / "valkey", "secret", free_port())
    process = valkey.start()
    try:
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(valkey.url.replace("secret", "guess")).ping()
    finally:
        stop(process, valkey.stop_signal)


def test_the_passwords_are_not_in_the_process_list(postgres):
    process = postgres.start_again()

    assert b"secret" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()


def test_a_port_that_is_taken_is_told_with_the_words_of_the_server(postgres, tmp_path):
    postgres.start_again()
    second = Postgres(tmp_path / "second", "secret", postgres.port, {"shared_buffers": "16MB"})

    with pytest.raises(CannotStart, match="Address already in use"):
        second.start()


def test_killing_the_starter_ends_both_servers(tmp_path):
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTS_BOTH_AND_WAITS, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    pids = [int(pid) for pid in starter.stdout.readline().split()]
    assert all(is_running(pid) for pid in pids)

    starter.kill()
    starter.communicate()

    until(lambda: not any(is_running(pid) for pid in pids))


def test_a_free_port_is_one_that_no_outgoing_connection_can_take():
    first_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = {free_port() for _ in range(50)}
    assert max(ports) < first_outgoing
    assert len(ports) > 25


def test_a_wanted_port_that_is_taken_is_not_given():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        wanted = taken.getsockname()[1]
        assert free_port(wanted) != wanted
