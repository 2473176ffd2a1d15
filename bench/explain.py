"""Explain: how PostgreSQL carries out the statements that customers pass through, on tables of a million enrollments.

Real stages run: events are taken in, a turn works them, a turn works the wakes, messages are claimed and settled.
Before each statement PostgreSQL is asked for its plan with the very same parameters (EXPLAIN ANALYZE, undone
afterwards), so what is shown is what runs, with warm pages. COPY has no plan; its time and WAL are measured around it.
"""

import re
import time
from contextlib import contextmanager
from types import SimpleNamespace

import orjson
import psycopg
from sqlalchemy import event

from bench.growth import DAYS, came_back, grow
from bench.machine import summary
from bench.shop import added
from bench.six_steps import six_step_shop
from journey_engine.pipeline.ingest import ingest
from journey_engine.pipeline.turn import turn
from journey_engine.store import outbox
from journey_engine.store.ingest import database_now
from journey_engine.store.session import transaction

ENROLLMENTS = 1_000_000
PARTY = 2_000
CLAIM = 48

NAMED = {
    "take_keys": r"INSERT INTO event_keys",
    "find_owners": r"JOIN identities i ON",
    "add_customers": r"INSERT INTO customers",
    "shards_with_work": r"AS shard, i\.n AS events",
    "take_inbox": r"WITH RECURSIVE queues",
    "read_events": r"FROM events\s+WHERE id = ANY",
    "due_wakes": r"SELECT w\.\* FROM unnest",
    "live_enrollments": r"customer_id = ANY\(CAST\(.* AS uuid\[\]\)\) AND ended_at IS NULL",
    "read_customers": r"SELECT id, workspace_id, shard, attributes, created_at FROM customers",
    "read_activity": r"FROM activity WHERE",
    "entries": r"bool_or\(entered\)",
    "add_activity": r"INSERT INTO activity",
    "update_enrollments": r"WITH ORDINALITY AS way",
    "add_counts": r"INSERT INTO counts",
    "claimable": r"WITH RECURSIVE heads .* stopped_by",
    "intend": r"WITH going AS",
    "settle": r"WITH news AS",
}
"""What each statement is called in the store, and how to tell it."""


def run(machine, sizes):
    """One row for each statement; its plan is printed as it is found."""
    with machine.fresh_database() as url:
        shop = six_step_shop(machine, url)
        print(f"  growing to {ENROLLMENTS:,} enrollments, {DAYS} days of them …", flush=True)
        grow(shop, ENROLLMENTS)
        shop.vacuum()
        seen = []
        for stage, go in (
            ("events of a request", take_in),
            ("turn of events", lambda shop: turn(shop.engine, batch=PARTY)),
            ("turn of wakes", after_a_second),
            ("claim of messages", claim_and_settle),
        ):
            with explained(shop, stage, seen):
                go(shop)
    for one in seen:
        print("\n".join(["", f"{one.stage}: {one.name}", *one.lines]), flush=True)
        yield {"what": f"{one.stage}: {one.name}", "figures": summary([one.figures]), "targets": {}}


def take_in(shop):
    """A request of as many events as a turn takes, half of them from returning customers."""
    ingest(shop.engine, shop.workspace, [told(n) for n in range(PARTY)])


def told(n):
    return came_back(n, n * 7_368_787 % ENROLLMENTS) if n % 2 else added(n)


def after_a_second(shop):
    time.sleep(1.2)
    turn(shop.engine, batch=PARTY)


def claim_and_settle(shop):
    """What a lane does around its calls, as the delivery worker asks for it."""
    with transaction(shop.engine) as tx:
        now = database_now(tx)
        rows = outbox.claimable(tx, shop.accounts["webhook"], now, CLAIM)
        outbox.intend(tx, rows, now)
    rest = dict.fromkeys(("reason", "code", "detail", "provider_ref"), "") | {"due_at": None, "content": {"body": "{}"}}
    done = {"attempt": 1, "status": "sent", "outcome": "sent", "cost_units": 0}
    with transaction(shop.engine) as tx:
        outbox.settle(tx, [SimpleNamespace(message_id=row.id, **rest, **done) for row in rows], now)


