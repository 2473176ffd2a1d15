"""Coupon pools in memory: a code is given once, to one visit, or not at all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from journey_engine.memory.part import Part
from journey_engine.memory.tables import Cell, Row
from journey_engine.model.coupon import Coupon


class Coupons(Part):
    def hold(self, workspace: int, pool: UUID, count: int, without: Sequence[str], now: datetime) -> list[Coupon]:
        of = self.tx.find(self.tables.coupon_pools, pool)
        if of is None or of.workspace_id != workspace or (of.expires_at is not None and of.expires_at <= now):
            return []
        found: list[Coupon] = []
        for others_too in (False, True):
            held = {*without, *(coupon.code for coupon in found)}
            for cell, row in self._free(pool):
                if len(found) == count:
                    return found
                if row.code not in held and (others_too or cell.owner in (None, self.tx)):
                    self._take(cell, of, now, found)
        return found

    def _free(self, pool: UUID) -> list[tuple[Cell, Row]]:
        return [(cell, row) for _, cell, row in self.tx.line(self.tables.coupon_codes.free, pool)]

    def _take(self, cell: Cell, pool: Row, now: datetime, found: list[Coupon]) -> None:
        row = self.tx.lock(self.tables.coupon_codes, cell)
        if row is not None and row.granted_at is None and (row.expires_at is None or row.expires_at > now):
            found.append(Coupon(pool.id, row.code, row.expires_at or pool.expires_at))

    def grant(self, grants: Sequence[Any], now: datetime) -> None:
        codes = self.tables.coupon_codes
        for one in grants:
            cell = codes.cells[(one.coupon.pool_id, one.coupon.code)]
            row = self.tx.lock(codes, cell)
            if row is None or row.granted_at is not None:
                raise RuntimeError("a coupon was given away meanwhile")
            whose = {"customer_id": one.enrollment.customer_id, "enrollment_id": one.enrollment.id}
            self.tx.update(codes, cell, granted_at=now, node_id=one.node_id, visit=one.visit, **whose)

    def stock(self, workspace_id: int, pool_ids: Sequence[UUID], now: datetime) -> dict[UUID, tuple[str, bool]]:
        rows = [self.tx.find(self.tables.coupon_pools, id) for id in pool_ids]
        own = [row for row in rows if row is not None and row.workspace_id == workspace_id]
        return {row.id: (row.name, self._has_left(row, now)) for row in own}

    def _has_left(self, pool: Row, now: datetime) -> bool:
        ended = pool.expires_at is not None and pool.expires_at <= now
        return not ended and any(row.expires_at is None or row.expires_at > now for _, row in self._free(pool.id))


PART = Coupons
