"""What a turn takes, reads and writes, in memory."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from journey_engine.memory.part import Part
from journey_engine.memory.tables import Cell, Row
from journey_engine.model.enrollment import Enrollment
from journey_engine.model.history import PathRow, Refusal
from journey_engine.model.message import Message
from journey_engine.store.turns import ENROLLMENT, ENROLLMENT_COLUMNS, MOVED

LOADED = tuple(column.strip().removeprefix("e.") for column in ENROLLMENT.split(","))


class Turns(Part):
    def shards_with_work(self, now: datetime, cap: int) -> list[Row]:
        inbox, due = self.tables.inbox.by_shard, self.tables.enrollments.due
        found = []
        for shard in sorted({*inbox.groups, *due.groups}):
            events = self._arrived(shard, now, cap)
            wakes = self._due(shard, now, cap)
            if events or wakes:
                oldest = min([row.received_at for row in events[:1]] + [row.wake_at for _, row in wakes[:1]])
                oldest = min([oldest, *(row.received_at for row in events)])
                found.append(Row({"shard": shard, "events": len(events), "wakes": len(wakes), "oldest": oldest}))
        return sorted(found, key=lambda row: row.oldest)

    def _arrived(self, shard: int, now: datetime, cap: int) -> list[Row]:
        rows = []
        for _, _, row in self.tx.line(self.tables.inbox.by_shard, shard):
            if row.received_at <= now and (row.not_before is None or row.not_before <= now):
                rows.append(row)
                if len(rows) == cap:
                    break
        return rows

    def _due(self, shard: int, until: datetime, cap: int, meant: Any = None) -> list[tuple[Cell, Row]]:
        """Wakes that are due, the oldest `cap` of those that are meant."""
        cells = []
        for at, cell, row in self.tx.line(self.tables.enrollments.due, shard):
            if at > until or len(cells) == cap:
                break
            if meant is None or meant(row):
                cells.append((cell, row))
        return cells

    def _set_back(self, customer: UUID, now: datetime) -> bool:
        return any(row.not_before > now for row in self.tx.rows(self.tables.inbox.set_back, customer))

    def take_inbox(self, shards: list[int], now: datetime, per_shard: int, only: list[UUID] | None = None) -> list[Row]:
        taken, shares = [], {}
        for shard in shards:
            queues = self._queues(shard)
            for workspace, line in queues.items():
                shares[shard, workspace] = share = max(per_shard // len(queues), 1)
                taken += self._first(line, now, share, only)
        rows = self.tx.remove(self.tables.inbox, taken)
        return [row.but(share=shares[row.shard, row.workspace_id]) for row in sorted(rows, key=lambda row: row.seq)]

    def _queues(self, shard: int) -> dict[int, list[tuple[Cell, Row]]]:
        """What waits in a shard, by workspace, in order."""
        queues: dict[int, list[tuple[Cell, Row]]] = defaultdict(list)
        for _, cell, row in self.tx.line(self.tables.inbox.by_shard, shard):
            queues[row.workspace_id].append((cell, row))
        return queues

    def _first(
        self, line: list[tuple[Cell, Row]], now: datetime, share: int, only: list[UUID] | None
    ) -> list[tuple[Cell, Row]]:
        """The first of a queue that may be worked now."""
        found = []
        for cell, row in line:
            meant = row.received_at <= now and (only is None or row.customer_id in only)
            if meant and not self._set_back(row.customer_id, now):
                found.append((cell, row))
                if len(found) == share:
                    break
        return found

    def read_events(self, ids: list[UUID]) -> dict[UUID, Row]:
        rows = {id: self.tx.find(self.tables.events, id) for id in ids}
        return {id: row for id, row in rows.items() if row is not None}

    def due_wakes(
        self,
        shards: list[int],
        horizons: dict[tuple[int, int], datetime],
        now: datetime,
        per_shard: int,
        only: list[UUID] | None = None,
    ) -> list[Enrollment]:
        def meant(row: Row) -> bool:
            timely = row.wake_at <= horizons.get((row.shard, row.workspace_id), now)
            return timely and (only is None or row.customer_id in only) and not self._set_back(row.customer_id, now)

        half = -(-per_shard // 2)
        oldest, newest = [], []
        for shard in shards:
            due = [row for _, row in self._due(shard, now, 2 * half, meant)]
            oldest += due[:half]
            if len(due) > half:
                newest += self._newest(shard, now, due[half - 1].wake_at, half, meant)
        return [loaded(row) for row in (*oldest, *newest)]

    def _newest(self, shard: int, now: datetime, after: datetime, cap: int, meant: Any) -> list[Row]:
        """Of a backlog those that came due last."""
        due = [row for at, _, row in self.tx.line(self.tables.enrollments.due, shard) if after < at <= now]
        return [row for row in reversed(due) if meant(row)][:cap]

    def live_enrollments(self, customers: list[UUID]) -> list[Enrollment]:
        rows = [row for id in customers for row in self.tx.rows(self.tables.enrollments.live, id)]
        return [loaded(row) for row in rows]

    def read_customers(self, ids: list[UUID]) -> list[Row]:
        rows = [self.tx.find(self.tables.customers, id) for id in ids]
        return [row for row in rows if row is not None]

    def read_activity(self, customers: list[UUID], names: list[str]) -> list[Row]:
        rows = [self.tx.find(self.tables.activity, (id, name)) for id in customers for name in names]
        return [row for row in rows if row is not None]

    def survivors(self, ids: list[UUID]) -> dict[UUID, UUID]:
        rows = [self.tx.find(self.tables.merges, id) for id in ids]
        return {row.loser_id: row.survivor_id for row in rows if row is not None}

    def send_on(self, rows: Sequence[Row], survivor: dict[UUID, UUID], shard_of: Callable[[UUID], int]) -> None:
        events = self.tables.events
        for row in rows:
            owner = survivor[row.customer_id]
            cell = events.cells.get(row.event_id)
            if cell is not None and self.tx.lock(events, cell) is not None:
                self.tx.update(events, cell, customer_id=owner, shard=shard_of(owner))
        self.put_back(
            [
                (shard_of(owner), row.seq, row.workspace_id, owner, row.event_id, row.received_at, row.journey_id)
                for row in rows
                for owner in [survivor[row.customer_id]]
            ]
        )

    def put_back(self, rows: Sequence[tuple]) -> None:
        columns = ("shard", "seq", "workspace_id", "customer_id", "event_id", "received_at", "journey_id")
        for row in rows:
            self.tx.insert(self.tables.inbox, **dict(zip(columns, row, strict=True)))

    def note_outcomes(self, rows: Sequence[Row], state: str, why: str, at: datetime) -> None:
        for row in rows:
            columns = {"event_id": row.event_id, "workspace_id": row.workspace_id, "shard": row.shard}
            self.tx.insert_new(self.tables.event_outcomes, columns | {"state": state, "why": why, "at": at})

    def add_activity(self, rows: Sequence[tuple]) -> None:
        columns = ("customer_id", "name", "workspace_id", "shard", "count", "first_at", "last_at")
        for values in rows:
            add_activity(self.tx, dict(zip(columns, values, strict=True)))

    def update_attributes(self, changed: Sequence[tuple[UUID, dict[str, Any]]]) -> None:
        customers = self.tables.customers
        for id, attributes in changed:
            cell = customers.cells.get(id)
            if cell is not None and self.tx.lock(customers, cell) is not None:
                self.tx.update(customers, cell, attributes=attributes)

    def add_enrollments(self, enrollments: Sequence[Enrollment]) -> None:
        for one in enrollments:
            columns = {column: getattr(one, column) for column in ENROLLMENT_COLUMNS}
            self.tx.insert(self.tables.enrollments, **columns | {"context": dict(one.context)})

    def update_enrollments(self, enrollments: Sequence[Enrollment]) -> None:
        table = self.tables.enrollments
        for one in enrollments:
            cell = table.cells.get(one.id)
            if cell is not None and self.tx.lock(table, cell) is not None:
                columns = {column: getattr(one, column) for column in MOVED}
                if one.retold:
                    columns |= {"event_id": one.event_id, "context": dict(one.context)}
                self.tx.update(table, cell, **columns)

    def add_paths(self, paths: Iterable[PathRow], now: datetime) -> None:
        for path in paths:
            one = path.enrollment
            self.tx.insert(
                self.tables.visits,
                enrollment_id=one.id,
                n=path.first_visit,
                workspace_id=one.workspace_id,
                shard=one.shard,
                customer_id=one.customer_id,
                version_id=one.version_id,
                at=now,
                cause=path.cause,
                path=path.path,
            )

    def add_refusals(self, refusals: Sequence[Refusal], now: datetime, shard_of: Callable[[UUID], int]) -> None:
        for one in refusals:
            columns = {"workspace_id": one.workspace_id, "shard": shard_of(one.customer_id), "at": now}
            columns |= {"customer_id": one.customer_id, "journey_id": one.journey_id, "reason": one.reason}
            columns |= {"version_id": one.version_id, "event_id": one.event_id, "id": self.memory.next("refusals")}
            self.tx.insert(self.tables.refusals, **columns)

    def add_messages(self, messages: Sequence[Message]) -> None:
        for one in messages:
            columns = {name: getattr(one, name) for name in one.__slots__ if name != "message_class"}
            columns |= {"class": one.message_class, "due_at": one.due_at}
            self.tx.insert(self.tables.messages, **columns)

    def park_events(self, rows: Sequence[tuple]) -> None:
        columns = ("journey_id", "workspace_id", "shard", "customer_id", "event_id", "received_at")
        for row in rows:
            seq = self.memory.next("parked_events")
            self.tx.insert(self.tables.parked_events, seq=seq, **dict(zip(columns, row, strict=True)))

    def set_back(self, customer: UUID, shard: int, why: str, now: datetime) -> list[Row]:
        def later(row: Row) -> dict[str, Any]:
            pause = timedelta(seconds=2 ** min(row.tries, 6))
            return {"tries": row.tries + 1, "tried_why": why, "not_before": now + pause}

        cells = self.tx.cells(self.tables.inbox.by_customer, customer)
        rows = self.tx.change(self.tables.inbox, [one for one in cells if one[1].shard == shard], later)
        return sorted(rows, key=lambda row: row.seq)

    def drop_from_inbox(self, shard: int, seq: int, customer: UUID) -> None:
        inbox = self.tables.inbox
        own = [one for one in self.tx.cells(inbox.by_customer, customer) if one[1].shard == shard]
        self.tx.remove(inbox, [one for one in own if one[1].seq == seq])
        others = [one for one in own if one[1].seq != seq]
        self.tx.change(inbox, others, lambda row: {"tries": 0, "not_before": None})

    def set_back_wakes(self, customer: UUID, why: str, now: datetime, wake: UUID | None, most: int) -> None:
        table = self.tables.enrollments
        for cell, row in self.tx.cells(table.by_customer, customer):
            if row.wake_at is None or row.wake_at > now or wake not in (None, row.id):
                continue
            place = {"enrollment_id": row.id, "visits": row.visits}
            first = {**place, "workspace_id": row.workspace_id, "shard": row.shard, "tries": 1, "why": why, "at": now}
            tried = self.tx.add(
                self.tables.wake_tries, first, lambda was: {"tries": was.tries + 1, "why": why, "at": now}
            )
            if tried.tries < most and self.tx.lock(table, cell) is not None:
                self.tx.update(table, cell, wake_at=now + timedelta(seconds=2 ** (tried.tries - 1)))

    def fail_due(self, customer: UUID, shard: int, why: str, now: datetime, wake: UUID | None) -> None:
        table = self.tables.enrollments
        cells = [
            (cell, row)
            for cell, row in self.tx.cells(table.by_customer, customer)
            if row.wake_at is not None and row.wake_at <= now and wake in (None, row.id)
        ]
        counts: dict[tuple[int, int, str, str], int] = {}
        for cell, _ in cells:
            was = self.tx.lock(table, cell)
            if was is not None:
                self._fail(cell, was, why, now, counts)
        self.tx.counts.add_counts(counts, shard, shard)

    def _fail(self, cell: Cell, was: Row, why: str, now: datetime, counts: dict) -> None:
        changes = {"status": "failed", "ended_at": now, "end_reason": "failed", "wake_at": None}
        row = self.tx.update(self.tables.enrollments, cell, visits=was.visits + 1, **changes)
        visit = {"n": row.visits, "node": row.node_id, "exit": None, "reason": {"why": "failed", "detail": why}}
        self.tx.insert(
            self.tables.visits,
            enrollment_id=row.id,
            n=row.visits,
            workspace_id=row.workspace_id,
            shard=row.shard,
            customer_id=row.customer_id,
            version_id=row.version_id,
            at=now,
            cause={"why": "wake"},
            path=[visit],
        )
        armed = was.status == "armed"
        changed = [("", "armed" if armed else "waiting", -1), (row.node_id, "failed", 1)]
        changed += [] if armed else [(row.node_id, "waiting", -1), ("", "failed", 1)]
        for node, what, n in changed:
            place = (row.workspace_id, row.version_id, node, what)
            counts[place] = counts.get(place, 0) + n


def loaded(row: Row) -> Enrollment:
    values = {column: row.__dict__[column] for column in LOADED}
    values["context"] = dict(row.context)  # a turn changes its own
    return Enrollment(**values)


def add_activity(tx: Any, columns: dict[str, Any]) -> None:
    """What was done, added to what was there."""
    tx.add(
        tx.tables.activity,
        columns,
        lambda was: {
            "count": was.count + columns["count"],
            "first_at": min(was.first_at, columns["first_at"]),
            "last_at": max(was.last_at, columns["last_at"]),
        },
    )


PART = Turns
