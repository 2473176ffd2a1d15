"""The six steps on DBOS: one durable function per customer in the same PostgreSQL, two processes taking from a queue.

Each step is a transaction of its datasource, which commits the step and its checkpoint together: its fastest durable
form. The wait is its durable sleep, which holds only a thread, so each process may have two hundred customers under way
and looks for more twenty times a second (its default is once).
READ COMMITTED instead of its SERIALIZABLE: every row belongs to one customer, so there is nothing to serialize, and
nothing is undone and tried again.
"""

import os
import sys
import time

from dbos import DBOS, DBOSClient, SQLAlchemyDatasource

from bench.peers import durable

WAIT_S = 1
UNDER_WAY, LOOK_EVERY_S, CONNECTIONS = 200, 0.05, 20
VERSION = "bench"


def workers():
    return [(sys.executable, "-m", "bench.peers.dbos_peer")] * 2


def driver_url():
    return os.environ["PEER_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")


def prepare():
    """Make DBOS's own tables before two processes do it at once."""
    launch()
    DBOS.destroy()


def enqueue(customers, fused):
    client = DBOSClient(system_database_url=driver_url())
    try:
        options = {"queue_name": "bench", "workflow_name": "fused" if fused else "stepwise", "app_version": VERSION}
        for customer in customers:
            client.enqueue(options, customer)
    finally:
        client.destroy()


def launch():
    config = {
        "name": "bench",
        "system_database_url": driver_url(),
        "sys_db_pool_size": CONNECTIONS,
        "application_version": VERSION,
        "executor_id": f"process-{os.getpid()}",
        "log_level": "ERROR",
        "enable_otlp": False,
    }
    DBOS(config=config)
    shop = SQLAlchemyDatasource.create(driver_url(), {"pool_size": CONNECTIONS})
    register(shop)
    DBOS.launch()
    DBOS.register_queue("bench", worker_concurrency=UNDER_WAY, polling_interval_sec=LOOK_EVERY_S)


def register(shop):
    """The two forms of the six steps."""

    def step(do):
        def body(customer):
            connection = shop.sql_session().connection().connection.driver_connection
            return do(connection.execute, customer)

        body.__name__ = body.__qualname__ = do.__name__
        return shop.transaction(body, isolation_level="READ COMMITTED")

    enter, is_gold, hold = step(durable.enter), step(durable.is_gold), step(durable.hold)
    bought, queue_message, end = step(durable.bought), step(durable.queue_message), step(durable.end)
    first_half, second_half = step(durable.first_half), step(durable.second_half)

    @DBOS.workflow(name="fused")
    def fused(customer):
        if not first_half(customer):
            DBOS.sleep(WAIT_S)
            second_half(customer)

    @DBOS.workflow(name="stepwise")
    def stepwise(customer):
        enter(customer)
        if not is_gold(customer):
            hold(customer)
            DBOS.sleep(WAIT_S)
            if not bought(customer):
                queue_message(customer)
        end(customer)


if __name__ == "__main__":
    launch()
    while True:
        time.sleep(60)
