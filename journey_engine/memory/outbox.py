"""Deliveries and receipts in memory: the next of a lane, the intent, what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from journey_engine.memory.part import Part
from journey_engine.memory.tables import Cell, Row
from journey_engine.store.outbox import NOBODY

LEFT_BEHIND_AT_ONCE = 500


class Outbox(Part):
    def claimable(
        self,
        account: int,
        now: datetime,
        limit: int,
        marketing_first: bool = False,
        after: tuple[UUID, UUID] = (NOBODY, NOBODY),
        without: Sequence[UUID] = (),
    ) -> list[Row]:
        claimed: list[Row] = []
        for group, share in self._shares(account, limit, marketing_first, after, without):
            given = 0
            for at, cell, row in list(self.tx.line(self.tables.messages.queued, group)):
                if at > now or given == share or len(claimed) == limit:
                    break
                if cell.owner in (None, self.tx):
                    self.tx.lock(self.tables.messages, cell)
                    claimed.append(self._with_all_about_it(row, share))
                    given += 1
        return claimed

    def _shares(
        self, account: int, limit: int, marketing_first: bool, after: tuple[UUID, UUID], without: Sequence[UUID]
    ) -> list[tuple[tuple, int]]:
        """How many each journey may give, one class before the other, behind the journeys that were served last."""
        heads = [group for group in self._queues(account) if group[2] not in without]
        most = {marketing: sum(head[1] == marketing for head in heads) for marketing in (False, True)}

        def place(group: tuple) -> tuple:
            _, marketing, journey = group
            return marketing != marketing_first, journey <= after[0 if marketing else 1], journey

        return [(head, -(-limit // most[head[1]])) for head in sorted(heads, key=place)]

    def _queues(self, account: int) -> list[tuple]:
        """The lane's queues, one for each class and journey, that this transaction sees something in."""
        queued = self.tables.messages.queued
        return [group for group in queued.groups if group[0] == account and any(self.tx.line(queued, group))]

    def _with_all_about_it(self, row: Row, share: int) -> Row:
        customer = self.tx.find(self.tables.customers, row.customer_id)
        enrollment = self.tx.find(self.tables.enrollments, row.enrollment_id)
        journey = self.tx.find(self.tables.journeys, row.journey_id)
        return row.but(
            share=share,
            attributes=None if customer is None else customer.attributes,
            context=None if enrollment is None else enrollment.context,
            journey_name=None if journey is None else journey.name,
            stopped_by=self._stopped_by(row, customer, enrollment, journey),
        )

    def _stopped_by(self, row: Row, customer: Row | None, enrollment: Row | None, journey: Row | None) -> str:
        if journey is None or journey.status not in ("live", "paused"):
            return "stopped"
        if customer is None:
            return "erased"
        if journey.status == "paused":
            return "paused"
        if enrollment is not None and enrollment.status == "exited":
            return "exited"
        if row._mapping["class"] == "marketing" and self._withdrew(row):
            return "consent"
        return ""

    def _withdrew(self, row: Row) -> bool:
        own = self.tx.rows(self.tables.consents.by_customer, row.customer_id)
        return any(one.channel == row.channel and one.state == "withdrawn" for one in own)

    def intend(self, rows: Sequence[Row], now: datetime) -> None:
        for row in rows:
            cell = self.tables.messages.cells.get(row.id)
            was = None if cell is None else self.tx.lock(self.tables.messages, cell)
            if was is None:
                continue
            changes = {"status": "sending", "claimed_at": now, "attempts": was.attempts + 1}
            sending = self.tx.update(self.tables.messages, cell, **changes)
            self.tx.insert(
                self.tables.deliveries,
                message_id=row.id,
                attempt=sending.attempts,
                workspace_id=row.workspace_id,
                shard=row.shard,
                started_at=now,
            )

    def put_off(self, ids: Sequence[UUID], until: datetime) -> None:
        cells = [one for id in ids for one in self._cell(id)]
        self.tx.change(self.tables.messages, cells, lambda row: {"due_at": until})

    def suppress(self, stopped: Sequence[tuple[UUID, str]]) -> None:
        for id, reason in stopped:
            cells = self._cell(id)
            changes = {"status": "suppressed", "reason": reason, "due_at": None}
            self.tx.change(self.tables.messages, cells, lambda row, changes=changes: changes)

    def park(self, ids: Sequence[UUID]) -> None:
        def paused(row: Row) -> bool:
            journey = self.tx.find(self.tables.journeys, row.journey_id)
            return journey is not None and journey.status == "paused"

        cells = [one for id in ids for one in self._cell(id) if paused(one[1])]
        self.tx.change(self.tables.messages, cells, lambda row: {"due_at": None})

    def settle(self, settled: Sequence[Any], now: datetime) -> dict[UUID, Row]:
        states = {}
        for one in settled:
            for cell, _ in self._cell(one.message_id):
                was = self.tx.lock(self.tables.messages, cell)
                if was is None or was.attempts != one.attempt or was.status not in ("sending", "unknown"):
                    continue
                row = self.tx.update(self.tables.messages, cell, **_settled(was, one, now))
                states[row.id] = Row({"id": row.id, "status": row.status, "was": was.status})
        for one in settled:
            self._end_delivery(one, now)
        return states

    def _end_delivery(self, one: Any, now: datetime) -> None:
        table = self.tables.deliveries
        cell = table.cells.get((one.message_id, one.attempt))
        if cell is not None and cell.seen_by(self.tx) is not None and self.tx.lock(table, cell) is not None:
            changes = {name: getattr(one, name) for name in ("outcome", "code", "detail", "provider_ref", "cost_units")}
            self.tx.update(table, cell, ended_at=now, **changes)

    def left_behind(self, before: datetime, look_up_at: datetime) -> list[Row]:
        messages, found = self.tables.messages, []
        for at, cell, row in list(self.tx.line(messages.sending, 0)):
            if at >= before or len(found) == LEFT_BEHIND_AT_ONCE:
                break
            if cell.owner in (None, self.tx):
                found.append((cell, row))
        return self.tx.change(
            messages,
            found,
            lambda row: {
                "status": "sent" if row.progress else "unknown",
                "reason": "the worker stopped before the answer",
                "due_at": look_up_at,
                "sent_at": row.claimed_at if row.progress else row.sent_at,
            },
        )

    def unknown(self, account: int, now: datetime, limit: int) -> list[Row]:
        rows = []
        for at, _, row in self.tx.line(self.tables.messages.unknown, account):
            if at > now or len(rows) == limit:
                break
            rows.append(row)
        return rows

    def resolve_unknown(self, id: UUID, status: str, reason: str, due_at: datetime | None, now: datetime) -> bool:
        cells = [one for one in self._cell(id) if one[1].status == "unknown"]
        changes = {"status": status, "reason": reason, "due_at": due_at} | (
            {"sent_at": now} if status == "sent" else {}
        )
        done = self.tx.change(self.tables.messages, cells, lambda row: changes, lambda row: row.status == "unknown")
        return len(done) == 1

    def lanes_with_work(self, now: datetime) -> list[int]:
        def due(queue: Any, group: Any) -> bool:
            return any(at <= now for at, _, _ in self.tx.line(queue, group))

        messages, found = self.tables.messages, []
        for row in self.tables.accounts.all(self.tx):
            may_send = row.stopped_at is None and (row.probe_at is None or row.probe_at <= now)
            groups = self._queues(row.id)
            if may_send and (any(due(messages.queued, one) for one in groups) or due(messages.unknown, row.id)):
                found.append(row.id)
        return found

    def account(self, id: int) -> Row | None:
        row = self.tx.find(self.tables.accounts, id)
        if row is None:
            return None
        ahead = timedelta() if row.next_slot_at is None else row.next_slot_at - self.tx.now
        return row.but(next_slot_in_s=max(ahead.total_seconds(), 0.0))

    def stop_account(self, id: int, why: str, now: datetime) -> None:
        changes = {"stopped_at": now, "stopped_why": why}
        self._change_account(id, changes, lambda row: row.stopped_at is None)

    def reserve(self, id: int, count: int, pause_s: float, lead_s: float) -> float | None:
        accounts, now = self.tables.accounts, self.tx.now
        cell = accounts.cells.get(id)
        if cell is None or cell.owner not in (None, self.tx):
            return None
        row = self.tx.lock(accounts, cell)
        soonest = now + timedelta(seconds=lead_s)
        first = soonest if row.next_slot_at is None else max(row.next_slot_at, soonest)
        self.tx.update(accounts, cell, next_slot_at=first + timedelta(seconds=count * pause_s))
        return (first - now).total_seconds()

    def open_breaker(self, id: int, why: str, now: datetime, probe_at: datetime) -> bool:
        changes = {"broken_at": now, "broken_why": why, "probe_at": probe_at, "probes": 1}
        return self._change_account(id, changes, lambda row: row.probe_at is None)

    def take_probe(self, id: int, now: datetime, next_at: datetime) -> bool:
        def due(row: Row) -> bool:
            return row.probe_at is not None and row.probe_at <= now

        row = self.tx.find(self.tables.accounts, id)
        changes = {"probe_at": next_at, "probes": min(row.probes + 1, 10)}
        return self._change_account(id, changes, due)

    def close_breaker(self, id: int) -> None:
        changes = {"broken_at": None, "broken_why": "", "probe_at": None, "probes": 0}
        self._change_account(id, changes, lambda row: row.broken_at is not None)

    def _change_account(self, id: int, changes: dict[str, Any], meant: Any) -> bool:
        """Change an account of which this is so; whether it was."""
        cell = self.tables.accounts.cells.get(id)
        row = None if cell is None else cell.seen_by(self.tx)
        if row is None or not meant(row):
            return False
        return bool(self.tx.change(self.tables.accounts, [(cell, row)], lambda row: changes, meant))

    def add_receipts(self, workspace: int, account_id: int, receipts: Sequence[Any], now: datetime) -> list[Row]:
        known = [self._known(workspace, one.message_id) for one in receipts]
        news = []
        for one, message in zip(receipts, known, strict=True):
            columns = {
                "account_id": account_id,
                "message_id": one.message_id or NOBODY,
                "kind": one.kind,
                "provider_ref": one.provider_ref,
                "workspace_id": workspace,
                "shard": message.shard if message is not None else 0,
                "at": one.at,
                "received_at": now,
                "code": one.code,
                "detail": one.detail[:500],
                "matched": message is not None,
            }
            row = self.tx.insert_new(self.tables.receipts, columns)
            if row is not None:
                news.append(row)
        return news

    def _known(self, workspace: int, id: UUID | None) -> Row | None:
        row = None if id is None else self.tx.find(self.tables.messages, id)
        return row if row is not None and row.workspace_id == workspace else None

    def progress(self, ids: list[UUID], kinds: list[str], order: list[str], now: datetime) -> list[Row]:
        cells = [(id, kind, one) for id, kind in zip(ids, kinds, strict=True) for one in self._cell(id)]
        moved: dict[UUID, Row] = {}
        for id, kind, (cell, _) in cells:
            was = None if kind not in order or id in moved else self.tx.lock(self.tables.messages, cell)
            if was is None:
                continue
            changes: dict[str, Any] = {}
            if was.progress not in order or order.index(kind) > order.index(was.progress):
                changes["progress"] = kind
            if was.status in ("unknown", "queued"):
                changes |= {"status": "sent", "sent_at": now, "due_at": None}
            row = self.tx.update(self.tables.messages, cell, **changes)
            moved[id] = row.but(kind=kind, was=was.status)
        return list(moved.values())

    def _cell(self, id: UUID) -> list[tuple[Cell, Row]]:
        """The cell of a message that this transaction sees, if it does."""
        cell = self.tables.messages.cells.get(id)
        row = None if cell is None else cell.seen_by(self.tx)
        return [] if row is None else [(cell, row)]


def _settled(was: Row, one: Any, now: datetime) -> dict[str, Any]:
    """What an outcome makes of a message; one that a receipt proved to have left is neither unknown nor sent again."""
    proved = was.progress != ""
    changes = {
        "status": "sent" if proved and one.status in ("unknown", "queued") else one.status,
        "reason": one.reason,
        "due_at": None if proved else one.due_at,
    }
    if one.status == "sent" or proved:
        changes["sent_at"] = now
    if one.content is not None:
        changes["content"] = one.content
    return changes


PART = Outbox
