"""Retry: what was set aside is tried again because an operator says so, once its cause is mended.

    event       dead-lettered ──► inbox, behind the other events of its customer
    enrollment  failed ──► wakes at its node now
    message     failed ──► its lane; never one that may have left

Each is one transaction and happens once, however often it is asked for at the same time.
"""

from collections import Counter
from uuid import UUID

from sqlalchemy import Engine, Row

from journey_engine.errors import Conflict, NotFound
from journey_engine.ids import shard_of
from journey_engine.store import counts_read, set_aside
from journey_engine.store.ingest import database_now
from journey_engine.store.locks import hold_control_shared, hold_shards
from journey_engine.store.session import transaction
from journey_engine.text import Text

RUNNING = ("live", "paused")

NOT_SET_ASIDE = Text(
    "This was not set aside, so there is nothing to try again. Load it anew and look at its state.",
    "该项未被搁置，无需重试。请刷新后查看其状态。",
)
NOT_RUNNING = Text(
    "Its journey does not run any more. Publish the journey again, then retry.",
    "其所属旅程已不再运行。请重新发布旅程后再重试。",
)
IN_AGAIN = Text(
    "The customer has entered this journey again meanwhile, so the failed entry stays as it is.",
    "该客户已再次进入此旅程，失败的那一次保持不变。",
)
MAY_HAVE_LEFT = Text(
    "One of its attempts has no known outcome, so the customer may have it already. It is not sent again.",
    "有一次发送的结果未知，客户可能已经收到，因此不会再次发送。",
)


def retry_event(engine: Engine, workspace_id: int, event_id: UUID) -> None:
    """Work an event again that was set aside."""
    with transaction(engine) as tx:
        if not set_aside.has_event(tx, workspace_id, event_id):
            raise NotFound()
        if not set_aside.retry_event(tx, workspace_id, event_id, database_now(tx)):
            raise _refusal(NOT_SET_ASIDE, "retry:not_set_aside")


def retry_enrollment(engine: Engine, workspace_id: int, enrollment_id: UUID) -> None:
    """Let a customer go on at the node where it failed."""
    with transaction(engine) as tx:
        hold_control_shared(tx)
        seen = set_aside.enrollment(tx, workspace_id, enrollment_id)
        if seen is None:
            raise NotFound()
        hold_shards(tx, [shard_of(seen.customer_id)])
        row = set_aside.enrollment(tx, workspace_id, enrollment_id)
        if row.status != "failed":
            raise _refusal(NOT_SET_ASIDE, "retry:not_set_aside")
        if row.journey_status not in RUNNING:
            raise _refusal(NOT_RUNNING, "retry:not_running")
        if row.in_again:
            raise _refusal(IN_AGAIN, "retry:in_again")
        set_aside.retry_enrollment(tx, row, database_now(tx))
        counts_read.add(tx, workspace_id, _again(row))


def retry_message(engine: Engine, workspace_id: int, message_id: UUID) -> int:
    """Send a message again that failed for good; the lane in which it now waits."""
    with transaction(engine) as tx:
        row = set_aside.message(tx, workspace_id, message_id)
        if row is None:
            raise NotFound()
        if row.status == "unknown" or row.progress or row.may_have_left:
            raise _refusal(MAY_HAVE_LEFT, "retry:may_have_left")
        if row.status != "failed":
            raise _refusal(NOT_SET_ASIDE, "retry:not_set_aside")
        if row.journey_status not in RUNNING:
            raise _refusal(NOT_RUNNING, "retry:not_running")
        set_aside.retry_message(tx, row, database_now(tx))
        counts_read.add(tx, workspace_id, Counter({(row.version_id, row.node_id, "message:failed"): -1}))
        return row.account_id


def _again(row: Row) -> Counter[tuple[int, str, str]]:
    """What changes when a failed enrollment wakes once more: at a node that is visited anew it has not been yet."""
    version, node = row.version_id, row.node_id
    if row.entered_at is None:
        return Counter({(version, "", "armed"): 1, (version, node, "failed"): -1})
    changes = Counter({(version, "", "failed"): -1, (version, "", "waiting"): 1})
    changes.update({(version, node, "failed"): -1, (version, node, "waiting"): 1})
    if not row.was_held:
        changes[version, node, "entered"] -= 1
    return changes


def _refusal(text: Text, code: str) -> Conflict:
    error = Conflict(text.en, code=code)
    error.text = text
    return error
