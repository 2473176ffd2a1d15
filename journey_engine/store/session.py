"""Sessions: the pool of connections, transactions, and migrations to the newest tables.

A connection may go through a pooler (PgBouncer in transaction mode), which hands each transaction to another connection
of the server. That is noticed, and nothing is then expected to outlive a transaction.
"""

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

OURS = "journey-engine"
"""What our connections are called in pg_stat_activity."""

SETTINGS = {
    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_S}s",
    "statement_timeout": f"{STATEMENT_TIMEOUT_S}s",
    "lock_timeout": f"{LOCK_TIMEOUT_S}s",
    "timezone": "UTC",
    "jit": "off",
    "application_name": OURS,
}
"""What our transactions run under, whatever the server's own settings are."""

FOR_A_CONNECTION = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
FOR_A_TRANSACTION = "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in SETTINGS.items())

OPTIONS_REFUSED = "unsupported startup parameter"
"""What PgBouncer answers to settings that are asked for on connecting, unless it is told to ignore them."""


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
        connect_args={"options": FOR_A_CONNECTION, "connect_timeout": 5},
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "connect", _adapt)
    event.listen(engine, "begin", _set_up)
    return engine


def _connect(dialect: Any, record: Any, arguments: list[Any], settings: dict[str, Any]) -> Any:
    """A connection with our settings, or without them to a pooler that takes none."""
    try:
        return dialect.connect(*arguments, **settings)
    except psycopg.OperationalError as error:
        if OPTIONS_REFUSED not in str(error):
            raise
    return dialect.connect(*arguments, **{**settings, "options": ""})


def _adapt(connection: Any, record: Any) -> None:
    """Faster ways of reading JSON and writing arrays than the driver's own; through a pooler, nothing that stays."""
    psycopg.types.json.set_json_loads(orjson.loads, connection)
    connection.adapters.register_dumper(list, ArrayDumper)
    record.info["pooled"] = _is_pooled(connection)
    if record.info["pooled"]:
        connection.prepare_threshold = None  # a statement prepared here would be looked for on another connection


def _is_pooled(connection: Any) -> bool:
    """Whether the server knows this connection by another number than we were told: somebody stands between."""
    answer = connection.pgconn.exec_(b"SELECT pg_backend_pid()").get_value(0, 0)
    return int(answer or 0) != connection.info.backend_pid


def _set_up(connection: Connection) -> None:
    """Through a pooler every transaction brings its settings along; a connection of our own has them."""
    if connection.connection.info["pooled"]:
        connection.exec_driver_sql(FOR_A_TRANSACTION)


TOO_MUCH = "54"
"""The class of SQLSTATEs that say a value is too large for the database: to try again would be in vain."""


class Deadlock(Unavailable):
    """Two writers waited for each other and this one was undone; nothing was stored. Send the same request again."""


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction; what the database cannot do now is an `Unavailable` that a client may repeat."""
    try:
        with engine.begin() as connection:
            yield connection
    except (OperationalError, psycopg.OperationalError) as error:  # the second kind comes out of COPY
        raised = getattr(error, "orig", error)
        if (raised.sqlstate or "").startswith(TOO_MUCH):
            raise
        raise (Deadlock() if isinstance(raised, psycopg.errors.DeadlockDetected) else Unavailable()) from error
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
