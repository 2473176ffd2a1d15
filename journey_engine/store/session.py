"""Sessions: the pool of connections, transactions, and migrations to the newest tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson
import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from journey_engine.config import database_url
from journey_engine.errors import Unavailable
from journey_engine.store.copying import ArrayDumper

IDLE_IN_TRANSACTION_S = 30
"""A frozen worker is cut off after this, so that its shards and customers are free again."""

CONNECTIONS = 20
"""Kept open per process that needs them at once: what goes beyond is closed after one use, and making one costs as much
computing as twenty small requests."""

STATEMENT_TIMEOUT_S = 60
LOCK_TIMEOUT_S = 10

SETTINGS = (
    f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_S}s -c statement_timeout={STATEMENT_TIMEOUT_S}s "
    f"-c lock_timeout={LOCK_TIMEOUT_S}s -c timezone=UTC -c jit=off"
)


@lru_cache(maxsize=8)
def engine_for(url: str) -> Engine:
    """The pool of this process for a database; one per address."""
    engine = create_engine(
        database_url(url),
        pool_size=CONNECTIONS,
        max_overflow=5,
        pool_timeout=5,
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={"options": SETTINGS, "connect_timeout": 5},
    )
    event.listen(engine, "connect", _adapt)
    return engine


def _adapt(connection: Any, record: Any) -> None:
    """Faster ways of reading JSON and writing arrays than the driver's own."""
    psycopg.types.json.set_json_loads(orjson.loads, connection)
    connection.adapters.register_dumper(list, ArrayDumper)


class Deadlock(Unavailable):
    """Two writers waited for each other and this one was undone; nothing was stored. Send the same request again."""


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction; what the database cannot do now is an `Unavailable` that a client may repeat."""
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        raise (Deadlock() if isinstance(error.orig, psycopg.errors.DeadlockDetected) else Unavailable()) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable() from error
        raise


def migrate(url: str) -> None:
    """Bring the tables to the newest form; two at once wait for each other."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("journey_engine.store") / "migrations"))
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(7_236_001)"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def migration_state(url: str) -> tuple[str | None, str]:
    """The revision the database has and the one this release needs."""
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(files("journey_engine.store") / "migrations"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine_for(url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision(), newest
