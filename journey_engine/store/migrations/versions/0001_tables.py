"""The first tables."""

from alembic import op
from sqlalchemy import text

from journey_engine.clock import now
from journey_engine.store.functions import FUNCTIONS
from journey_engine.store.partitions import make_partitions
from journey_engine.store.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    connection = op.get_bind()
    for function in FUNCTIONS:
        connection.execute(text(function))
    metadata.create_all(connection)
    connection.execute(text("CREATE TABLE events_other PARTITION OF events DEFAULT"))
    connection.execute(text("INSERT INTO control (id) VALUES (1)"))
    make_partitions(connection, now())
