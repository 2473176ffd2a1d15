"""Inactivity over eighteen months of real purchases: found as often, and on the same dates, as by plain counting."""

import csv
import gzip
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journey_engine.pipeline.ingest import ingest, make_incoming
from journey_engine.store.partitions import make_partitions
from journey_engine.store.session import transaction
from tests.support.shop import Shop, graph

CDNOW = Path(__file__).parents[3] / "shared" / "data" / "cdnow.csv.gz"
LAPSE = timedelta(days=90)
QUIET = {"events": ["Order Completed"], "days": 90}


@pytest.mark.skipif(not CDNOW.exists(), reason=f"THE REAL PURCHASES ARE NOT HERE: {CDNOW}")
def test_ninety_days_without_a_purchase_are_found_as_plain_counting_finds_them(database_url):
    purchases = read()
    shop = Shop(database_url, now=min(purchases) - timedelta(days=1))
    shop.publish(graph({"quiet": ("inactivity", QUIET)}, [], reentry={"policy": "after_end"}), "Win-back")
    steps, end = random.Random(7), max(purchases) + timedelta(days=60)
    while shop.now < end:
        before, shop.now = shop.now, min(shop.now + timedelta(hours=steps.choice((5, 24, 61, 200, 700, 1500))), end)
        for day in sorted(day for day in purchases if before < day <= shop.now):
            tell(shop, day, purchases[day])
        shop.work()
    found = shop.rows(
        "SELECT i.value AS who, e.fired_at FROM enrollments e JOIN identities i ON i.customer_id = e.customer_id"
    )
    assert len(found) > 3_000
    assert sorted((row.who, row.fired_at) for row in found) == sorted(counted(purchases, end))


def read():
    """Who bought on which day. Every fifth customer is enough for thousands of lapses."""
    purchases = defaultdict(list)
    with gzip.open(CDNOW, "rt") as file:
        for row in csv.DictReader(file):
            if int(row["customer_id"]) % 5 == 0:
                purchases[datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)].append(row["customer_id"])
    return purchases


def tell(shop, day, customers):
    """The shop tells of the day's purchases on that day, whenever somebody looks at them."""
    with transaction(shop.engine) as tx:
        make_partitions(tx, day)
    for first in range(0, len(customers), 1000):
        events = [
            make_incoming(None, "Order Completed", {"external_id": who}, day, {})
            for who in customers[first : first + 1000]
        ]
        ingest(shop.engine, shop.workspace, events, now=day)


def counted(purchases, end):
    """Every lapse: ninety days after a purchase with none in between, up to the end."""
    days = defaultdict(set)
    for day, customers in purchases.items():
        for who in customers:
            days[who].add(day)
    for who, own in days.items():
        line = sorted(own)
        for day, following in zip(line, [*line[1:], end + 2 * LAPSE], strict=True):
            if following - day > LAPSE and day + LAPSE <= end:
                yield who, day + LAPSE
