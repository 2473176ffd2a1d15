"""One migrated database for all examples of a test: what an example writes it takes back."""

import pytest

from journey_engine.store.partitions import make_partitions
from journey_engine.store.session import engine_for
from tests.rules.drawn import NOW
from tests.support.database import address, run, with_driver


@pytest.fixture(scope="session")
def rules_database(postgres, migrated_template):
    run(postgres, f"CREATE DATABASE rules TEMPLATE {migrated_template}")
    engine = engine_for(with_driver(address(postgres, "rules")))
    with engine.begin() as tx:
        make_partitions(tx, NOW)
    yield engine
    engine.dispose()
