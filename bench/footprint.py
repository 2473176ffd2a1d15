"""B9, footprint: memory of web and workers at rest, after many customers went through six steps, and under traffic.

PSS counts what processes share once, RSS in each of them; own memory leaves out what is read from files. A day of B4 is
8.6 million events. Here a part of it runs at a higher rate, and growth of own memory is read over the second half of
the run, after everything has been used once.
"""

import time

from bench.latency import EVENT, RATE, calling_shop
from bench.load import Load
from bench.machine import summary
from bench.processes import until, web, workers
from bench.shop import added
from bench.sink import sink
from bench.six_steps import SECOND
from bench.six_steps import graph as six_steps
from journey_engine.pipeline.ingest import make_incoming

EVENTS_A_DAY = RATE * 24 * 3600
IN_A_REQUEST, REQUESTS_A_SECOND = 20, 15
LOOKS = 8
WORKED_WITHIN_S = 300
PARTS = ("web", "turns 1", "turns 2", "deliveries", "chores")

TARGETS = {"PSS of web and two workers after six steps, MB": ("≤", 500), "growth in the run's second half, %": ("≤", 5)}


def run(machine, sizes):
    found = one_run(machine, sizes.customers, sizes.footprint_s)
    rate = IN_A_REQUEST * REQUESTS_A_SECOND
    what = f"B9 footprint, {sizes.customers:,} customers, then {sizes.footprint_s} s of B4 at {rate} events/s"
    yield {"what": what, "figures": summary([found]), "targets": TARGETS}


def one_run(machine, customers, seconds):
    with machine.fresh_database() as url, sink() as receiver:
        shop = calling_shop(machine, url, receiver)
        shop.publish(six_steps("Cart Started", SECOND, receiver.url), "Six steps")
        with (
            web(shop.environment) as (server, port),
            workers("turns", 2, shop.environment) as turning,
            workers("deliveries", 1, shop.environment) as delivering,
            workers("chores", 1, shop.environment) as chores,
        ):
            core, rest = [server, *turning], [*delivering, *chores]
            figures = memory("at rest", core, rest)
            bring_through(shop, customers)
            figures |= memory("after six steps", core, rest)
            figures |= under_traffic(shop, port, receiver, core + rest, seconds)
        return figures


def memory(when, core, rest):
    return {
        f"PSS of web and two workers {when}, MB": sum(one.pss_mb() for one in core),
        f"RSS of web and two workers {when}, MB": sum(one.rss_mb() for one in core),
        f"PSS of all of ours {when}, MB": sum(one.pss_mb() for one in core + rest),
        f"PSS of web {when}, MB": core[0].pss_mb(),
        f"PSS of a worker of turns {when}, MB": max(one.pss_mb() for one in core[1:]),
    }


def bring_through(shop, customers):
    """The six steps, worked by real workers."""

    def started(n):
        event = added(n)
        return make_incoming(f"start-{n}", "Cart Started", {"external_id": f"customer-{n}"}, None, event.properties)

    shop.do("UPDATE accounts SET stopped_at = now(), stopped_why = 'not called here'")
    shop.tell(started, customers)
    until(lambda: all_ended(shop, customers), WORKED_WITHIN_S, "everybody is through the six steps", 0.5)
    shop.do("DELETE FROM messages")
    shop.do("UPDATE accounts SET stopped_at = NULL, stopped_why = ''")


def all_ended(shop, customers):
    return shop.ask("SELECT count(*) FROM enrollments WHERE ended_at IS NOT NULL") >= customers


def under_traffic(shop, port, receiver, processes, seconds):
    """Memory while events flow; growth over the second half, per event, and carried on to a day."""
    events = ", ".join(EVENT.replace("@n", f"@n-{k}") for k in range(IN_A_REQUEST))
    stream = {"method": "POST", "path": "/api/v1/events", "rate": REQUESTS_A_SECOND}
    load = Load(port, shop.key, seconds + 5, {"events": stream | {"body": f'{{"events": [{events}]}}'}})
    looks = []
    for _ in range(LOOKS):
        time.sleep(seconds / LOOKS)
        looks.append((receiver.taken()["requests"], [one.own_mb() for one in processes]))
    asked = load.finish()
    refused = [one for one in asked if one[4] != 200]
    assert not refused, f"{len(refused)} requests failed, such as {refused[0]}"
    (events_before, parts_before), (events_after, parts_after) = looks[LOOKS // 2 - 1], looks[-1]
    before, after = sum(parts_before), sum(parts_after)
    per_event = (after - before) / max(1, events_after - events_before)
    by_part = dict(zip(PARTS, (b - a for a, b in zip(parts_before, parts_after, strict=True)), strict=True))
    return {
        "events of the run, delivered": events_after,
        "own memory of all of ours at its end, MB": after,
        "growth in the run's second half, %": 100 * (after - before) / before,
        "growth per 100,000 events, MB": 100_000 * per_event,
        "the same carried on to a day of B4, MB": EVENTS_A_DAY * per_event,
    } | {f"growth of {name} in the second half, MB": grown for name, grown in by_part.items()}
