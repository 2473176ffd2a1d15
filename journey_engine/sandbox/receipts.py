"""Receipts: what the sandbox reports back, as arrays of delivery reports, late, twice or never, as it is told.

A report that is not answered with `{"code": 0}` is pushed again after 1, 5 and 10 minutes, then never.
"""

import asyncio
import heapq
import itertools
from datetime import datetime
from typing import Any

import requests

from journey_engine import clock
from journey_engine.sandbox.alibaba import CHINA
from journey_engine.sandbox.faults import Faults
from journey_engine.sandbox.state import State

PUSH_AGAIN_S = (60.0, 300.0, 600.0)
BATCH = 200
TICK_S = 0.05
ANSWER_WITHIN_S = 5.0


class Receipts:
    """Holds reports until they are due and pushes them to their account's address."""

    def __init__(self, state: State, faults: Faults):
        self.state, self.faults = state, faults
        self._due: list[tuple[float, int, int, dict[str, Any]]] = []
        self._count = itertools.count()
        self._session = requests.Session()
        self._session.trust_env = False

    def plan(self, entry: dict[str, Any]) -> None:
        """Put the reports of an accepted SMS in the queue."""
        if not self.state.receipts_url(entry["account"]) or self.faults.hits("sms", "receipt_loss"):
            return
        for _ in range(1 + int(self.faults.settings["sms"]["receipt_duplicates"])):
            self._put(self.faults.receipt_delay_s(), 0, entry)

    async def run(self) -> None:
        """Push what is due, for ever."""
        while True:
            await asyncio.sleep(TICK_S)
            for url, items in self._take_due().items():
                for batch in _batches(items):
                    if not await asyncio.to_thread(self._push, url, [_report(entry) for _tries, entry in batch]):
                        self._plan_again(batch)

    def _take_due(self) -> dict[str, list[tuple[int, dict[str, Any]]]]:
        now = asyncio.get_running_loop().time()
        due: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        while self._due and self._due[0][0] <= now:
            _at, _n, tries, entry = heapq.heappop(self._due)
            due.setdefault(self.state.receipts_url(entry["account"]), []).append((tries, entry))
        if self.faults.settings["sms"]["receipt_shuffle"]:
            for items in due.values():
                self.faults.chance.shuffle(items)
        return due

    def _push(self, url: str, reports: list[dict[str, Any]]) -> bool:
        try:
            answer = self._session.post(url, json=reports, timeout=ANSWER_WITHIN_S, allow_redirects=False)
            return answer.status_code == 200 and answer.json().get("code") == 0
        except (requests.RequestException, ValueError, AttributeError):
            return False

    def _plan_again(self, batch: Any) -> None:
        for tries, entry in batch:
            if tries < len(PUSH_AGAIN_S):
                self._put(PUSH_AGAIN_S[tries], tries + 1, entry)

    def _put(self, delay_s: float, tries: int, entry: dict[str, Any]) -> None:
        at = asyncio.get_running_loop().time() + delay_s
        heapq.heappush(self._due, (at, next(self._count), tries, entry))


def _batches(items: list[Any]) -> Any:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _report(entry: dict[str, Any]) -> dict[str, Any]:
    now = clock.now().astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    sent = datetime.fromisoformat(entry["at"]).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    entry.setdefault("receipts", []).append({"kind": "failed" if entry["undelivered"] else "delivered", "at": now})
    return {
        "phone_number": entry["to"],
        "send_time": sent,
        "report_time": now,
        "success": not entry["undelivered"],
        "err_code": "UNDELIVERED" if entry["undelivered"] else "DELIVERED",
        "err_msg": "" if entry["undelivered"] else "用户接收成功",
        "sms_size": str(max(1, -(-len(entry["text"]) // 67)) if len(entry["text"]) > 70 else 1),
        "biz_id": entry["biz_id"],
        "out_id": entry["out_id"],
    }
