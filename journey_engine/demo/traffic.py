"""Traffic: visits in real time, sent through the public door like any shop's events.

Each event has an id of its own, so one that was sent twice because the server went away is stored once. Nothing is
kept but the visits under way, so the demo can run for months.
"""

import argparse
import heapq
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

from journey_engine.console import CannotStart, in_terminal_language, say
from journey_engine.demo.journeys import open_journeys
from journey_engine.demo.people import REGULARS, Person, person
from journey_engine.demo.visits import Step, Visit
from journey_engine.door import Door
from journey_engine.text import Text

EVENTS_PER_S = 3.0
EVENTS_PER_VISIT = 6.1
"""What a visit comes to on average; it turns a speed in events into one in visits."""

NEWCOMERS = 0.14
AT_ONCE = 12
"""Visits that begin with the demo, so that the first minute is not an empty shop."""

OPENED = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""Newcomers are numbered from here, one every three seconds, so that no two runs register the same."""

TICK_S = 0.25
EVENTS_PER_REQUEST = 200
TELL_EVERY_S = 60

ABOUT = Text(
    "A small shop: publishes three journeys and sends its customers' events until it is stopped.",
    "一个小商店：发布三个旅程，并持续发送顾客事件，直到停止。",
)
URL_HELP = Text("the server (default: the one on this machine)", "服务器地址（默认为本机）")
WRITE_HELP = Text("an API key for events (WRITE_KEY)", "用于写入事件的 API 密钥（WRITE_KEY）")
ADMIN_HELP = Text(
    "an API key that may publish journeys (ADMIN_KEY); without it only events are sent",
    "可发布旅程的 API 密钥（ADMIN_KEY）；不提供则只发送事件",
)
SPEED_HELP = Text("1 is about three events a second (DEMO_SPEED)", "1 约为每秒三个事件（DEMO_SPEED）")
SEED_HELP = Text("another number is another set of customers", "不同的数字产生不同的顾客")
COUNT_HELP = Text("end after so many events", "发送这么多事件后结束")
LANGUAGE_HELP = Text("what the shop speaks: en or zh (DEMO_LANGUAGE)", "商店使用的语言：en 或 zh（DEMO_LANGUAGE）")
NO_KEY = Text(
    "No key for events. Give --write-key, or set WRITE_KEY; ready.json of the installation has one.",
    "缺少写入事件的密钥。请提供 --write-key 或设置 WRITE_KEY，安装目录的 ready.json 中有一个。",
)
BAD_SPEED = Text("--speed is a number above 0 and at most 1000.", "--speed 应为大于 0 且不超过 1000 的数。")
PUBLISHED = Text("Published: {names}", "已发布：{names}")
REJECTED = Text("An event was refused: {reason}", "有事件被拒绝：{reason}")
TOLD = Text("{sent} events sent.", "已发送 {sent} 个事件。")


def main() -> None:
    """Open the shop and serve until stopped, or until `--count` events were sent."""
    options = _read_options()
    language = options.language
    if options.admin_key:
        language, made = open_journeys(Door(options.url, options.admin_key, "admin key"), language)
        if made:
            say(PUBLISHED, names=", ".join(made))
    shop = DemoShop(options.seed, language, options.speed)
    serve(shop, Door(options.url, options.write_key, "write key"), options.count)


def _read_options() -> argparse.Namespace:
    env = os.environ.get
    own_url = f"http://{env('HOST', '127.0.0.1').replace('0.0.0.0', '127.0.0.1')}:{env('PORT', '8080')}"
    parser = argparse.ArgumentParser(description=in_terminal_language(ABOUT))
    parser.add_argument("--url", default=own_url, help=in_terminal_language(URL_HELP))
    parser.add_argument("--write-key", default=env("WRITE_KEY", ""), help=in_terminal_language(WRITE_HELP))
    parser.add_argument("--admin-key", default=env("ADMIN_KEY", ""), help=in_terminal_language(ADMIN_HELP))
    parser.add_argument("--speed", type=float, default=env("DEMO_SPEED") or 1.0, help=in_terminal_language(SPEED_HELP))
    parser.add_argument("--seed", type=int, default=1, help=in_terminal_language(SEED_HELP))
    parser.add_argument("--count", type=int, help=in_terminal_language(COUNT_HELP))
    language = env("DEMO_LANGUAGE") or in_terminal_language(Text("en", "zh"))
    parser.add_argument("--language", choices=("en", "zh"), default=language, help=in_terminal_language(LANGUAGE_HELP))
    options = parser.parse_args()
    if not options.write_key:
        raise CannotStart(NO_KEY)
    if not 0 < options.speed <= 1000:
        raise CannotStart(BAD_SPEED)
    return options


def serve(shop: "DemoShop", door: Door, count: int | None = None) -> None:
    """Send what happens in the shop while it happens; ends after `count` events."""
    sent, told_at = 0, time.monotonic()
    while count is None or sent < count:
        room = EVENTS_PER_REQUEST if count is None else min(EVENTS_PER_REQUEST, count - sent)
        events = shop.events_until(time.monotonic(), room)
        if events:
            answer = door.post("/api/v1/events", {"events": events})
            for refused in (one for one in answer["results"] if one["status"] != 200):
                say(REJECTED, reason=refused["error"])
            sent += len(events)
        if len(events) < room:
            time.sleep(TICK_S)
        if time.monotonic() - told_at > TELL_EVERY_S:
            say(TOLD, sent=sent)
            told_at = time.monotonic()
    say(TOLD, sent=sent)


class DemoShop:
    """The visits under way, and who comes next. The same seed draws the same visits; their ids are of this run only."""

    def __init__(self, seed: int, language: str, speed: float = 1.0, began: float | None = None):
        self.seed, self.language, self.random = seed, language, Random(seed)
        self.run = f"{seed}-{time.time_ns() // 1_000_000:x}"
        self.visits_per_s = EVENTS_PER_S * speed / EVENTS_PER_VISIT
        self.visits = self.events = 0
        self.newcomer = REGULARS + max(int(time.time() - OPENED), 0) // 3  # beyond whom an earlier run registered
        self.introduced: set[int] = set()
        self.under_way: list[tuple[float, int, Step, Visit, Iterator[Step]]] = []
        began = time.monotonic() if began is None else began
        self.next_visit_at = began
        for _ in range(AT_ONCE):
            self._begin(began)

    def events_until(self, now: float, room: int) -> list[dict[str, Any]]:
        """At most `room` events that have happened by now, in their order."""
        while self.next_visit_at <= now:
            self._begin(self.next_visit_at)
            self.next_visit_at = max(self.next_visit_at, now - 1) + self.random.expovariate(self.visits_per_s)
        events = []
        while self.under_way and self.under_way[0][0] <= now and len(events) < room:
            at, number, (_, name, properties), visit, walk = heapq.heappop(self.under_way)
            events.append(self._event(visit.person, name, properties))
            self._go_on(at, number, visit, walk)
        return events

    def _begin(self, at: float) -> None:
        """Somebody comes in."""
        self.visits += 1
        newcomer = self.random.random() < NEWCOMERS
        if newcomer:
            self.newcomer += 1
        number = self.newcomer if newcomer else self.random.randrange(REGULARS)
        visit = Visit(person(self.seed, number), self.random, f"{self.run}-{self.visits}", self.language)
        walk = visit.arrive() if newcomer else self._known(visit)
        self._go_on(at, self.visits, visit, walk)

    def _known(self, visit: Visit) -> Iterator[Step]:
        """A visit of a regular; the first one of a run tells who they are."""
        if visit.person.number not in self.introduced:
            self.introduced.add(visit.person.number)
            yield from visit.introduce()
        yield from visit.walk()

    def _go_on(self, at: float, number: int, visit: Visit, walk: Iterator[Step]) -> None:
        step = next(walk, None)
        if step is not None:
            heapq.heappush(self.under_way, (at + step[0], number, step, visit, walk))

    def _event(self, who: Person, name: str, properties: dict[str, Any]) -> dict[str, Any]:
        self.events += 1
        return {
            "message_id": f"demo-{self.run}-{self.events}",
            "name": name,
            "customer": who.identities,
            "occurred_at": datetime.now(UTC).isoformat(),
            "properties": properties,
        }
