"""Publishing over waiting customers: how long the answer takes, until all stand where the dialogue said, pause, resume.

So many customers wait, three quarters at one wait and the others at a second one. A new version shortens the first and
has the second no more. Then the journey is paused, everybody comes due, and it is resumed with all of them spread over
a minute. Afterwards everybody is counted: nobody may be lost, and nobody messaged twice.
"""

import time

from sqlalchemy import text

from bench.machine import summary
from bench.shop import Shop, drawing
from journey_engine.pipeline import control
from journey_engine.pipeline.ingest import make_incoming
from journey_engine.store import journeys
from journey_engine.store.session import transaction

ALLOWED = "127.0.0.1:1"
HOOK = ("send_webhook", {"url": f"http://{ALLOWED}/hook", "body": "{}"})
LATER_SHARE = 4
HOUR_S = 3600


def graph(first_s, second=True):
    """Seen, a wait, a message, and perhaps a second wait with a message of its own."""
    nodes = {
        "start": ("event", {"event": "Seen"}),
        "begin": ("event", {"event": "Bought"}),
        "first": ("wait", {"duration": {"amount": first_s, "unit": "seconds"}}),
        "hook": HOOK,
        "end": ("exit", {}),
    }
    edges = ["start > first", "first > hook", "hook > end", "begin > first"]
    if second:
        nodes["second"] = ("wait", {"duration": {"amount": 30, "unit": "days"}})
        edges = [*edges[:-1], "begin > second", "second > hook"]
    return drawing(nodes, edges)


def run(machine, sizes):
    targets = {"seconds until publishing is answered": ("≤", 2), "customers lost": ("≤", 0), "messaged twice": ("≤", 0)}
    runs = [once(machine, sizes.standing) for _ in range(sizes.repeat)]
    what = f"Publishing over {sizes.standing:,} waiting customers, a node deleted and a wait shortened"
    yield {"what": what, "figures": summary(runs), "targets": targets}


def once(machine, standing):
    with machine.fresh_database() as url:
        shop = Shop(url, machine.redis_url, ALLOWED)
        shop.add_account("webhook", "webhook")
        journey = shop.publish(graph(30 * 24 * HOUR_S))
        names = ["Bought" if n % LATER_SHARE == 0 else "Seen" for n in range(standing)]
        shop.tell(lambda n: make_incoming(f"m{n}", names[n], {"external_id": f"c{n}"}, None, {}), standing)
        shop.work()
        shop.vacuum()
        return figures(shop, journey, standing)


def figures(shop, journey, standing):
    """One publication with all that follows, in seconds, and what was wrong at its end."""
    found = {}
    found["seconds until publishing is answered"] = timed(
        lambda: publish(shop, journey, 2, graph(7 * 24 * HOUR_S, False))
    )
    found["seconds until all are handed over (2 workers)"] = timed(shop.work)
    found["customers elsewhere than the dialogue said"] = standing - shop.ask(
        "SELECT count(*) FROM enrollments e JOIN versions v ON v.id = e.version_id "
        "WHERE v.number = 2 AND e.node_id = 'first' AND e.wake_at - e.held_since = interval '7 days'"
    )
    found["seconds until pausing is answered"] = timed(lambda: control.pause(shop.engine, shop.workspace, journey))
    shop.do("UPDATE enrollments SET wake_at = now() - interval '1 hour' * random()")  # the wait ends in the pause
    found["seconds until all are put aside (2 workers)"] = timed(shop.work)
    found["seconds until resuming is answered"] = timed(
        lambda: control.resume(shop.engine, shop.workspace, journey, spread_minutes=1)
    )
    found["seconds until all went on, spread over 60"] = timed(lambda: until_ended(shop, standing))
    found["customers lost"] = standing - shop.ask("SELECT count(*) FROM enrollments WHERE status = 'completed'")
    found["messaged twice"] = shop.ask("SELECT count(*) - count(DISTINCT customer_id) FROM messages")
    return found


def publish(shop, journey, revision, drawn):
    with transaction(shop.engine) as tx:
        journeys.save_draft(tx, shop.workspace, journey, revision - 1, drawn, None)
    how = {"standing": "move", "targets": {"second": "first"}}
    control.publish(shop.engine, shop.workspace, journey, revision, "bench", (ALLOWED,), **how)


def timed(do):
    began = time.monotonic()
    do()
    return time.monotonic() - began


def until_ended(shop, standing):
    until = time.monotonic() + 300
    while time.monotonic() < until:
        shop.work()
        with transaction(shop.engine) as tx:
            if tx.scalar(text("SELECT count(*) FROM enrollments WHERE ended_at IS NOT NULL")) == standing:
                return
