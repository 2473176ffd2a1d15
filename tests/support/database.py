"""A real PostgreSQL and a real Valkey for the tests: one of each per test process, a fresh database per test.

`database_url` is an empty, migrated database of its own; `valkey_url` a Valkey with nothing in it.
"""

import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis

from journey_engine.config import database_url as with_driver
from journey_engine.embedded import Postgres, Valkey, free_port, stop
from journey_engine.store.session import engine_for, migrate

# A test's database is thrown away, so it may be lost in a crash: this makes cloning one take milliseconds.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "autovacuum": "off",
    "max_connections": "200",  # the pools of a few tests that ended linger until they are collected
}


@pytest.fixture(scope="session")
def postgres():
    """The running cluster of this test process."""
    folder = Path(tempfile.mkdtemp(prefix="journey-tests-"))
    server = Postgres(folder, "tests", free_port(), THROWAWAY)
    process = server.start()
    yield server
    stop(process, server.stop_signal)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def valkey():
    """The running Valkey of this test process."""
    folder = Path(tempfile.mkdtemp(prefix="journey-tests-"))
    server = Valkey(folder, "tests", free_port())
    process = server.start()
    yield server
    stop(process, server.stop_signal)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_template(postgres):
    """The name of a database that holds every table and no row; the others are copies of it."""
    run(postgres, "CREATE DATABASE migrated")
    url = with_driver(address(postgres, "migrated"))
    migrate(url)
    engine_for(url).dispose()  # a database can only be copied while nobody is in it
    return "migrated"


@pytest.fixture
def database_url(postgres, migrated_template):
    """The address of a migrated database that no other test sees."""
    name = f"test_{uuid4().hex[:12]}"
    run(postgres, f"CREATE DATABASE {name} TEMPLATE {migrated_template} STRATEGY FILE_COPY")
    url = with_driver(address(postgres, name))
    yield url
    engine_for(url).dispose()
    run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def valkey_url(valkey):
    """The address of a Valkey that is empty when the test begins."""
    with redis.Redis.from_url(valkey.url) as connection:
        connection.flushall()
    return valkey.url


def address(postgres, database):
    return postgres.url.rsplit("/", 1)[0] + f"/{database}"


def run(postgres, statement):
    with psycopg.connect(address(postgres, "postgres"), autocommit=True) as connection:
        connection.execute(statement)
