"""B5, growth: the six steps on top of tables that have grown, compared with empty ones.

One customer is brought through by the engine and one is left waiting; their rows are then multiplied in SQL, with ids
and instants of their own over the last ninety days, so that the tables hold what years of running leave. Half of the
measured customers are new, half come back from anywhere among the old. Every old customer has one enrollment; a sixth
of them still wait.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bench.machine import summary
from bench.shop import added
from bench.six_steps import graph, measured, six_step_shop
from journey_engine.pipeline.ingest import make_incoming
from journey_engine.store.partitions import make_partitions
from journey_engine.store.session import transaction

DAYS = 90
CHUNK = 100_000
LONG_WAIT = {"amount": 30, "unit": "days"}
WAITING_SHARE = 6
STRIDE = 7_368_787
"""A prime, so that going through the old customers in such strides meets each once, in no order of age."""

TARGETS = {"CPU per step, times the empty system's": ("≤", 1.3)}

# An id as the engine makes them: milliseconds, version, and bits that depend on what it is and its number.
MAKE_ID = """
CREATE OR REPLACE FUNCTION grown_id(what text, n bigint, at timestamptz, version text) RETURNS uuid IMMUTABLE
LANGUAGE sql RETURN (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || version
    || substr(md5(what || n), 1, 3) || '8' || substr(md5(what || n), 4, 15))::uuid
