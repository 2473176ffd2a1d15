"""The golden stories, told in the world in memory: the same journeys end the same way as in PostgreSQL."""

import pytest
import yaml

from journey_engine.memory import Clock, Furnishing, Memory, MemoryEngine
from journey_engine.pipeline import control
from journey_engine.secrets import seal
from journey_engine.store import counts_read
from tests.journeys.test_stories import STORIES, tell
from tests.support.shop import ACCOUNTS, MONDAY, SECRET_KEY, Shop


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_a_story_ends_in_memory_as_it_is_told(file):
    story = yaml.safe_load(file.read_text())
    assert tell(story, MemoryShop()) == story["expect"]


class MemoryShop(Shop):
    """The shop of the tests in a world in memory, whose clock is the shop's."""

    def __init__(self, now=MONDAY):
        self.engine, self.workspace = MemoryEngine(Memory(Clock(now))), 1
        self.furnishing = Furnishing(self.engine)
        self.accounts = {
            channel: self.furnishing.account(name, kind, channel, seal(SECRET_KEY, number, {}))
            for number, (name, kind, channel) in enumerate(ACCOUNTS, 1)
        }

    @property
    def now(self):
        return self.engine.memory.clock.now

    @now.setter
    def now(self, now):
        self.engine.memory.clock.now = now

    def draw(self, graph, name="Journey"):
        return self.furnishing.journey(name, graph)

    def publish_again(self, journey, graph):
        revision = self.furnishing.draft(journey, graph)
        control.publish(self.engine, self.workspace, journey, revision, "ann@shop.example")

    def table(self, name):
        return getattr(self.engine.tables, name).all()

    def customer(self, who):
        return next(row.customer_id for row in self.table("identities") if row.value == who)

    def who(self, customer_id):
        own = [row.value for row in self.table("identities") if row.customer_id == customer_id and row.kind[:2] == "ex"]
        return "+".join(sorted(own))

    def enrollments(self, who=None):
        return sorted(self.table("enrollments"), key=lambda row: (row.fired_at, row.id))

    def messages(self):
        return sorted(self.table("messages"), key=lambda row: (row.queued_at, row.id))

    def path(self, enrollment_id):
        rows = [row for row in self.table("visits") if row.enrollment_id == enrollment_id]
        visits = [visit for row in sorted(rows, key=lambda row: row.n) for visit in row.path]
        return " ".join(f"{v['node']}:{v['exit']}" if v["exit"] else v["node"] for v in visits)

    def rows(self, statement, **values):
        """The two questions that a story asks in SQL."""
        if "FROM refusals" in statement:
            refusals = sorted(self.table("refusals"), key=lambda row: (row.at, row.id))
            return [row.but(why=row.reason["why"]) for row in refusals]
        assert "FROM enrollments WHERE journey_id" in statement
        return [row for row in self.table("enrollments") if row.journey_id == values["id"]]

    def counts(self, journey):
        versions = {row.id for row in self.table("versions") if row.journey_id == journey}
        found = dict.fromkeys(counts_read.TOTALS, 0)
        for row in self.table("counts"):
            if row.version_id in versions and not row.node_id and ":" not in row.what:
                found[row.what] += row.n
        return {"totals": found}
