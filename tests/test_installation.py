"""The state folder: one engine at a time, secrets for the owner alone, and refusals that say what to do."""

import socket
import subprocess
import sys

import pytest

from journey_engine import installation as module
from journey_engine.console import CannotStart
from journey_engine.installation import Installation, check_port

HOLDS = """
import sys, time
from journey_engine.installation import Installation
with Installation(sys.argv[1]).held():
    print("held", flush=True)
    time.sleep(60)
"""


def test_secrets_are_drawn_once_and_only_their_owner_reads_them(tmp_path):
    with Installation(tmp_path / "state").held() as first:
        drawn = first.secrets()
    with Installation(tmp_path / "state").held() as second:
        assert second.secrets() == drawn

    assert (tmp_path / "state" / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_a_log_that_has_grown_large_is_put_aside_while_its_process_goes_on_writing(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LOG_KEPT_BYTES", 10)
    with Installation(tmp_path).held() as installation, open(installation.log("web"), "a") as log:
        print("a first line that is long", file=log, flush=True)
        installation.trim_logs()
        print("next", file=log, flush=True)

    assert installation.log("web").read_text() == "next\n"
    assert (tmp_path / "logs" / "web.log.1").read_text() == "a first line that is long\n"


def test_a_port_that_was_taken_meanwhile_is_replaced_by_a_free_one(tmp_path):
    with Installation(tmp_path).held() as installation, socket.socket() as other:
        taken = installation.secrets()["postgres_port"]
        other.bind(("127.0.0.1", taken))
        other.listen()

        assert installation.secrets()["postgres_port"] != taken


def test_a_folder_in_use_is_refused_and_free_again_when_its_holder_is_killed(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(CannotStart, match="already runs in"), Installation(tmp_path).held():
        pass

    holder.kill()
    holder.communicate()
    with Installation(tmp_path).held():
        pass


def test_a_folder_that_cannot_be_made_is_refused_with_the_reason(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(CannotStart, match="Not a directory"), Installation(tmp_path / "file" / "state").held():
        pass


def test_a_disk_without_room_is_refused_with_the_figures(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LEAST_FREE_BYTES", 10**18)

    with pytest.raises(CannotStart, match="1000000000000 MB are needed"), Installation(tmp_path).held() as full:
        full.check_room()


def test_a_taken_port_is_refused_and_another_one_named(monkeypatch):
    monkeypatch.setattr(module, "PORT_PATIENCE_S", 0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(CannotStart, match=f"Port {port} is taken .* make up PORT={port + 1}"):
            check_port("127.0.0.1", port)


def test_refusals_speak_the_language_of_the_terminal():
    run = [sys.executable, "-m", "journey_engine.cli", "up", "--port", "70000"]
    english = subprocess.run(run, capture_output=True, text=True, env={"LANG": "en_GB.UTF-8", "PATH": ""})
    chinese = subprocess.run(run, capture_output=True, text=True, env={"LANG": "zh_CN.UTF-8", "PATH": ""})

    assert (english.returncode, english.stderr) == (1, "PORT=70000 is not a port between 1 and 65535.\n")
    assert (chinese.returncode, chinese.stderr) == (1, "PORT=70000 不是 1 到 65535 之间的端口。\n")
