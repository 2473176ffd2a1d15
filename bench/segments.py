"""B6, segments: what one event costs when fifty segments read it, and how soon a rule's size is known.

The shop has many customers with ten events each. The segments count, sum and look back thirty days, as marketers' do.
The time without segments is taken off, so that what remains is theirs.
"""

import random
import statistics
import time

from sqlalchemy import text

from bench.machine import summary
from bench.shop import Shop
from journey_engine.clock import now
from journey_engine.ids import uuid7
from journey_engine.model.rule import CUSTOMER, parse
from journey_engine.pipeline import segment_editing
from journey_engine.pipeline.ingest import ingest, make_incoming
from journey_engine.pipeline.segments import compute
from journey_engine.pipeline.turn import live_routes, turn
from journey_engine.store import segments_read
from journey_engine.store.locks import hold_control
from journey_engine.store.session import transaction

PER_SIZE = 20
SEGMENTS = 50
EVENTS = 2_000
PREVIEWS = 20
TARGETS = {"ms of an event for 50 segments": ("≤", 5.0), "s until a size is known, p95": ("≤", 1.0)}

CUSTOMERS = """
    INSERT INTO customers (id, workspace_id, shard, created_at, attributes)
    SELECT id, :workspace, get_byte(uuid_send(id), 15) & 63, now() - interval '1 year',
        jsonb_build_object('tier', (ARRAY['gold', 'silver', 'none'])[1 + n % 3], 'n', n)
    FROM (
        SELECT n, (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint + n / 100), 12, '0')
            || '7000a' || substr(md5('c' || n), 1, 15))::uuid AS id FROM generate_series(1, :count) n
    ) made
"""
IDENTITIES = """
    INSERT INTO identities (workspace_id, kind, value, shard, customer_id, created_at)
    SELECT workspace_id, 'external_id', attributes ->> 'n', shard, id, created_at FROM customers
"""
PAST = """
    INSERT INTO events (id, workspace_id, shard, customer_id, name, occurred_at, received_at, properties)
    SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - k * 1000), 12, '0')
            || '7000a' || substr(md5('e' || k || id), 1, 15))::uuid,
        workspace_id, shard, id, (ARRAY['Order Completed', 'Product Viewed', 'Cart Viewed'])[1 + k % 3], at, at,
        json_build_object('total', 10 * k, 'sku', 'S' || k)
    FROM (SELECT c.*, k, now() - interval '200 days' * random() AS at FROM customers c, generate_series(1, 10) k) made
"""
ACTIVITY = """
    INSERT INTO activity (customer_id, name, workspace_id, shard, count, first_at, last_at)
    SELECT customer_id, name, min(workspace_id), min(shard), count(*), min(occurred_at), max(occurred_at)
    FROM events GROUP BY customer_id, name
"""


def run(machine, sizes):
    count = sizes.customers * PER_SIZE
    runs = list(on_one_shop(machine, count, sizes.repeat))
    what = f"B6 segments over {count:,} customers, {10 * count:,} events"
    yield {"what": what, "figures": summary(runs), "targets": TARGETS}


def on_one_shop(machine, count, repeat):
    with machine.fresh_database() as url:
        shop = Shop(url, machine.redis_url)
        shop.do(CUSTOMERS, workspace=shop.workspace, count=count)
        for statement in (IDENTITIES, PAST, ACTIVITY):
            with transaction(shop.engine) as tx:
                tx.execute(text("SET LOCAL statement_timeout = 0"))
                tx.execute(text(statement))
        shop.vacuum()
        machine.settle()
        for n in range(repeat):
            alone_s = worked(shop, count, n)
            with_rules(shop)
            read_s = worked(shop, count, n)
            one = [worked(shop, count, n, events=1) for n in range(30)]
            sizes = previews(shop)
            without_rules(shop)
            yield {
                "ms of an event for 50 segments": (read_s - alone_s) / EVENTS * 1000,
                "ms of a turn with one event and 50 segments, median": statistics.median(one) * 1000,
                "s until a size is known, p95": statistics.quantiles(sizes, n=20)[-1],
                "s until a size is known, median": statistics.median(sizes),
                "customers gone through per s, without time": count / computed(shop, rule(7), n),
                "customers gone through per s, with time": count / computed(shop, rule(1), n),
            }


def rule(n):
    """The n-th of fifty rules that a completed order may change."""
    order, last = {"event": "Order Completed"}, lately(5 + n)
    tier = {"attribute": "tier", "op": "is", "value": ("gold", "silver")[n % 2]}
    viewed = {"event": "Product Viewed", "measure": "count", "op": ">=", "value": n % 4}
    sorts = (
        {"all": [tier, viewed, {**order, "measure": "count", "op": ">=", "value": 1 + n % 5}]},
        {"all": [tier, viewed, {**order, **last}]},
        {"all": [tier, {**order, **last, "measure": "sum", "of": "total", "op": ">", "value": 10 * n}]},
        {"any": [{"not": {**order, **last}}, {**order, "measure": "last", "of": "sku", "op": "is", "value": f"S{n}"}]},
    )
    return (sorts[3], sorts[1], sorts[2], sorts[0])[n % 4]


def lately(days):
    return {"last": {"amount": days, "unit": "days"}}


def with_rules(shop):
    with transaction(shop.engine) as tx:
        hold_control(tx)
        for n in range(SEGMENTS):
            parse(rule(n), CUSTOMER)
            own = {"id": uuid7(now()), "workspace_id": shop.workspace, "name": f"Segment {n}", "rule": rule(n)}
            segments_read.add(tx, own | {"state": "live", "computed_at": now()})


def without_rules(shop):
    with transaction(shop.engine) as tx:
        hold_control(tx)
        for name in ("segments", "segment_states", "segment_days"):
            tx.execute(text(f"TRUNCATE {name}"))


def worked(shop, count, seed, events=EVENTS):
    """The seconds that turns take for so many orders of customers anywhere among the old."""
    who = random.Random(seed).sample(range(1, count + 1), events)
    told = [
        make_incoming(None, "Order Completed", {"external_id": str(n)}, now(), {"total": 20, "sku": "S3"}) for n in who
    ]
    for some in (told[n : n + 500] for n in range(0, len(told), 500)):
        ingest(shop.engine, shop.workspace, some)
    began = time.perf_counter()
    while turn(shop.engine).worked:
        pass
    return time.perf_counter() - began


def previews(shop):
    """How long it takes until the size of a rule of three leaves is known, for different rules."""
    spans = []
    for n in range(PREVIEWS):
        asked = {
            "all": [
                {"attribute": "tier", "op": "is", "value": ("gold", "silver")[n % 2]},
                {"event": "Order Completed", "measure": "count", "op": ">=", "value": 1 + n % 4},
                {"event": "Product Viewed", "measure": "count", "op": "<", "value": 4, **lately(9 + n)},
            ]
        }  # fmt: skip
        began = time.perf_counter()
        segment_editing.preview(shop.engine, shop.workspace, asked)
        spans.append(time.perf_counter() - began)
    return spans


def computed(shop, asked, n):
    """The seconds until a new segment has all its members."""
    id = segment_editing.create(shop.engine, shop.workspace, f"Computed {n} {asked}"[:200], asked)
    began = time.perf_counter()
    while compute(shop.engine, live_routes):
        pass
    spent = time.perf_counter() - began
    segment_editing.delete(shop.engine, shop.workspace, id)
    return spent
