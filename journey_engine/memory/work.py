"""Whether there is work in memory, and when the next comes due."""

from datetime import datetime

from journey_engine.memory.part import Part


class Work(Part):
    def turns_due(self, now: datetime) -> bool:
        if any(row.not_before is None or row.not_before <= now for row in self.tables.inbox.all(self.tx)):
            return True
        wake = self.next_wake()
        return wake is not None and wake <= now

    def next_wake(self) -> datetime | None:
        return min((at for at in map(self._first, list(self.tables.enrollments.due.groups)) if at), default=None)

    def _first(self, shard: int) -> datetime | None:
        return next((at for at, _, _ in self.tx.line(self.tables.enrollments.due, shard)), None)

    def next_message(self, lane: int) -> datetime | None:
        queued = self.tables.messages.queued
        lines = [self.tx.line(queued, group) for group in list(queued.groups) if group[0] == lane]
        return min((at for line in lines for at, _, _ in line), default=None)


PART = Work
