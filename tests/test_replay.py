"""Replay: files become events once each, in order, through the public door, also when the replay is killed."""

import csv
import gzip
import json
import os
import subprocess
import sys
import warnings
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journey_engine.pipeline.ingest import ingest, read_event
from journey_engine.pipeline.turn import turn
from journey_engine.store.partitions import make_partitions
from journey_engine.store.session import transaction
from tests.support.installed import add_key, served
from tests.support.processes import until
from tests.support.shop import Shop, graph

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ORDERS = ("--event", "Order Completed", "--map", "customer.external_id=customer_id", "--map", "occurred_at=date")
PRICED = (*ORDERS, "--map", "properties.value=value:number", "--map", "properties.quantity=quantity:number")
HEADER = "customer_id,date,quantity,value\n"
CLICKS_WITHIN = timedelta(hours=2)


def real_data(name):
    path = DATA / name
    if not path.exists():
        warnings.warn(f"{path} IS MISSING: what is promised of real data is not tested", stacklevel=1)
    return pytest.param(path, marks=pytest.mark.skipif(not path.exists(), reason=f"{path} IS MISSING"), id=name)


@pytest.fixture
def shop(database_url):
    shop = Shop(database_url, datetime.now(UTC))
    add_key(shop.engine, shop.workspace, "ingest", "ingest")
    return shop


@pytest.fixture
def server(database_url):
    with served(database_url) as server:
        yield server


class Nowhere:
    """An address at which nobody answers; whoever asks it would try again for minutes."""

    url = "http://127.0.0.1:9"


