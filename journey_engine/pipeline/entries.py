"""Entries: customers are let into a journey because somebody asks: a program, an operator, or the rows of a file.

A request is an event that only the journey hears. It is committed like every event when it is answered, and whether the
customer then enters is the journey's decision, which the history tells.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from journey_engine.errors import Conflict, Invalid, JourneyError, NotFound
from journey_engine.graph import build
from journey_engine.pipeline.ingest import Accepted, Incoming, ingest, make_request
from journey_engine.store import entries as store
from journey_engine.store.session import transaction
from journey_engine.text import Text
from journey_engine.triggers.api import Api

ENTRIES = 1_000
"""Requests per transaction."""

Read = Incoming | JourneyError
FIELDS = {"customer", "properties", "message_id"}


def entry_trigger(engine: Engine, workspace_id: int, journey_id: UUID, trigger_id: str = "") -> Api:
    """The trigger by which customers are let in; raises when the journey does not run or has none."""
    with transaction(engine) as tx:
        live = store.live_graph(tx, workspace_id, journey_id)
    if live is None:
        raise NotFound()
    if live.graph is None:
        message = "This journey is not live, so nobody can enter it. Publish it first."
        raise Conflict(message, code="journey:not_live", where={"status": live.status})
    triggers = [one for one in build(live.graph).triggers.values() if isinstance(one, Api) and not one.disabled]
    fitting = [one for one in triggers if trigger_id in ("", one.id)]
    if not fitting:
        message = "This journey has no trigger for calls, lists and files. Add one and publish it."
        raise Conflict(message, code="journey:no_entry", where={"trigger": trigger_id})
    return fitting[0]


def enter(
    engine: Engine,
    workspace_id: int,
    journey_id: UUID,
    trigger: Api,
    asked: Sequence[Any],
    by: str,
    via: str,
    now: datetime | None = None,
) -> list[Accepted | JourneyError]:
    """Read and commit what is asked for; the answer says for each what became of it or what is wrong with it."""
    read = _read_all(engine, workspace_id, journey_id, trigger, asked, {"by": by, "via": via})
    good = [one for one in read if isinstance(one, Incoming)]
    accepted: list[Accepted] = []
    for first in range(0, len(good), ENTRIES):
        accepted += ingest(engine, workspace_id, good[first : first + ENTRIES], via, now, journey_id)
    answers = iter(accepted)
    return [next(answers) if isinstance(one, Incoming) else one for one in read]


def _read_all(
    engine: Engine, workspace_id: int, journey_id: UUID, trigger: Api, asked: Sequence[Any], how: dict[str, Any]
) -> list[Read]:
    with transaction(engine) as tx:
        known = _identities(tx, workspace_id, asked)
    read: list[Read] = []
    for one in asked:
        try:
            read.append(_read(one, journey_id, trigger, known, how))
        except JourneyError as error:
            read.append(error)
    return read


def _identities(tx: Connection, workspace_id: int, asked: Iterable[Any]) -> dict[UUID, dict[str, str]]:
    """One identity of each customer who is named by our own id."""
    customers = (one.get("customer") for one in asked if isinstance(one, dict))
    ids = {_own_id(customer) for customer in customers} - {None}
    return store.identities(tx, workspace_id, ids) if ids else {}


def _read(one: Any, journey_id: UUID, trigger: Api, known: dict[UUID, dict[str, str]], how: dict[str, Any]) -> Incoming:
    """One request; raises JourneyError naming the field and what to write there."""
    if not isinstance(one, dict) or not one.keys() <= FIELDS:
        raise Invalid("An entry is {customer, properties, message_id}.", code="entry:shape")
    customer, properties = one.get("customer"), one.get("properties")
    if (id := _own_id(customer)) is not None:
        customer = known.get(id)
        if customer is None:
            raise NotFound("There is no such customer.", code="entry:customer", where={"field": "customer"})
    properties = {} if properties is None else properties
    if not isinstance(properties, dict):
        raise Invalid("properties: an object.", code="event:properties", where={"field": "properties"})
    if wrong := trigger.wrong(properties):
        raise _unfit(*wrong)
    told = {**how, "trigger": trigger.id, "properties": properties}
    return make_request(one.get("message_id"), customer, journey_id, told)


def _own_id(customer: Any) -> UUID | None:
    """The id of a customer who is named by it alone."""
    if not isinstance(customer, dict) or customer.keys() != {"id"}:
        return None
    try:
        return UUID(customer["id"])
    except (ValueError, TypeError, AttributeError):
        message = "customer: the id of a customer, or an identity such as external_id."
        raise Invalid(message, code="entry:customer", where={"field": "customer"}) from None


def _unfit(name: str, what: Text) -> Invalid:
    error = Invalid(f"{what.en}. Send it as the journey asks for it.", code="entry:property", where={"field": name})
    error.text = Text(error.message, f"{what.zh}，请按旅程的要求填写。")
    return error
