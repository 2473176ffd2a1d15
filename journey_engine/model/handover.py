"""A handover: what becomes of those who stand in older versions when a new one is published over them.

    finish  they go their way to the end in the version they entered
    move    they stand at the same node of the new version; a deleted node names another, or the end
    exit    they leave the journey

It is kept with the new version, so it holds from the commit of the publication on: whoever is looked at later is handed
over first, however long ago it was published and however many versions came between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

FINISH, MOVE, EXIT = "finish", "move", "exit"
STANDING = (FINISH, MOVE, EXIT)


@dataclass(frozen=True, slots=True)
class Handover:
    """One version's word on those who stand in older ones.

    `nodes` are the ids that its graph has, `older` the numbers of the versions before it by their ids.
    """

    version_id: int
    number: int
    standing: str
    nodes: frozenset[str]
    targets: dict[str, str | None] = field(default_factory=dict)
    by: str = ""
    older: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands after a handover; without a node their way has ended."""

    handover: Handover
    node_id: str | None


def place_of(handovers: Sequence[Handover], version_id: int, node_id: str) -> Place | None:
    """Where the handovers of later versions put somebody who stands here; None when they stay.

    Versions are numbered in the order in which they were published, and so are their ids.
    """
    place = None
    for handover in handovers:
        if handover.version_id <= version_id or handover.standing == FINISH:
            continue
        if handover.standing == EXIT:
            return Place(handover, None)
        node_id = node_id if node_id in handover.nodes else handover.targets.get(node_id)
        place = Place(handover, node_id)
        if node_id is None:
            return place
    return place


def read_handover(row: Any) -> Handover:
    """A handover as it is kept with its version."""
    kept, older = row.handover, {int(id): number for id, number in (row.older or {}).items()}
    return Handover(
        row.version_id, row.number, kept["standing"], frozenset(row.nodes), kept["targets"], kept["by"], older
    )
