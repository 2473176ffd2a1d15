"""What the database cannot do at this moment is nobody's fault: it is repeated, and no customer pays for it."""

import time

import pytest
from sqlalchemy import text

from journey_engine.errors import Unavailable
from journey_engine.store.copying import copy_rows
from journey_engine.store.locks import SHARDS, end_frozen, try_shards
from journey_engine.store.session import engine_for, transaction

SLOW = "CREATE TEMPORARY TABLE slow (n int CHECK (pg_sleep(n) IS NOT NULL)) ON COMMIT DROP"


def test_what_ends_in_the_middle_of_a_copy_is_tried_again_like_any_other_statement(database_url):
    with pytest.raises(Unavailable), transaction(engine_for(database_url)) as tx:
        tx.execute(text(SLOW))
        tx.execute(text("SET LOCAL statement_timeout = '50ms'"))
        copy_rows(tx, "slow", ["n"], [(5,)])


def test_a_worker_that_stops_in_the_middle_of_a_copy_is_cut_off_and_its_shards_are_free(shop):
    """Idle is what the database ends by itself; a client that owes it rows is not idle."""
    frozen = shop.engine.raw_connection()
    with frozen.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 5)", [SHARDS])
        copying = cursor.copy("COPY refusals (workspace_id) FROM STDIN")
        copying.__enter__().write("1\n")
        with transaction(shop.engine) as tx:
            assert try_shards(tx, [5]) == []
            assert end_frozen(tx, after_s=60) == 0, "nobody who has just begun"
        assert holds_at_last(lambda: ended(shop))
        with transaction(shop.engine) as tx:
            assert try_shards(tx, [5]) == [5]
    frozen.invalidate()


def ended(shop):
    with transaction(shop.engine) as tx:
        return end_frozen(tx, after_s=0) == 0 and try_shards(tx, [5]) == [5]


def holds_at_last(is_so, within_s=10):
    until = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
