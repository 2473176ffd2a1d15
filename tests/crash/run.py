"""A run: events flow while things are killed, then everything comes to rest and is judged.

`python -m tests.crash.run --minutes 10 --seed 7` runs longer than the tests do and prints the tables of
docs/reliability.md.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from journey_engine.embedded import free_port
from tests.crash.checker import judge
from tests.crash.client import SIZES, Client
from tests.crash.drawing import cart_event, cart_journey
from tests.crash.engine import Engine, wait_for
from tests.crash.killer import Killer

EVENTS = {"transactional": "Cart Left", "marketing": "Basket Left"}
"""Half of the carts are written to as a notice, half as marketing; each class has its own journey."""

REST_WITHIN_S = 150


def run(folder, total, customers, seed, pace_s, seconds=600, pause_s=(1.5, 3.0), say=print):
    """Push so many events, for so many seconds at most, and kill meanwhile; come to rest; judge.

    Answers the verdict, the kills, and how often the client had to repeat.
    """
    engine = Engine(Path(folder) / "state", free_port())
    try:
        for message_class, name in EVENTS.items():
            engine.publish(f"Carts, {message_class}", cart_journey(name, message_class))
        journal = Path(folder) / "acknowledged.jsonl"
        client = Client(engine, journal, lambda n: _event(n, customers), total, seconds, pace_s)
        killer = Killer(engine, client, seed, pause_s)
        client.start()
        killer.start()
        client.join()
        killer.stop()
        say(f"pushed {client.acknowledged} events, {client.repeated} requests repeated, {len(killer.kills)} kills")
        rested = wait_for(lambda: _rests(engine), REST_WITHIN_S, every_s=0.5)
        say(f"at rest after {rested and round(rested, 1)} s")
        with engine.database() as database:
            verdict = judge(database, engine.received(), _acknowledged(journal), EVENTS.values())
        verdict.expect(not client.failed, "the client gave up", client.failed)
        all_of_them = f"{client.acknowledged} of {client.pushed} events were acknowledged"
        verdict.expect(client.acknowledged == client.pushed, all_of_them)
        verdict.expect(rested is not None, "it did not come to rest")
        return verdict, killer.kills, client.repeated
    finally:
        engine.stop()


def _event(number, customers):
    return cart_event(list(EVENTS.values())[number % 2], number, customers)


def _acknowledged(journal):
    return [(line["message_id"], line["id"]) for line in map(json.loads, journal.read_text().splitlines())]


def _rests(engine):
    """Nothing is in the inbox, nobody waits, no message is on its way. What is unknown may be looked up later."""
    return engine.ask(
        "SELECT NOT EXISTS (SELECT FROM inbox) AND NOT EXISTS (SELECT FROM enrollments WHERE ended_at IS NULL) "
        "AND NOT EXISTS (SELECT FROM messages WHERE status IN ('queued', 'sending'))"
    )[0][0]


def table(verdict, kills):
    """The kills by target with how long work stood still, and what the judge found, as Markdown."""
    took = defaultdict(list)
    for kill in kills:
        took[kill.target].append(kill.resumed_s)
    lines = ["| killed | times | work went on after: median | longest |", "|---|--:|--:|--:|"]
    for target, all_times in sorted(took.items()):
        times = [s for s in all_times if s is not None]
        found = f"{statistics.median(times):.1f} s | {max(times):.1f} s" if times else "– | –"
        lines.append(f"| {target} | {len(all_times)} | {found} |")
    lines += ["", "| | |", "|---|--:|"]
    named = {
        "events acknowledged": verdict.acknowledged,
        "events lost": verdict.lost,
        "events doubled": verdict.events_doubled,
        "messages": verdict.messages,
        "sent": verdict.sent,
        "received twice": verdict.messages_doubled,
        "called sent, never received": verdict.missing,
        "unknown": verdict.unknown,
        "of these received": verdict.unknown_at_provider,
        "transactional ones sent once more after a look-up found none": verdict.repeated_openly,
    }
    return "\n".join(lines + [f"| {name} | {n:,} |" for name, n in named.items()])


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.crash.run", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-second", type=int, default=250, help="events pushed per second while nothing is down")
    chosen = parser.parse_args()
    total = int(chosen.minutes * 60 * chosen.per_second)
    pace_s = 2 * statistics.mean(SIZES) / chosen.per_second  # of each of two threads
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="journey-crash-") as folder:
        customers = max(100, total // 4)
        verdict, kills, repeated = run(folder, total, customers, chosen.seed, pace_s, chosen.minutes * 60, (2.0, 5.0))
    print(
        f"\nSeed {chosen.seed}; {time.monotonic() - began:.0f} s on {os.cpu_count()} cores "
        f"({platform.machine()}, Python {platform.python_version()}); {repeated} requests repeated\n"
    )
    print(table(verdict, kills))
    for sentence in verdict.wrong:
        print(f"WRONG: {sentence}")
    sys.exit(bool(verdict.wrong))


if __name__ == "__main__":
    main()
