"""What the history keeps of a turn: the paths that were walked, and who was refused."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from journey_engine.model.enrollment import Enrollment


@dataclass(slots=True)
class PathRow:
    """One path from hold to hold. Each entry of `path` has n, node, exit and reason."""

    enrollment: Enrollment
    first_visit: int
    cause: dict[str, Any]
    path: list[dict[str, Any]]


@dataclass(slots=True)
class Refusal:
    """Someone who matched a trigger and did not enter, with the reason."""

    workspace_id: int
    customer_id: UUID
    journey_id: UUID
    version_id: int
    event_id: UUID | None
    reason: dict[str, Any]
