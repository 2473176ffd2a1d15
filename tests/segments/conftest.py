"""A shop whose segments are kept true by the same stages that workers run."""

import pytest
from sqlalchemy import select

from journey_engine.model.rule import CUSTOMER, parse
from journey_engine.pipeline import segment_editing
from journey_engine.pipeline.fall_due import fall_due
from journey_engine.pipeline.segments import compute, flip_due
from journey_engine.pipeline.turn import live_routes
from journey_engine.store import segments_read
from journey_engine.store.rule_sql import condition
from journey_engine.store.session import transaction
from journey_engine.store.tables import customers
from tests.support.shop import Shop


class SegmentShop(Shop):
    def segment(self, name, rule, ready=True):
        if ready:
            return super().segment(name, rule)
        return segment_editing.create(self.engine, self.workspace, name, rule, self.now)

    def edit(self, id, **changes):
        segment_editing.change(self.engine, self.workspace, id, changes, self.now)
        self.settle()

    def settle(self):
        """Everything that workers would do until nothing is left."""
        for _ in range(500):
            done = [flip_due(self.engine, live_routes, self.now), compute(self.engine, live_routes, self.now)]
            fallen = fall_due(self.engine, self.now)
            if not any(done) and not fallen.told and not fallen.more and not self.work():
                return
        raise AssertionError("there is work without end")

    def members(self, id):
        rows = self.rows("SELECT customer_id FROM segment_states WHERE segment_id = :id AND member", id=id)
        return sorted(self.who(row.customer_id) for row in rows)

    def meant(self, id):
        """Whom the segment's rule means now, asked of the database."""
        with transaction(self.engine) as tx:
            rule = parse(segments_read.rules(tx, self.workspace)[id], CUSTOMER)
            asked = condition(rule, self.workspace, "Asia/Shanghai", self.now)
            found = list(tx.scalars(select(customers.c.id).where(asked)))
        return sorted(self.who(one) for one in found)

    def size(self, id):
        with transaction(self.engine) as tx:
            return segments_read.one(tx, self.workspace, id)["size"]


@pytest.fixture
def shop(database_url):
    return SegmentShop(database_url)
