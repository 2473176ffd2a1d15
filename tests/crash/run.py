"""A run: events flow while faults befall the engine, then everything comes to rest and is judged.

`make chaos MINUTES=30 SEED=7` prints what was struck, how soon work went on and what the judge found, writes the same
as JSON, and ends with 1 when a promise was broken. The same seed lets the same faults come in the same order.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import platform
import random
import signal
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from journey_engine.embedded import free_port
from tests.crash.checker import judge
from tests.crash.client import Client
from tests.crash.drawing import cart_journey, order_journey, shop_event
from tests.crash.engine import Engine, wait_for
from tests.crash.faults import FAULTS, MISBEHAVING, WELL_BEHAVED
from tests.crash.killer import Killer
from tests.crash.marketer import Marketer

EVENTS = ("Cart Left", "Basket Left", "Order Placed", "Order Paid")

SIZES = (1, 10, 30, 1, 20)
"""Small batches, many: the load is steady."""

RESTS_WITHIN_S = 300
"""The backlog is gone so soon after the last fault."""

GIVEN_UP_AFTER_S = 1_200
"""A run that takes so much longer than it was asked to is ended, and everything that it started."""

# Nothing is in the inbox, nobody waits, no message is on its way. An unknown one may be looked up later, and one that
# is known not to have left may have its next try set for later, in the open: a provider may ask for a minute.
RESTS = """
    SELECT NOT EXISTS (SELECT FROM inbox) AND NOT EXISTS (SELECT FROM parked_events)
        AND NOT EXISTS (SELECT FROM enrollments WHERE ended_at IS NULL)
        AND NOT EXISTS (SELECT FROM messages WHERE status = 'sending')
        AND NOT EXISTS (SELECT FROM messages WHERE status = 'queued'
            AND (due_at IS NULL OR due_at < clock_timestamp() + interval '5 seconds'))
