"""What is read before customers are let into a journey because somebody asks."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, Row, text

# Walks the primary keys of journeys and versions.
LIVE_GRAPH = text(
    """
    SELECT j.status, CASE WHEN j.status IN ('live', 'paused') THEN v.graph END AS graph
    FROM journeys j LEFT JOIN versions v ON v.id = j.live_version_id
    WHERE j.id = :journey AND j.workspace_id = :workspace
    """
)

# Walks identities_by_customer.
IDENTITIES = text(
    """
    SELECT DISTINCT ON (customer_id) customer_id, kind, value FROM identities
    WHERE customer_id = ANY(CAST(:ids AS uuid[])) AND workspace_id = :workspace ORDER BY customer_id, kind, value
    """
)


def live_graph(tx: Connection, workspace_id: int, journey_id: UUID) -> Row | None:
    """The version that customers enter; without a graph when nobody can."""
    return tx.execute(LIVE_GRAPH, {"workspace": workspace_id, "journey": journey_id}).first()


def identities(tx: Connection, workspace_id: int, customers: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    """One identity of each customer, by which everything is told of them."""
    rows = tx.execute(IDENTITIES, {"workspace": workspace_id, "ids": list(customers)})
    return {row.customer_id: {row.kind: row.value} for row in rows}
