"""The history of a customer: everything that happened, from every table, in one order."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from journey_engine.catalog import KINDS
from journey_engine.journey_settings import goal_named
from journey_engine.store import journeys

# Walks the index by customer of each table. The rank puts what happens in one instant into its order: an event before
# the entry that it caused, an entry before the path, the path before the end. Providers tell whole seconds, so a
# receipt may seem older than its message.
TIMELINE = text(
    """
    WITH own AS (
        SELECT *,
            to_timestamp(('x' || left(replace(CAST(id AS text), '-', ''), 12))::bit(48)::bigint / 1000.0) AS begun_at
        FROM enrollments WHERE customer_id = :customer AND workspace_id = :workspace
    ), sent AS (
        SELECT * FROM messages WHERE customer_id = :customer AND workspace_id = :workspace
    ), timeline (at, rank, key, version_id, data) AS (
        SELECT least(occurred_at, received_at), 1, CAST(id AS text), NULL::int, jsonb_build_object(
            'kind', 'event', 'event_id', id, 'name', name, 'properties', properties, 'occurred_at', occurred_at,
            'received_at', received_at, 'source_door', source)
        FROM events WHERE customer_id = :customer AND workspace_id = :workspace
        UNION ALL
        SELECT at, 2, CAST(id AS text), version_id, jsonb_build_object(
            'kind', 'refused', 'reason', reason, 'event_id', event_id)
        FROM refusals WHERE customer_id = :customer AND workspace_id = :workspace
        UNION ALL
        SELECT begun_at, 3, CAST(id AS text), version_id, jsonb_build_object(
            'kind', 'armed', 'enrollment_id', id, 'event_id', event_id, 'key', key)
        FROM own WHERE entered_at IS NULL OR entered_at > begun_at + interval '1 second'
        UNION ALL
        SELECT entered_at, 4, CAST(id AS text), version_id, jsonb_build_object(
            'kind', 'entered', 'enrollment_id', id, 'event_id', event_id, 'key', key)
        FROM own WHERE entered_at IS NOT NULL
        UNION ALL
        SELECT v.at, 5, own.id || '/' || lpad(CAST(v.n AS text), 9, '0'), v.version_id, jsonb_build_object(
            'kind', 'visit', 'enrollment_id', own.id, 'path', v.path, 'cause', v.cause)
        FROM own JOIN visits v ON v.enrollment_id = own.id WHERE own.entered_at IS NOT NULL
        UNION ALL
        SELECT queued_at, 6, CAST(id AS text), version_id, jsonb_build_object(
            'kind', 'message', 'message_id', id, 'enrollment_id', enrollment_id, 'channel', channel, 'status', status,
            'progress', progress, 'to', address, 'node', node_id, 'sent_at', sent_at,
            'reason', nullif(reason, ''), 'subject', content ->> 'subject', 'text', content ->> 'text')
        FROM sent
        UNION ALL
        SELECT greatest(r.at, sent.sent_at), 7, r.message_id || r.kind || r.provider_ref, sent.version_id,
            jsonb_build_object(
                'kind', 'receipt', 'receipt', r.kind, 'message_id', r.message_id, 'channel', sent.channel)
        FROM sent JOIN receipts r ON r.message_id = sent.id
        UNION ALL
        SELECT ended_at, 8, CAST(id AS text), version_id, jsonb_build_object(
            'kind', CASE WHEN entered_at IS NULL THEN 'cancelled' ELSE 'ended' END, 'enrollment_id', id,
            'status', status, 'reason', jsonb_strip_nulls(jsonb_build_object(
                'why', split_part(end_reason, ': ', 1),
                'event', nullif(substring(end_reason FROM ': (.*)$'), ''))))
        FROM own WHERE ended_at IS NOT NULL
        UNION ALL
        SELECT greatest(c.occurred_at, own.entered_at), 5, c.enrollment_id || '/' || c.goal, c.version_id,
            jsonb_build_object('kind', 'converted', 'enrollment_id', c.enrollment_id, 'goal', c.goal,
                'event_id', c.event_id, 'node', nullif(c.node_id, ''), 'value', CAST(c.value AS text),
                'currency', nullif(c.currency, ''), 'held_out', c.held_out)
        FROM own JOIN conversions c ON c.enrollment_id = own.id
        UNION ALL
        SELECT at, 9, CAST(id AS text), NULL, jsonb_build_object(
            'kind', 'consent', 'channel', channel, 'topic', topic, 'state', state, 'source', source)
        FROM consent_changes WHERE customer_id = :customer AND workspace_id = :workspace
        UNION ALL
        SELECT at, 10, CAST(loser_id AS text), NULL, jsonb_build_object(
            'kind', 'merged', 'customer_id', loser_id, 'why', why)
        FROM merges WHERE survivor_id = :customer AND workspace_id = :workspace
    )
    SELECT at, rank, key, version_id, data FROM timeline
    WHERE CAST(:at AS timestamptz) IS NULL OR (at, rank, key) < (CAST(:at AS timestamptz), :rank, :key)
    ORDER BY at DESC, rank DESC, key DESC LIMIT :limit
    """
)


def of_customer(
    tx: Connection, workspace_id: int, customer_id: UUID, limit: int, before: list[str] | None
) -> list[dict[str, Any]]:
    """One page of a customer's history, the latest first; each item says its kind, and of which journey it is."""
    at, rank, key = before or (None, 0, "")
    values = {"workspace": workspace_id, "customer": customer_id, "limit": limit + 1}
    rows = tx.execute(TIMELINE, {**values, "at": at, "rank": int(rank), "key": key}).all()
    versions = journeys.graphs(tx, workspace_id, {row.version_id for row in rows if row.version_id})
    return [
        {"at": row.at, "rank": row.rank, "key": row.key, **_item(row.data, versions.get(row.version_id))}
        for row in rows
    ]


def _item(data: dict[str, Any], version: dict[str, Any] | None) -> dict[str, Any]:
    """What happened, with its journey, and its path told by kinds and titles."""
    if version is None:
        return data
    data["journey"] = {"id": version["journey_id"], "name": version["name"], "version": version["number"]}
    if data["kind"] == "converted":
        data["goal"] = {"id": data["goal"], "name": goal_named(version["graph"], data["goal"])}
    if "path" in data:
        data["path"] = list(_named(data["path"], version["graph"]))
    return data


def _named(path: list[dict[str, Any]], graph: dict[str, Any]) -> Iterable[dict[str, Any]]:
    kinds = {node["id"]: node["kind"] for node in graph.get("nodes", [])}
    for visit in path:
        kind = kinds.get(visit["node"], "")
        title = KINDS[kind].title.to_json() if kind in KINDS else None
        yield {**visit, "kind": kind, "title": title}
