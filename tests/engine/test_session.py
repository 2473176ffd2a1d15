"""What the database cannot do at this moment is nobody's fault: it is repeated, and no customer pays for it."""

import pytest
from sqlalchemy import text

from journey_engine.errors import Unavailable
from journey_engine.store.copying import copy_rows
from journey_engine.store.session import engine_for, transaction

SLOW = "CREATE TEMPORARY TABLE slow (n int CHECK (pg_sleep(n) IS NOT NULL)) ON COMMIT DROP"


def test_what_ends_in_the_middle_of_a_copy_is_tried_again_like_any_other_statement(database_url):
    with pytest.raises(Unavailable), transaction(engine_for(database_url)) as tx:
        tx.execute(text(SLOW))
        tx.execute(text("SET LOCAL statement_timeout = '50ms'"))
        copy_rows(tx, "slow", ["n"], [(5,)])
