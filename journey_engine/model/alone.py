"""A customer alone: what rules read that are about no entry into a journey, such as those of segments."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from journey_engine.model.customer import Customer
from journey_engine.model.known import Known


@dataclass(slots=True)
class Alone(Known):
    """The facts of one customer. What belongs to an entry is empty; a rule that reads it is refused beforehand."""

    customer: Customer

    @property
    def properties(self) -> dict[str, Any]:
        return {}

    variables = properties

    @property
    def fired_at(self) -> datetime:
        return datetime.max.replace(tzinfo=UTC)

    @property
    def journey_id(self) -> str:
        return ""

    def reached_at(self, node: str) -> datetime | None:
        return None
