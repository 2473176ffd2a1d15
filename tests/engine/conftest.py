"""Engine tests share one shop on a real PostgreSQL, empty when each begins."""

import pytest

from tests.support.shop import Shop


@pytest.fixture
def shop(database_url):
    return Shop(database_url)
