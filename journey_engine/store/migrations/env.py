"""Runs migrations on the connection handed in by `journey_engine.store.session.migrate`."""

from alembic import context

from journey_engine.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