@contextmanager
def explained(shop, stage, seen):
    """While this lasts, known statements tell their plans before they run."""

    def before(connection, cursor, statement, parameters, context, many):
        name = next((name for name, like in NAMED.items() if re.search(like, statement, re.S)), None)
        if name and not any(one.stage == stage and one.name == name for one in seen):
            seen.append(looked_at(stage, name, connection.connection.driver_connection, statement, parameters))

    event.listen(shop.engine, "before_cursor_execute", before)
    copy = psycopg.Cursor.copy
    psycopg.Cursor.copy = measured_copy(copy, stage, seen)
    try:
        yield
    finally:
        psycopg.Cursor.copy = copy
        event.remove(shop.engine, "before_cursor_execute", before)


def looked_at(stage, name, connection, statement, parameters):
    """The second look of two, so that pages and plans are warm; both are undone."""
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT look")
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, WAL, FORMAT JSON) {statement}", parameters)
            (told,) = cursor.fetchone()
            cursor.execute("ROLLBACK TO look")
    told = told[0] if isinstance(told, list) else orjson.loads(told)[0]
    plan, ms = told["Plan"], told["Execution Time"]
    asked = max((len(value) for value in parameters.values() if isinstance(value, list)), default=0)
    rows = max(1, asked, plan["Actual Rows"])
    figures = {
        "rows": rows,
        "ms": ms,
        "µs per row": 1000 * ms / rows,
        "pages found in memory": plan["Shared Hit Blocks"],
        "pages read": plan["Shared Read Blocks"],
        "pages changed": plan["Shared Dirtied Blocks"],
        "WAL bytes per row": plan.get("WAL Bytes", 0) / rows,
    }
    return SimpleNamespace(stage=stage, name=name, figures=figures, lines=list(drawn(plan)))


def drawn(plan, depth=1):
    """The plan as a tree: node, what it walks, rows handed on, pages touched."""
    what = " ".join(
        part
        for part in (
            plan.get("Operation") if plan["Node Type"] == "ModifyTable" else plan["Node Type"],
            f"using {plan['Index Name']}" if "Index Name" in plan else "",
            f"on {plan['Relation Name']}" if "Relation Name" in plan else "",
            plan.get("Subplan Name", ""),
        )
        if part
    )
    rows = plan["Actual Rows"] * plan["Actual Loops"]
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    removed = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    told = f"{rows:,.0f} rows, {pages:,} pages" + (
        f", {removed * plan['Actual Loops']:,.0f} passed over" if removed else ""
    )
    if plan["Actual Loops"]:
        yield f"{'  ' * depth}{what}: {told}, {plan['Actual Total Time'] * plan['Actual Loops']:.2f} ms"
    for child in plan.get("Plans", ()):
        yield from drawn(child, depth + 1)


def measured_copy(copy, stage, seen):
    @contextmanager
    def measured(cursor, statement, *rest, **options):
        name = "COPY " + re.match(r"COPY (\w+)", statement)[1]
        before, began = wal_of(cursor.connection), time.perf_counter()
        rows = SimpleNamespace(text="")
        with copy(cursor, statement, *rest, **options) as writer:
            write = writer.write
            writer.write = lambda lines: (setattr(rows, "text", lines), write(lines))
            yield writer
        ms, n = 1000 * (time.perf_counter() - began), max(1, rows.text.count("\n"))
        figures = {"rows": n, "ms": ms, "µs per row": 1000 * ms / n}
        figures["WAL bytes per row"] = (wal_of(cursor.connection) - before) / n
        seen.append(SimpleNamespace(stage=stage, name=name, figures=figures, lines=[]))

    return measured


def wal_of(connection):
    with connection.cursor() as cursor:
        return int(cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()[0])
