"""Sending: rows become events, events batches, and batches go out over a few connections.

A customer's rows all take the same connection, so they arrive in the order of the file. A batch that the door refuses
as a whole is halved until the row that it cannot take stands alone.
"""

import queue
import threading
import zlib
from dataclasses import dataclass
from typing import Any

import orjson

from journey_engine.console import CannotStart
from journey_engine.door import Door, DoorClosed
from journey_engine.replay.mapping import Mapping
from journey_engine.replay.progress import Progress, Tally
from journey_engine.replay.rows import BadRow, Row, RowFile
from journey_engine.text import Text

BATCH_ROWS = 1_000
BATCH_BYTES = 900_000
"""The door takes a megabyte at once."""

WAITING_BATCHES = 2
ROW_BY_ROW = (400, 413, 422)
TOO_LARGE = Text(
    "it is larger than {bytes} bytes, which no request can carry", "该行超过 {bytes} 字节，单次请求无法容纳"
)
NO_JSON = Text("it holds a value that JSON cannot carry", "该行含有 JSON 无法表示的值")


@dataclass(slots=True)
class Parcel:
    """One row on its way: the event as JSON, or why there is none."""

    row: Row
    body: bytes = b""
    problem: Text | None = None


def replay(rows: RowFile, mapping: Mapping, progress: Progress, doors: list[Door], on_batch: Any) -> None:
    """Send every row that was not acknowledged before. `on_batch` is called after each answer."""
    lanes = [_Lane(number, door, progress, on_batch) for number, door in enumerate(doors)]
    begin = list(progress.marks)
    try:
        for row in rows:
            parcel, lane = _parcel(row, mapping, progress.identity, len(lanes))
            if row.number > begin[lane]:
                lanes[lane].take(parcel)
    except CannotStart:
        _finish(lanes)  # the file breaks off; what came before is sent
        raise
    _finish(lanes)


def _finish(lanes: list["_Lane"]) -> None:
    for lane in lanes:
        lane.close()
    for lane in lanes:
        lane.finish()


def _parcel(row: Row, mapping: Mapping, identity: str, lanes: int) -> tuple[Parcel, int]:
    """The row as it is sent, and the connection of its customer; unreadable rows are reported by the first one."""
    if row.problem:
        return Parcel(row, problem=row.problem), 0
    try:
        event = mapping.event(row.values)
        event.setdefault("message_id", f"replay:{identity}:{row.number}")
        body = orjson.dumps(event)
    except BadRow as bad:
        return Parcel(row, problem=bad.text), 0
    except TypeError:
        return Parcel(row, problem=NO_JSON), 0
    if len(body) > BATCH_BYTES:
        return Parcel(row, problem=TOO_LARGE.format(bytes=BATCH_BYTES)), 0
    return Parcel(row, body), _lane_of(event.get("customer"), lanes)


def _lane_of(customer: Any, lanes: int) -> int:
    if lanes == 1 or not isinstance(customer, dict) or not customer:
        return 0
    return zlib.crc32(str(next(iter(customer.items()))).encode("utf-8", "replace")) % lanes


class _Lane:
    """One connection with its thread. What goes wrong there is raised where the rows are read."""

    def __init__(self, number: int, door: Door, progress: Progress, on_batch: Any):
        self.number, self.door, self.progress, self.on_batch = number, door, progress, on_batch
        self.waiting: queue.Queue[list[Parcel] | None] = queue.Queue(WAITING_BATCHES)
        self.batch: list[Parcel] = []
        self.size = 0
        self.failed: BaseException | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def take(self, parcel: Parcel) -> None:
        if len(self.batch) >= BATCH_ROWS or self.size + len(parcel.body) > BATCH_BYTES:
            self._hand_over(self.batch)
            self.batch, self.size = [], 0
        self.batch.append(parcel)
        self.size += len(parcel.body) + 1

    def close(self) -> None:
        """No more rows come."""
        if self.failed is None:
            if self.batch:
                self._hand_over(self.batch)
            self._hand_over(None)

    def finish(self) -> None:
        self.thread.join()
        if self.failed is not None:
            raise self.failed

    def _hand_over(self, batch: list[Parcel] | None) -> None:
        while True:
            if self.failed is not None:
                raise self.failed
            try:
                return self.waiting.put(batch, timeout=0.2)
            except queue.Full:
                continue

    def _run(self) -> None:
        try:
            while (batch := self.waiting.get()) is not None:
                self._send(batch)
        except BaseException as error:
            self.failed = error

    def _send(self, batch: list[Parcel]) -> None:
        tally, refusals = Tally(), []
        for parcel, result in self._answers([parcel for parcel in batch if parcel.problem is None]):
            if result["status"] != 200:
                refusals.append(_refusal(parcel.row, result.get("error", ""), result.get("code", "")))
            elif result["duplicate"]:
                tally.duplicates += 1
            else:
                tally.sent += 1
        refusals += [_refusal(one.row, one.problem.en, "row", one.problem.zh) for one in batch if one.problem]
        tally.rejected = len(refusals)
        self.progress.note(self.number, batch[-1].row.number, tally, sorted(refusals, key=lambda one: one["row"]))
        self.on_batch()

    def _answers(self, parcels: list[Parcel]) -> list[tuple[Parcel, dict[str, Any]]]:
        """The door's answer for each; a batch it cannot read is halved."""
        if not parcels:
            return []
        body = b'{"events":[' + b",".join(parcel.body for parcel in parcels) + b"]}"
        try:
            return list(zip(parcels, self.door.ask("POST", "/api/v1/events", body)["results"], strict=True))
        except DoorClosed as closed:
            if closed.answered not in ROW_BY_ROW:
                raise
            if len(parcels) == 1:
                return [(parcels[0], {"status": closed.answered, "error": closed.message, "code": "door"})]
        middle = len(parcels) // 2
        return self._answers(parcels[:middle]) + self._answers(parcels[middle:])


def _refusal(row: Row, error: str, code: str, error_zh: str = "") -> dict[str, Any]:
    """A line of the file of rejected rows."""
    values = {str(column): value for column, value in row.values.items()}
    shown = {"row": row.number, "line": row.line, "error": error, "code": code, "values": values}
    return shown | ({"error_zh": error_zh} if error_zh else {})