"""


class Run:
    """One engine with its journeys, its client, its marketer and its killer."""

    def __init__(self, folder, seed, customers, events=10**9, seconds=600, pace_s=0.35, say=print, **killing):
        self.folder, self.seed, self.say = Path(folder), seed, say
        self.rested_s = None
        self.engine = Engine(self.folder / "state", free_port(), second=True)
        try:
            self._furnish(events, customers, seconds, pace_s, killing)
        except BaseException:
            self.engine.stop()
            raise

    def _furnish(self, events, customers, seconds, pace_s, killing):
        engine, shop = self.engine, f"{self.engine.ready['sandbox_url']}/hooks/shop"
        engine.publish("Carts", cart_journey("Cart Left", "transactional"))
        baskets = engine.publish("Baskets", cart_journey("Basket Left", "marketing"))
        engine.publish("Orders", order_journey(shop))
        engine.faults(seed=self.seed, **MISBEHAVING)
        self.journal = self.folder / "acknowledged.jsonl"
        self.client = Client(
            engine, self.journal, lambda n: shop_event(n, customers), events, seconds, pace_s, sizes=SIZES
        )
        self.marketer = Marketer(engine, baskets, self.seed, customers)
        self.killer = Killer(engine, self.client, self.seed, self.marketer.noes, **killing)

    def go(self):
        """Push and strike until the client is done, then come to rest."""
        actors = (self.client, self.marketer, self.killer)
        for actor in actors:
            actor.start()
        wait_for(lambda: time.monotonic() > self.client.until or not self.killer.running, 10**6, every_s=0.2)
        self.client.finish()
        self.killer.stop()
        self.client.join()
        self.marketer.stop()
        self.engine.faults(**WELL_BEHAVED)
        self.say(f"pushed {self.client.acknowledged} events, {len(self.killer.struck)} faults, coming to rest …")
        self.rested_s = wait_for(lambda: self.engine.ask(RESTS)[0][0], RESTS_WITHIN_S, every_s=0.5)

    def judge(self, database=None, received=None, acknowledged=None):
        """The verdict on what there is now, or on what is handed in."""
        client, killer = self.client, self.killer
        lines = map(json.loads, self.journal.read_text().splitlines())
        acknowledged = acknowledged or [(line["message_id"], line["id"]) for line in lines]
        with self.engine.database() as ours:
            received = self.engine.received() if received is None else received
            verdict = judge(database or ours, received, acknowledged, EVENTS, self.marketer.noes)
        verdict.expect(not client.failed, "the client gave up", client.failed)
        said = f"{client.acknowledged} of {client.pushed} events were acknowledged"
        verdict.expect(client.acknowledged == client.pushed, said)
        odd = {str(what): n for what, n in client.said.items() if what not in (200, 503, "no answer")}
        verdict.expect(not odd, f"events were answered otherwise than by 200 or 503: {odd}")
        verdict.expect(self.rested_s is not None, f"it did not come to rest within {RESTS_WITHIN_S} s")
        late = [f"{one.name}: {one.resumed_s:.1f} s" for one in killer.struck if one.late]
        verdict.expect(not late, "work went on too late", late)
        verdict.expect(not killer.broken, "something did not come back", killer.broken)
        return verdict

    def stop(self):
        self.engine.stop()


def tables(run, verdict):
    """The faults by name with how soon work went on, and what the judge found, as Markdown."""
    by_name = defaultdict(list)
    for one in run.killer.struck:
        by_name[one.name].append(one)
    lines = ["| fault | times | work went on after: median | longest |", "|---|--:|--:|--:|"]
    for fault in FAULTS:
        tried = [one for one in by_name[fault.name] if not one.not_tried]
        times = [one.resumed_s for one in tried if one.resumed_s is not None and (one.alone or fault.lasts[1])]
        found = f"{statistics.median(times):.1f} s | {max(times):.1f} s" if times else "– | –"
        lines.append(f"| {fault.name} | {len(tried)} | {found} |")
    lines += ["", "| | |", "|---|--:|"]
    return "\n".join(lines + [f"| {name} | {n:,} |" for name, n in _named(run, verdict).items()])


def _named(run, verdict):
    return {
        "faults": sum(not one.not_tried for one in run.killer.struck),
        "events acknowledged": verdict.acknowledged,
        "requests repeated": run.client.repeated,
        "events lost": verdict.lost,
        "events doubled": verdict.events_doubled,
        "paths": verdict.enrollments,
        "paths that are no walk": verdict.illegal_paths,
        "messages": verdict.messages,
        "sent": verdict.sent,
        "taken back by an unsubscribe": verdict.suppressed,
        "received twice": verdict.messages_doubled,
        "said to be sent, never received": verdict.missing,
        "left after an unsubscribe or a pause was answered": verdict.after_no,
        "unknown": verdict.unknown,
        "of these received": verdict.unknown_at_provider,
        "messages whose next try is set for later": verdict.next_try_later,
        "notices by mail sent once more, as the provider cannot be asked": verdict.repeated_openly,
        "webhooks repeated under their key": verdict.repeated_by_key,
    }


def not_tried(run):
    """Faults that this machine does not allow, by why; silence about them would be a hole."""
    found = {}
    for one in run.killer.struck:
        if one.not_tried:
            found.setdefault(f"{one.name}: {one.not_tried}"[:200], []).append(one)
    return {what: len(times) for what, times in found.items()}


def report(run, verdict, minutes):
    """Everything about a run, for a file."""
    return {
        "seed": run.seed,
        "minutes": minutes,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load": os.getloadavg(),
        "rested_s": run.rested_s,
        "answers": {str(what): n for what, n in run.client.said.items()},
        "faults": [dataclasses.asdict(one) for one in run.killer.struck],
        "not_tried": not_tried(run),
        "verdict": dataclasses.asdict(verdict),
    }


def show(run, verdict, seconds):
    print(
        f"\nSeed {run.seed}; {seconds:.0f} s on {os.cpu_count()} cores ({platform.machine()}, Python "
        f"{platform.python_version()}), load {os.getloadavg()[0]:.1f}; at rest "
        f"{'never' if run.rested_s is None else f'{run.rested_s:.0f} s'} after the last event; answers "
        f"{dict(run.client.said)}; {len(run.marketer.noes.unsubscribed)} unsubscribes, "
        f"{len(run.marketer.noes.paused)} pauses\n"
    )
    print("Faults in their order: " + ", ".join(f"{one.at_s:.0f} s {one.name}" for one in run.killer.struck) + "\n")
    print(tables(run, verdict))
    for what, times in not_tried(run).items():
        print(f"NOT TRIED ({times}): {what}")
    for sentence in verdict.wrong:
        print(f"WRONG: {sentence}")
    print(f"\n{len(verdict.wrong)} promises broken; the same again: make chaos MINUTES=… SEED={run.seed}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.crash.run", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=None, help="drawn by lot and printed when left out")
    parser.add_argument("--per-second", type=int, default=60, help="events pushed per second while nothing is down")
    parser.add_argument("--json", type=Path, default=Path("chaos.json"), help="where everything is written down")
    parser.add_argument("--keep", type=Path, help="a new folder for the logs and the journals, which are kept there")
    parser.add_argument("--only", default="", help="only faults whose name holds this")
    chosen = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, lambda number, _: sys.exit(f"ended by {signal.Signals(number).name}"))
    signal.alarm(int(chosen.minutes * 60) + GIVEN_UP_AFTER_S)
    seed = random.randrange(10**6) if chosen.seed is None else chosen.seed
    pace_s = 2 * statistics.mean(SIZES) / chosen.per_second  # of each of two threads
    wanted = [fault for fault in FAULTS if chosen.only in fault.name]
    print(f"Seed {seed}, {chosen.minutes} minutes", flush=True)
    began, seconds = time.monotonic(), chosen.minutes * 60
    customers = max(200, int(seconds * chosen.per_second / 8))
    with folder_for(chosen.keep) as folder:
        run = Run(folder, seed, customers, seconds=seconds, pace_s=pace_s, wanted=wanted)
        try:
            run.go()
            verdict = run.judge()
        finally:
            run.stop()
    chosen.json.write_text(json.dumps(report(run, verdict, chosen.minutes), indent=1, default=str))
    show(run, verdict, time.monotonic() - began)
    sys.exit(bool(verdict.wrong))


@contextlib.contextmanager
def folder_for(kept):
    """Where a run keeps everything: a folder that goes with it, unless one is named."""
    if kept:
        kept.mkdir(parents=True)
        yield kept.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="journey-chaos-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


if __name__ == "__main__":
    main()
