"""Golden stories: a journey, what customers did and when, and what came of it, each in a file of its own.

`pytest tests/journeys --update` writes what came of it into the files; read the difference before committing it.

A story has `journey` (nodes `id: {kind, settings, disabled}`, edges `a:exit > b`, journey settings), `events` (a line
each: time, who, event, properties), and `turns`: the times at which a worker looks. An event that has `arrives` is told
by the shop later than it happened. `do` lines pause, resume, stop, publish, merge or unsubscribe.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from journey_engine.pipeline.consent import withdraw
from tests.support.shop import MONDAY, Shop, graph

STORIES = sorted(Path(__file__).parent.glob("*.yaml"))
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
WORDS = {"second": "s", "minute": "m", "hour": "h", "day": "d"}


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_a_story_ends_as_it_is_told(file, database_url, request):
    story = yaml.safe_load(file.read_text())
    ending = tell(story, Shop(database_url))
    if request.config.getoption("--update"):
        before = file.read_text().split("\nexpect:")[0].rstrip()
        after = yaml.safe_dump({"expect": ending}, allow_unicode=True, sort_keys=False, width=116)
        file.write_text(f"{before}\n\n{after}")
    assert ending == story.get("expect") or request.config.getoption("--update")


def tell(story, shop):
    """Live through the story, and say what came of it."""
    journeys = {name: shop.publish(drawing(one), name) for name, one in journeys_of(story).items()}
    for at, _, what in sorted(happenings(story), key=lambda one: one[:2]):
        shop.now = MONDAY + at
        if what == "turn":
            shop.work()
        elif "do" in what:
            control(shop, journeys, story, what)
        else:
            happened = MONDAY + span(what["at"])
            shop.tell(what["who"], what["event"], happened, what.get("id"), **what.get("with", {}))
    return ending_of(shop, journeys)


def journeys_of(story):
    return story["journeys"] if "journeys" in story else {"Journey": story["journey"]}


def drawing(told):
    nodes = {
        id: (one["kind"], long(one.get("settings", {})), one.get("disabled", False))
        for id, one in told["nodes"].items()
    }
    return graph(nodes, told.get("edges", []), **told.get("settings", {}))


def long(settings):
    """Durations may be told as `2h`."""
    return {
        name: duration(value) if name in ("duration", "within", "timeout") else value
        for name, value in settings.items()
    }


def duration(short):
    amount, unit = re.fullmatch(r"(\d+)([smhd])", short).groups()
    return {"amount": int(amount), "unit": UNITS[unit]}


def span(short):
    """`1h30m` as a timedelta; a leading minus is before the story begins."""
    sign = -1 if short.startswith("-") else 1
    return sign * sum((timedelta(**{UNITS[u]: int(n)}) for n, u in re.findall(r"(\d+)([smhd])", short)), timedelta())


def happenings(story):
    """Everything by time; what is told at the same time happens in the order of the file, turns last."""
    for place, event in enumerate(story["events"]):
        yield span(event.get("arrives", event["at"])), place, event
    for place, at in enumerate(story["turns"]):
        yield span(at), len(story["events"]) + place, "turn"


def control(shop, journeys, story, what):
    journey = journeys[what.get("journey", next(iter(journeys)))]
    if what["do"] == "unsubscribe":
        withdraw(shop.engine, shop.workspace, shop.customer(what["who"]), what["channel"], "page")
    elif what["do"] == "publish":
        shop.publish_again(journey, drawing(story["second version"]))
    else:
        getattr(shop, what["do"])(journey)


def ending_of(shop, journeys):
    """What came of it: per customer the enrollments with their walk, and who was refused why."""
    names = {id: name for name, id in journeys.items()}
    ending = {}
    for row in sorted(
        shop.enrollments(),
        key=lambda row: (shop.who(row.customer_id), row.fired_at, names[row.journey_id], row.key, row.entry_no),
    ):
        told = {"walk": shop.path(row.id), "end": f"{row.status}{': ' + row.end_reason if row.end_reason else ''}"}
        told |= {"entered": since(row.entered_at)} if row.entered_at else {}
        told |= {"wakes": since(row.wake_at)} if row.wake_at else {}
        told |= {"key": row.key} if row.key else {}
        told |= {"journey": names[row.journey_id]} if len(names) > 1 else {}
        messages = sorted((m for m in shop.messages() if m.enrollment_id == row.id), key=lambda m: m.visit)
        sent = [f"{m.channel} {m.status} from {m.node_id} at {since(m.queued_at)}" for m in messages]
        told |= {"messages": sent} if sent else {}
        ending.setdefault(shop.who(row.customer_id), []).append(told)
    refused = shop.rows("SELECT customer_id, reason->>'why' AS why FROM refusals ORDER BY at, id")
    if refused:
        ending["refused"] = sorted(f"{shop.who(row.customer_id)}: {row.why}" for row in refused)
    for id in journeys.values():
        conserved(shop.counts(id), shop.rows("SELECT * FROM enrollments WHERE journey_id = :id", id=id))
    return ending


def conserved(counts, enrollments):
    """The numbers on the canvas are those of the enrollments."""
    totals = counts["totals"]
    entered = [row for row in enrollments if row.entered_at]
    assert totals["entered"] == len(entered)
    assert totals["armed"] == sum(row.status == "armed" for row in enrollments)
    for status in ("waiting", "completed", "exited", "failed"):
        assert totals[status] == sum(row.status == status for row in entered), status


def since(at):
    """The time since the story began, in short."""
    left, told = int((at - MONDAY).total_seconds()), ""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        amount, left = divmod(left, size)
        told += f"{amount}{unit}" if amount else ""
    return told or "0s"
