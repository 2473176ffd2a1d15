"""The golden stories, told in the world in memory: the same journeys end the same way as in PostgreSQL."""

import pytest
import yaml

from journey_engine.memory import Clock, Furnishing, Memory, MemoryEngine
from journey_engine.secrets import seal
from journey_engine.stories.telling import tell
from journey_engine.stories.world import StoryWorld
from tests.journeys.test_stories import STORIES, beginning
from tests.support.shop import ACCOUNTS, CAST, MONDAY, SECRET_KEY


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_a_story_ends_in_memory_as_it_is_told(file):
    story = yaml.safe_load(file.read_text())
    assert tell(story, MemoryShop(beginning(story))) == story["expect"]


class MemoryShop(StoryWorld):
    """The shop of the tests in a world in memory."""

    def __init__(self, now=MONDAY):
        self.engine, self.workspace, self.cast = MemoryEngine(Memory(Clock(now))), 1, CAST
        self.furnishing = Furnishing(self.engine)
        self.accounts = {
            channel: self.furnishing.account(name, kind, channel, seal(SECRET_KEY, number, {}))
            for number, (name, kind, channel) in enumerate(ACCOUNTS, 1)
        }
