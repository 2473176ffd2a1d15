"""Where customers stand, as rules read it: consents, segments, journeys, messages, and the nodes they came to."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Row, text

# Walks the primary key.
CONSENTS = text(
    "SELECT customer_id, channel, topic, state FROM consents WHERE customer_id = ANY(CAST(:customers AS uuid[]))"
)

# Walks the primary key.
MEMBERSHIPS = text(
    """
    SELECT customer_id, segment_id FROM segment_states
    WHERE customer_id = ANY(CAST(:customers AS uuid[])) AND segment_id = ANY(CAST(:segments AS uuid[])) AND member
    """
)

# Walks the primary key.
STATES = text(
    """
    SELECT customer_id, segment_id, member, since, flip_at FROM segment_states
    WHERE customer_id = ANY(CAST(:customers AS uuid[])) AND segment_id = ANY(CAST(:segments AS uuid[]))
    """
)

# Walks messages_by_customer and receipts_by_message.
MESSAGES = text(
    """
    SELECT m.customer_id, m.id, m.journey_id, m.node_id, m.channel, m.sent_at, r.kind, min(r.at)
    FROM messages m LEFT JOIN receipts r ON r.message_id = m.id AND r.matched
    WHERE m.customer_id = ANY(CAST(:customers AS uuid[])) AND (m.sent_at IS NOT NULL OR r.kind IS NOT NULL)
    GROUP BY m.customer_id, m.id, r.kind
    """
)

# Walks one_enrollment_per_entry and the primary key of visits.
ENTERED = text(
    """
    SELECT e.customer_id, e.id, e.journey_id, e.ended_at IS NULL, ARRAY(
        SELECT DISTINCT visit ->> 'node' FROM visits v CROSS JOIN LATERAL json_array_elements(v.path) visit
        WHERE v.enrollment_id = e.id
    )
    FROM unnest(CAST(:customers AS uuid[])) AS c (id)
    JOIN enrollments e ON e.customer_id = c.id AND e.journey_id = ANY(CAST(:journeys AS uuid[]))
    WHERE e.entered_at IS NOT NULL
    """
)

# Walks the primary key of visits.
REACHED = text(
    """
    SELECT v.enrollment_id, visit ->> 'node', max(v.at)
    FROM visits v CROSS JOIN LATERAL json_array_elements(v.path) visit
    WHERE v.enrollment_id = ANY(CAST(:enrollments AS uuid[])) AND visit ->> 'node' = ANY(CAST(:nodes AS text[]))
    GROUP BY 1, 2
    """
)


class Standings:
    """Reads inside a transaction, for many customers at once."""

    tx: Connection

    def consents(self, customers: list[UUID]) -> Iterable[tuple[UUID, str, str, str]]:
        """Per customer, channel and topic: the state."""
        return self.tx.execute(CONSENTS, {"customers": customers})

    def memberships(self, customers: list[UUID], segments: list[str]) -> Iterable[tuple[UUID, UUID]]:
        """Which of these segments they are in."""
        return self.tx.execute(MEMBERSHIPS, {"customers": customers, "segments": segments})

    def states(self, customers: list[UUID], segments: list[UUID]) -> Iterable[Row]:
        """What is kept of these customers in these segments."""
        return self.tx.execute(STATES, {"customers": customers, "segments": segments})

    def messages(
        self, customers: list[UUID]
    ) -> Iterable[tuple[UUID, UUID, UUID, str, str, datetime | None, str | None, datetime | None]]:
        """Messages that left, once for each thing that was said of them: customer, message, journey, node, channel,
        when it left, what was said, and since when."""
        return self.tx.execute(MESSAGES, {"customers": customers})

    def entered(self, customers: list[UUID], journeys: list[str]) -> Iterable[tuple[UUID, UUID, UUID, bool, list[str]]]:
        """Entries into these journeys: customer, enrollment, journey, whether it is live, and the nodes reached."""
        return self.tx.execute(ENTERED, {"customers": customers, "journeys": journeys})

    def reached(self, enrollments: list[UUID], nodes: list[str]) -> Iterable[tuple[UUID, str, datetime]]:
        """When these enrollments last came to these nodes."""
        return self.tx.execute(REACHED, {"enrollments": enrollments, "nodes": nodes})
