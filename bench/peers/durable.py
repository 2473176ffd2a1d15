"""What every peer's jobs do in PostgreSQL: the six steps of one customer, each writable twice without harm.

Written as a shop's developer writes them with psycopg: a connection per thread that stays open, one commit per job. A
step by step form (five jobs and a wait) writes a row of history for each step, the fused form (two jobs and a wait) one
for each half, as the engine does.
"""

import json
import os
import threading

import psycopg

TABLES = """
CREATE TABLE peer_customers (id bigint PRIMARY KEY, tier text NOT NULL, address text NOT NULL);
CREATE TABLE peer_events (customer_id bigint, name text, at timestamptz NOT NULL, properties jsonb NOT NULL);
CREATE INDEX ON peer_events (customer_id, name, at);
CREATE TABLE peer_enrollments (customer_id bigint PRIMARY KEY, node text NOT NULL, context jsonb NOT NULL,
    entered_at timestamptz NOT NULL, ended_at timestamptz) WITH (fillfactor = 80);
CREATE TABLE peer_history (customer_id bigint, node text, reason jsonb NOT NULL, at timestamptz NOT NULL,
    PRIMARY KEY (customer_id, node));
CREATE TABLE peer_outbox (customer_id bigint PRIMARY KEY, address text NOT NULL, body jsonb NOT NULL,
    queued_at timestamptz NOT NULL);
"""

FILL = """
INSERT INTO peer_customers SELECT n, 'plain', 'customer-' || n || '@mail.example' FROM generate_series(1, {n}) n;
INSERT INTO peer_events SELECT n, 'Product Added', now(), '{{"cart_id": "c1", "product": "Jasmine tea 250 g"}}'
    FROM generate_series(1, {n}) n;
"""

_kept = threading.local()


def run_in_transaction(do, customer):
    """Run statements in one transaction on this thread's connection; what they return."""
    connection = getattr(_kept, "connection", None)
    if connection is None or connection.closed:
        connection = _kept.connection = psycopg.connect(os.environ["PEER_DATABASE_URL"])
    with connection.transaction():
        return do(connection.execute, customer)


def enter(execute, customer):
    """The event lets the customer in."""
    execute(
        "INSERT INTO peer_enrollments SELECT %s, 'added', %s, now() ON CONFLICT DO NOTHING",
        (customer, json.dumps({"cart_id": f"c{customer}"})),
    )
    note(execute, customer, "added", {"event": "Product Added"})


def is_gold(execute, customer):
    """The condition on an attribute."""
    tier = execute("SELECT tier FROM peer_customers WHERE id = %s", (customer,)).fetchone()[0]
    note(execute, customer, "vip", {"tier": tier})
    return tier == "gold"


def hold(execute, customer):
    """The wait begins."""
    execute("UPDATE peer_enrollments SET node = 'wait' WHERE customer_id = %s", (customer,))


def bought(execute, customer):
    """Whether the customer bought since entering."""
    found = execute(BOUGHT, (customer,)).fetchone()[0]
    note(execute, customer, "bought", {"bought": found})
    return found


BOUGHT = """
SELECT EXISTS (SELECT FROM peer_events v WHERE v.customer_id = e.customer_id AND v.name = 'Order Completed'
    AND v.at >= e.entered_at)
FROM peer_enrollments e WHERE e.customer_id = %s
"""

ADD_MESSAGE = """
INSERT INTO peer_outbox SELECT id, address, %s, now() FROM peer_customers WHERE id = %s ON CONFLICT DO NOTHING
"""


def queue_message(execute, customer):
    """One message in the outbox."""
    execute(ADD_MESSAGE, (json.dumps({"text": "Your tea is waiting."}), customer))
    note(execute, customer, "hook", {"queued": True})


def end(execute, customer):
    execute("UPDATE peer_enrollments SET node = 'end', ended_at = now() WHERE customer_id = %s", (customer,))
    note(execute, customer, "end", {})


def note(execute, customer, node, reason):
    execute(
        "INSERT INTO peer_history VALUES (%s, %s, %s, now()) ON CONFLICT DO NOTHING",
        (customer, node, json.dumps(reason)),
    )


def first_half(execute, customer):
    """Enter, look at the attribute, begin to wait: one job's work. True when the customer leaves at once."""
    tier = execute("SELECT tier FROM peer_customers WHERE id = %s", (customer,)).fetchone()[0]
    execute(
        "INSERT INTO peer_enrollments SELECT %s, 'wait', %s, now() ON CONFLICT DO NOTHING",
        (customer, json.dumps({"cart_id": f"c{customer}"})),
    )
    note(execute, customer, "wait", {"event": "Product Added", "tier": tier})
    return tier == "gold"


def second_half(execute, customer):
    """Look whether the customer bought, queue the message, end."""
    if not execute(BOUGHT, (customer,)).fetchone()[0]:
        execute(ADD_MESSAGE, (json.dumps({"text": "Your tea is waiting."}), customer))
    execute("UPDATE peer_enrollments SET node = 'end', ended_at = now() WHERE customer_id = %s", (customer,))
    note(execute, customer, "end", {"bought": False})