class Replay:
    """`journey replay` as a process, its state in a folder of the test."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder

    def start(self, file, *options, key="ingest"):
        where = ["--url", self.server.url, "--write-key", key, "--state", str(self.folder / "state")]
        return subprocess.Popen(
            [sys.executable, "-m", "journey_engine.cli", "replay", str(file), *where, *options],
            env=os.environ | {"LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, file, *options, **rest):
        """Exit code, what was said, what was complained."""
        process = self.start(file, *options, **rest)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def rejected(self, name):
        return [
            json.loads(line) for line in (self.folder / "state" / f"{name}.rejected.jsonl").read_text().splitlines()
        ]


@pytest.fixture
def replay(server, tmp_path):
    return Replay(server, tmp_path)


def stored(shop):
    return shop.rows("SELECT * FROM events ORDER BY id")


def test_columns_become_typed_parts_of_events(shop, replay, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(
        'who,when,total,paid,tags,note\nann,2026-03-01 10:30,12.50,yes,"[1,2]",\nbob,1772360000,7,no,{},hi\n'
    )

    maps = ["customer.external_id=who", "occurred_at=when", "properties.value=total:number"]
    maps += ["properties.paid=paid:boolean", "properties.tags=tags:json", "properties.note=note"]
    mapped = [option for line in maps for option in ("--map", line)]
    constant = ["--event", "Order Completed", "--set", "properties.currency=CNY"]
    code, _, err = replay.run(file, *mapped, *constant, "--timezone", "Asia/Shanghai")

    assert code == 0, err
    ann, bob = sorted(stored(shop), key=lambda event: -event.properties["value"])
    assert ann.properties == {"value": 12.5, "paid": True, "tags": [1, 2], "currency": "CNY"}
    assert ann.occurred_at == datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
    assert bob.properties == {"value": 7, "paid": False, "tags": {}, "note": "hi", "currency": "CNY"}
    assert bob.occurred_at == datetime.fromtimestamp(1772360000, UTC)


def test_rows_that_look_alike_are_different_purchases(shop, replay, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + "1,2026-03-01,1,9.90\n" * 3)
    assert replay.run(file, *PRICED)[0] == 0
    assert len(stored(shop)) == 3


def test_a_file_sent_again_renamed_or_grown_stores_only_what_is_new(shop, replay, tmp_path):
    rows = [f"{n % 7},2026-03-01,1,{n}\n" for n in range(2_500)]
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + "".join(rows[:2_000]))
    assert replay.run(file, *PRICED)[0] == 0

    grown = tmp_path / "renamed.csv.gz"
    grown.write_bytes(gzip.compress((HEADER + "".join(rows)).encode()))
    code, out, _ = replay.run(grown, *PRICED)

    assert code == 0 and "500 events stored, 2,000 were there already" in out
    assert sorted(event.properties["value"] for event in stored(shop)) == list(range(2_500))


def test_bad_rows_are_reported_with_their_numbers_and_the_others_are_stored(shop, replay, tmp_path):
    file = tmp_path / "orders.csv"
    good = [f"{n},2026-03-01,1,5\n" for n in range(6)]
    bad = ["9,2026-03-01,1,cheap\n", "9,not a day,1,5\n", "9,2026-03-01\n", ",2026-03-01,1,5\n", "9,1889-01-01,1,5\n"]
    file.write_text(HEADER + "".join(row for pair in zip(good, bad, strict=False) for row in pair) + good[-1])

    code, out, _ = replay.run(file, *PRICED)

    assert code == 3 and "6 events stored, 0 were there already, 5 rejected" in out
    assert len(stored(shop)) == 6
    found = {one["row"]: one for one in replay.rejected("orders.csv")}
    assert sorted(found) == [2, 4, 6, 8, 10] and found[2]["line"] == 3
    assert "cheap" in found[2]["error"] and "2 values for 4 columns" in found[6]["error"]
    assert found[10]["code"] == "event:occurred_at" and found[10]["values"]["date"] == "1889-01-01"


def test_lines_of_json_are_events_as_they_are_or_by_paths(shop, replay, tmp_path):
    event = {"name": "Order Completed", "customer": {"external_id": "ann"}, "properties": {"value": 3}}
    plain = tmp_path / "events.jsonl"
    plain.write_text(json.dumps(event) + "\n\nnot json\n" + json.dumps(event | {"message_id": "own"}) + "\n")
    assert replay.run(plain)[0] == 3
    assert {row.message_id for row in stored(shop)} > {"own"} and len(stored(shop)) == 2

    nested = tmp_path / "orders.jsonl"
    nested.write_text(json.dumps({"buyer": {"id": 7}, "order": {"total": 9.5, "lines": [1]}}) + "\n")
    maps = ("--map", "customer.external_id=buyer.id", "--map", "properties.value=order.total", "--event", "Paid")
    assert replay.run(nested, *maps)[0] == 0
    assert shop.one("SELECT properties FROM events WHERE name = 'Paid'") == {"value": 9.5}


def test_a_value_that_no_request_can_carry_rejects_its_row_only(shop, replay, tmp_path):
    file = tmp_path / "events.jsonl"
    events = [{"name": "E", "customer": {"external_id": "ann"}, "properties": {"n": n}} for n in (1, 10**19, 3)]
    file.write_text("".join(json.dumps(event) + "\n" for event in events))
    assert replay.run(file)[0] == 3
    assert [row.properties["n"] for row in stored(shop)] == [1, 3]
    assert [one["row"] for one in replay.rejected("events.jsonl")] == [2]


def test_a_customers_rows_are_stored_in_the_order_of_the_file(shop, replay, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + "".join(f"{n % 5},2026-03-01,1,{n}\n" for n in range(6_000)))
    assert replay.run(file, *PRICED)[0] == 0

    queues = defaultdict(list)
    for row in shop.rows(
        "SELECT i.customer_id, e.properties FROM inbox i JOIN events e ON e.id = i.event_id ORDER BY seq"
    ):
        queues[row.customer_id].append(row.properties["value"])
    assert len(queues) == 5 and all(values == sorted(values) for values in queues.values())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--event", "E"), "--map customer.external_id"),
        (("--map", "customer.external_id=customer_id"), "--event NAME"),
        ((*ORDERS, "--map", "properties.x=total"), "no column 'total'. It has: customer_id, date"),
        ((*ORDERS, "--map", "price=value"), "PART=COLUMN"),
        ((*ORDERS, "--timezone", "Mars"), "no time zone 'Mars'"),
        ((*ORDERS, "--encoding", "klingon"), "no encoding 'klingon'"),
    ],
)
def test_a_mistake_in_the_options_is_one_sentence_before_the_server_is_asked(tmp_path, options, words):
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + "1,2026-03-01,1,5\n")
    code, _, err = Replay(Nowhere(), tmp_path).run(file, *options)
    assert code == 1 and words in err and "Traceback" not in err


def test_files_that_cannot_be_read_are_named_with_the_remedy(shop, replay, tmp_path):
    chinese = tmp_path / "orders.csv"
    chinese.write_bytes((HEADER + "王,2026-03-01,1,5\n").encode("gb18030"))
    code, _, err = replay.run(chinese, *ORDERS)
    assert code == 1 and "--encoding gb18030" in err and "line 2" in err
    assert replay.run(chinese, *ORDERS, "--encoding", "gb18030")[0] == 0

    whole = gzip.compress((HEADER + "".join(f"{n},2026-03-01,1,{n}\n" for n in range(20_000))).encode())
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    code, _, err = replay.run(cut, *ORDERS)
    assert code == 1 and "breaks off" in err and "--resume" in err
    assert len(stored(shop)) > 1_000

    code, _, err = replay.run(tmp_path / "none.csv", *ORDERS)
    assert code == 1 and "no file" in err


def test_a_wrong_key_ends_the_replay_with_the_remedy(shop, replay, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + "1,2026-03-01,1,5\n")
    code, _, err = replay.run(file, *ORDERS, key="wrong")
    assert code == 1 and "write key" in err and "Traceback" not in err


@pytest.mark.parametrize("data", [real_data("cdnow.csv.gz")])
def test_69659_real_purchases_are_stored_once_each_though_replay_and_server_are_killed(shop, server, replay, data):
    first_order = {"event": "Order Completed", "late_events": True}
    journey = shop.publish(
        graph({"t": ("event", first_order), "end": ("exit",)}, ["t > end"], reentry={"policy": "never"})
    )

    killed = replay.start(data, *PRICED)
    until(lambda: shop.one("SELECT count(*) FROM events") > 20_000, 60)
    killed.kill()
    killed.communicate()
    resumed = replay.start(data, *PRICED, "--resume")
    until(lambda: shop.one("SELECT count(*) FROM events") > 45_000, 60)
    server.stop()
    server.start()
    out, err = resumed.communicate(timeout=120)
    assert resumed.returncode == 0, err
    assert "Going on after" in out

    assert shop.one("SELECT count(*) FROM events") == 69_659
    assert shop.one("SELECT count(*) FROM customers") == 23_570
    assert float(shop.one("SELECT sum(CAST(properties ->> 'value' AS numeric)) FROM events")) == pytest.approx(
        sum(float(row["value"]) for row in rows_of(data))
    )
    shop.now = datetime.now(UTC)
    shop.work()
    assert shop.counts(journey)["totals"]["entered"] == 23_570
    assert shop.one("SELECT count(*) FROM enrollments") == 23_570


@pytest.mark.parametrize("step", ["even", "uneven"])
@pytest.mark.parametrize("data", [real_data("clickstream.csv.gz")])
def test_carts_without_a_purchase_are_found_as_plain_counting_finds_them(shop, data, step):
    clicks = [
        {"at": datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC), **row}
        for row in rows_of(data)
        if row["event"] in ("add_to_cart", "purchase")
    ]
    clicks.sort(key=lambda click: click["at"])
    absence = {
        "event": "add_to_cart",
        "not_events": ["purchase"],
        "within": {"amount": 2, "unit": "hours"},
        "key": "session_id",
        "restart": True,
    }
    journey = shop.publish(
        graph({"t": ("absence", absence), "end": ("exit",)}, ["t > end"], reentry={"policy": "one_per_key"})
    )

    play(shop, clicks, step)

    entries = shop.rows("SELECT key, fired_at FROM enrollments WHERE entered_at IS NOT NULL")
    expected = carts_left(clicks)
    assert {tuple(entry) for entry in entries} == expected and len(expected) > 100
    assert shop.counts(journey)["totals"]["entered"] == len(expected)


def play(shop, clicks, step):
    """Tell the clicks by their own clock, and turn it on by eight hours, or by spans between a minute and nine days."""
    spans = [timedelta(hours=8)] if step == "even" else [timedelta(minutes=m) for m in (1, 700, 7, 13_000, 61, 240)]
    with transaction(shop.engine) as tx:
        for month in {click["at"].replace(day=1) for click in clicks}:
            make_partitions(tx, month)
    waiting, number = clicks, 0
    now = clicks[0]["at"]
    while waiting:
        now, number = now + spans[number % len(spans)], number + 1
        due = [click for click in waiting if click["at"] <= now]
        waiting = waiting[len(due) :]
        for click in due:
            ingest(shop.engine, shop.workspace, [told(click)], now=click["at"])
        drain(shop, now)
    drain(shop, now + timedelta(days=1))


def told(click):
    return read_event(
        {
            "name": click["event"],
            "customer": {"external_id": click["user_id"]},
            "occurred_at": click["at"].isoformat(),
            "properties": {"session_id": click["session_id"]},
        }
    )


def drain(shop, now):
    while turn(shop.engine, now=now).worked:
        pass


def carts_left(clicks):
    """The sessions, and when, in which two hours went by after an add with neither another add nor a purchase."""
    sessions = defaultdict(list)
    for click in clicks:
        sessions[(click["user_id"], click["session_id"])].append(click)
    found = set()
    for (_, session), own in sessions.items():
        for click, after in zip(own, [*own[1:], None], strict=True):
            alone = after is None or after["at"] > click["at"] + CLICKS_WITHIN
            if click["event"] == "add_to_cart" and alone:
                found.add((session, click["at"] + CLICKS_WITHIN))
    return found


def rows_of(path):
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))
