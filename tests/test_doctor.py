"""`journey doctor` names each thing that keeps an installation from working."""

import subprocess
import sys

import pytest

from journey_engine.embedded import free_port


@pytest.fixture
def examine(tmp_path):
    def run(**environment):
        command = [sys.executable, "-m", "journey_engine.cli", "doctor"]
        told = {"PATH": "", "LANG": "C", "STATE": str(tmp_path)} | environment
        done = subprocess.run(command, env=told, capture_output=True, text=True)
        assert not done.stderr
        return done

    return run


def test_a_well_installation_has_its_servers_named_with_their_versions(examine, database_url, valkey_url):
    told = examine(DATABASE_URL=database_url, REDIS_URL=valkey_url).stdout

    assert "ok     PostgreSQL 18" in told
    assert "ok     The tables are those of this release" in told
    assert "ok     Valkey 9" in told


def test_tables_of_another_release_are_told_with_the_command_that_mends_them(examine, postgres, valkey_url):
    done = examine(DATABASE_URL=postgres.url, REDIS_URL=valkey_url)

    assert "wrong  The tables are at –" in done.stdout
    assert "Run `journey migrate`" in done.stdout
    assert done.returncode == 1


def test_servers_that_do_not_answer_are_told_without_a_traceback_or_a_password(examine):
    port = free_port()
    done = examine(
        DATABASE_URL=f"postgresql://journey:hush@127.0.0.1:{port}/journey",
        REDIS_URL=f"redis://:hush@127.0.0.1:{port}/0",
    )

    assert "wrong  PostgreSQL cannot be reached" in done.stdout
    assert "wrong  Redis cannot be reached" in done.stdout
    assert "hush" not in done.stdout
    assert done.returncode == 1


def test_a_folder_where_nothing_was_ever_started_is_told(examine):
    done = examine()

    assert "DATABASE_URL is not set and nothing runs in" in done.stdout
    assert done.returncode == 1
