"""Places of journeys that let in only so many within an hour or a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from journey_engine.store.port import port

ADD = text(
    "INSERT INTO volumes (journey_id, workspace_id, span, taken) VALUES (:journey, :workspace, 0, 0) "
    "ON CONFLICT (journey_id) DO NOTHING"
)
LOCK = text("SELECT span, taken FROM volumes WHERE journey_id = :journey FOR UPDATE")
WRITE = text("UPDATE volumes SET span = :span, taken = :taken WHERE journey_id = :journey")


@dataclass(slots=True)
class Volume:
    """How many places are taken from the beginning of a span on: of this one, and by those who wait of later ones."""

    span: int
    taken: int


@port
def lock(tx: Connection, journey: UUID, workspace: int) -> Volume:
    """The places of a journey, which nobody else takes until this transaction ends: so none is taken twice or lost."""
    tx.execute(ADD, {"journey": journey, "workspace": workspace})
    return Volume(*tx.execute(LOCK, {"journey": journey}).one())


@port
def write(tx: Connection, taken: Iterable[tuple[UUID, Volume]]) -> None:
    """Write the places that were taken."""
    for journey, volume in taken:
        tx.execute(WRITE, {"journey": journey, "span": volume.span, "taken": volume.taken})
