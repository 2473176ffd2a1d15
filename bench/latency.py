"""B4, latency: from a shop's POST to the request at the receiver of the webhook, through everything that is between.

Events come one by one at a steady rate through gunicorn, a condition looks at each, and a worker of deliveries calls a
sink on this machine. Two workers of turns, one of deliveries, Valkey's bell between them.
"""

import time
from contextlib import suppress

from bench.load import Load
from bench.machine import share, summary
from bench.processes import until, web, workers
from bench.shop import Shop, drawing
from bench.sink import sink

RATE = 100
WARM_UP_S = 5
ARRIVED_WITHIN_S = 60

TARGETS = {"ms from POST to request, p50": ("≤", 50), "ms from POST to request, p99": ("≤", 300), "lost": ("≤", 0)}

EVENT = (
    '{"message_id": "b4-@n", "name": "Product Added", "customer": {"external_id": "customer-@n"}, '
    '"properties": {"cart_id": "cart-@n", "product": "Jasmine tea 250 g", "price": 68, "sent": "@sent"}}'
)


def run(machine, sizes):
    runs = [one_run(machine, sizes.latency_s) for _ in range(sizes.repeat)]
    what = f"B4 latency, {RATE} events/s for {sizes.latency_s} s, event → condition → webhook"
    yield {"what": what, "figures": summary(runs), "targets": TARGETS}


def one_run(machine, seconds):
    with machine.fresh_database() as url, sink() as receiver:
        shop = calling_shop(machine, url, receiver)
        with (
            web(shop.environment) as (server, port),
            workers("turns", 2, shop.environment) as turning,
            workers("deliveries", 1, shop.environment) as delivering,
        ):
            parts = {"web": [server], "turns": turning, "deliveries": delivering}
            load = Load(port, shop.key, WARM_UP_S + seconds, {"event": event_stream(RATE)})
            time.sleep(WARM_UP_S)
            before, warm = used(machine, parts), receiver.taken()["requests"]
            time.sleep(seconds + 1)
            asked = load.finish()
            posted = sum(one[4] == 200 for one in asked)
            lost = posted - arrived(receiver, posted)
            after = used(machine, parts)
        waits = receiver.taken()["waits_ms"][warm:]
        return figures(asked, waits, len(asked) - posted, lost) | {
            f"CPU µs per event, {name}": (after[name] - before[name]) / max(1, len(waits)) for name in after
        }


def calling_shop(machine, url, receiver):
    """A shop whose one journey calls the receiver for each event."""
    place = f"127.0.0.1:{receiver.port}"
    shop = Shop(url, machine.redis_url, place)
    shop.add_account("webhook", "webhook", secret={"secret": "bench"})
    shop.publish(graph(receiver.url))
    shop.vacuum()
    machine.settle()
    return shop


def graph(url):
    rule = {"property": "price", "op": ">=", "value": 50}
    body = '{"cart": {{ event.cart_id | json }}, "sent": {{ event.sent | json }}}'
    return drawing(
        {
            "added": ("event", {"event": "Product Added"}),
            "dear": ("condition", {"rule": rule}),
            "hook": ("send_webhook", {"url": url, "body": body}),
            "end": ("exit", {}),
        },
        ["added > dear", "dear:yes > hook", "dear:no > end", "hook > end"],
    )


def event_stream(rate):
    return {"method": "POST", "path": "/api/v1/events", "body": EVENT, "rate": rate}


def arrived(receiver, wanted):
    """How many came, once all did or the time for it is over."""
    with suppress(TimeoutError):
        until(lambda: receiver.taken()["requests"] >= wanted, ARRIVED_WITHIN_S, "all have arrived", 0.2)
    return receiver.taken()["requests"]


def used(machine, parts):
    found = {name: sum(one.cpu_us() for one in processes) for name, processes in parts.items()}
    return found | {"PostgreSQL": machine.database_cpu_us(), "Valkey": machine.valkey_cpu_us()}


def figures(asked, waits, refused, lost):
    return {
        "ms from POST to request, p50": share(waits, 0.5),
        "ms from POST to request, p99": share(waits, 0.99),
        "ms from POST to request, longest": max(waits),
        "ms to the answer of the POST, p50": 1000 * share([one[3] for one in asked], 0.5),
        "ms to the answer of the POST, p99": 1000 * share([one[3] for one in asked], 0.99),
        "ms the client was late, p99": 1000 * share([one[2] for one in asked], 0.99),
        "refused": refused,
        "lost": lost,
    }
