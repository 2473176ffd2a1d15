"""Golden stories: a journey, what customers did and when, and what came of it, each in a file of its own.

`pytest tests/journeys --update` writes what came of it into the files; read the difference before committing it.

A story has `journey` (nodes `id: {kind, settings, disabled}`, edges `a:exit > b`, journey settings), `events` (a line
each: time, who, event, properties), and `turns`: the times at which a worker looks (without them it looks whenever
something is due). All times count from the Monday on which stories begin, or from what a story says it `begins`. An
event that has `arrives` is told by the shop later than it happened. `do` lines pause, resume, stop, publish, merge,
unsubscribe, approve or answer. `coupons` are pools by name, `segments` rules by name; nodes and rules name pools,
segments, and journeys told before, as they are called.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from journey_engine.stories.telling import tell
from tests.support.shop import MONDAY, Shop

STORIES = sorted(Path(__file__).parent.glob("*.yaml"))


def beginning(story):
    return datetime.fromisoformat(story["begins"]).astimezone(UTC) if "begins" in story else MONDAY


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_a_story_ends_as_it_is_told(file, database_url, request):
    story = yaml.safe_load(file.read_text())
    ending = tell(story, Shop(database_url, beginning(story)))
    if request.config.getoption("--update"):
        before = file.read_text().split("\nexpect:")[0].rstrip()
        after = yaml.safe_dump({"expect": ending}, allow_unicode=True, sort_keys=False, width=116)
        file.write_text(f"{before}\n\n{after}")
    assert ending == story.get("expect") or request.config.getoption("--update")