"""

CUSTOMER, EVENT = "grown_id('customer', i, s.at, '7')", "grown_id('event', i, s.at, '7')"
ENROLLMENT, MESSAGE = "grown_id('enrollment', i, s.at, '7')", "grown_id('message', i, s.at, '8')"
SHARD = f"(get_byte(uuid_send({CUSTOMER}), 15) & 63)"
LATER = "s.at + interval '1 second'"

COMMON = {
    "customer_id": CUSTOMER,
    "shard": SHARD,
    "event_id": EVENT,
    "enrollment_id": ENROLLMENT,
    "received_at": "s.at",
}
PEOPLE = {
    "customers": {"id": CUSTOMER, "created_at": "s.at"},
    "identities": {"value": "'old-' || i", "created_at": "s.at"},
    "activity": {"first_at": "s.at", "last_at": "s.at"},
    "events": {"id": EVENT, "occurred_at": "s.at", "message_id": "'old-' || i"},
    "event_keys": {"message_id": "'old-' || i"},
}
ENDED = {
    "enrollments": {"id": ENROLLMENT, "fired_at": "s.at", "entered_at": "s.at", "ended_at": LATER},
    "visits": {"at": "s.at"},
    "messages": {"id": MESSAGE, "queued_at": LATER, "sent_at": LATER},
}
WAITING = {
    "enrollments": {
        "id": ENROLLMENT, "fired_at": "s.at", "entered_at": "s.at", "held_since": "s.at",
        "wake_at": "now() + interval '1 day' + random() * interval '29 days'",
    },
    "visits": {"at": "s.at"},
}  # fmt: skip


def run(machine, sizes):
    empty = None
    for enrollments in (0, *sizes.grown):
        runs = list(on_top_of(machine, enrollments, sizes.customers, sizes.repeat))
        figures = summary(runs)
        empty = empty or figures
        for row in runs:
            for what in ("CPU per step", "CPU per event taken in"):
                name = what.replace("CPU", "CPU µs")
                row[f"{what}, times the empty system's"] = row[name] / empty[name]["median"]
        waiting = enrollments // WAITING_SHARE
        what = f"B5 growth, {sizes.customers:,} customers on top of {enrollments:,} enrollments, {waiting:,} waiting"
        yield {"what": what, "figures": summary(runs), "targets": TARGETS if enrollments else {}}


def on_top_of(machine, enrollments, customers, repeat):
    with machine.fresh_database() as url:
        shop = six_step_shop(machine, url)
        if enrollments:
            began = time.monotonic()
            grow(shop, enrollments)
            size = shop.ask("SELECT pg_size_pretty(pg_database_size(current_database()))")
            print(f"  tables grown to {size} in {time.monotonic() - began:.0f} s", flush=True)
        for number in range(repeat):
            taken_in = take_in(machine, shop, number * customers, customers, enrollments)
            yield {"CPU µs per event taken in": taken_in} | measured(machine, shop, customers, 2)


def take_in(machine, shop, first, customers, enrollments):
    """The events of the measured customers; what one cost."""
    before = time.process_time(), machine.database_cpu_us()

    def make(n):
        returning = enrollments and n % 2
        return came_back(first + n, (first + n) * STRIDE % enrollments) if returning else added(first + n)

    shop.tell(make, customers)
    return (1e6 * (time.process_time() - before[0]) + machine.database_cpu_us() - before[1]) / customers


def came_back(n, old):
    properties = {"cart_id": f"c{n}", "product": "Jasmine tea 250 g", "price": 68, "currency": "CNY"}
    return make_incoming(f"m{n}", "Product Added", {"external_id": f"old-{old}"}, None, properties)


def grow(shop, enrollments):
    """Multiply the rows of the two models; people, and what they went through, beside each other."""
    with transaction(shop.engine) as tx:
        for back in range(0, DAYS + 31, 30):
            make_partitions(tx, datetime.now(UTC) - timedelta(days=back))
        tx.execute(text(MAKE_ID))
    ended, waiting = models(shop)
    lots = [(first, min(first + CHUNK, enrollments)) for first in range(0, enrollments, CHUNK)]

    def people(lot):
        multiply(shop, PEOPLE, ended, lot, enrollments, "true")

    def ways(lot):
        multiply(shop, ENDED, ended, lot, enrollments, f"i % {WAITING_SHARE} <> 0")
        multiply(shop, WAITING, waiting, lot, enrollments, f"i % {WAITING_SHARE} = 0")

    with ThreadPoolExecutor(2) as pool:
        halves = [pool.submit(lambda do=do: [do(lot) for lot in lots]) for do in (people, ways)]
        for half in halves:
            half.result()


def models(shop):
    """A customer whom the engine brought through and one who waits for a month, with their rows."""
    shop.publish(graph("Cart Left", {"amount": 1, "unit": "seconds"}), "Ended")
    shop.publish(graph("Signed Up", LONG_WAIT), "Waiting")
    properties = {"cart_id": "c", "product": "Jasmine tea 250 g", "price": 68, "currency": "CNY"}
    names = ("Cart Left", "Signed Up")
    shop.tell(lambda n: make_incoming(f"model-{n}", names[n], {"external_id": f"model-{n}"}, None, properties), 2)
    shop.work(1)
    time.sleep(1.2)
    shop.work(1)
    shop.do("UPDATE messages SET status = 'sent', sent_at = now(), due_at = NULL, attempts = 1, content = '{}'")
    return tuple(shop.ask("SELECT customer_id FROM identities WHERE value = :v", v=f"model-{n}") for n in (0, 1))


def multiply(shop, tables, model, lot, of, which):
    values = {"model": model, "first": lot[0], "last": lot[1] - 1, "of": of}
    with transaction(shop.engine) as tx:
        tx.execute(text("SET LOCAL statement_timeout = 0"))
        tx.execute(text("SET LOCAL synchronous_commit = off"))
        for table, own in tables.items():
            tx.execute(text(multiplied(tx, table, own, which)), values)


COLUMNS = text(
    "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped "
    "ORDER BY attnum"
)

OF_MODEL = {
    "customers": "m.id = :model",
    "event_keys": "m.event_id = (SELECT id FROM events WHERE customer_id = :model LIMIT 1)",
}


def multiplied(tx, table, own, which):
    """The statement that repeats the model's rows of a table with ids and instants of each customer's own."""
    columns = list(tx.scalars(COLUMNS, {"table": table}))
    values = [{**COMMON, **own}.get(column, f"m.{column}") for column in columns]
    of_model = OF_MODEL.get(table, "m.customer_id = :model")
    return f"""
        INSERT INTO {table} ({", ".join(columns)})
        SELECT {", ".join(values)} FROM generate_series(CAST(:first AS bigint), :last) i
        CROSS JOIN LATERAL (
            SELECT now() - interval '{DAYS} days' + interval '{DAYS} days' * (i::float / CAST(:of AS float)) AS at
        ) s
        CROSS JOIN {table} m WHERE {of_model} AND {which}
    """
