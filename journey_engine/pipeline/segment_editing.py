"""What marketers do with segments: make, change and delete them, and see whom a rule would mean.

A change happens between turns, like everything that changes what is live. A new rule is then gone through by the
workers; until that is done the segment says that it is being computed.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine

from journey_engine.errors import Conflict, Invalid, NotFound
from journey_engine.ids import uuid7
from journey_engine.model.comparison import RuleProblem
from journey_engine.model.needs import Needs
from journey_engine.model.rule import CUSTOMER, Rule, Verdict, parse
from journey_engine.pipeline.segments import judging
from journey_engine.pipeline.turn import live_routes
from journey_engine.store import segments_read as store
from journey_engine.store import workspaces
from journey_engine.store.ingest import database_now
from journey_engine.store.locks import hold_control, hold_control_shared
from journey_engine.store.session import transaction

SHOWN = 10
"""Customers shown beside the size of a rule."""


def create(engine: Engine, workspace_id: int, name: str, rule: Any, now: datetime | None = None) -> UUID:
    """A new segment; its members are found in the background."""
    read_rule(rule)
    with transaction(engine) as tx:
        hold_control(tx)
        at = now or database_now(tx)
        id = uuid7(at)
        _check(tx, workspace_id, name, rule, id)
        values = {"id": id, "workspace_id": workspace_id, "name": name, "rule": rule}
        store.add(tx, values | {"created_at": at, "updated_at": at})
    return id


def change(engine: Engine, workspace_id: int, id: UUID, changes: dict[str, Any], now: datetime | None = None) -> None:
    """Another name, or another rule: whoever joins or leaves by that is told of."""
    if "rule" in changes:
        read_rule(changes["rule"])
    with transaction(engine) as tx:
        hold_control(tx)
        known = store.one(tx, workspace_id, id)
        if known is None:
            raise NotFound()
        _check(tx, workspace_id, changes.get("name", known["name"]), changes.get("rule", known["rule"]), id)
        again = {"state": "computing", "next_shard": 0} if changes.get("rule", known["rule"]) != known["rule"] else {}
        store.change(tx, workspace_id, id, {**changes, **again, "updated_at": now or database_now(tx)})


def delete(engine: Engine, workspace_id: int, id: UUID) -> None:
    """Refused while something uses the segment, naming what would break."""
    with transaction(engine) as tx:
        hold_control(tx)
        used_by = store.users(tx, workspace_id, [id])[id]
        if used_by:
            names = ", ".join(one["name"] for one in used_by)
            where = {"used_by": [{key: str(value) for key, value in one.items()} for one in used_by]}
            message = f"The segment is used by {names}. Take it out there first."
            raise Conflict(message, code="segment:used", where=where)
        if not store.remove(tx, workspace_id, id):
            raise NotFound()


def read_rule(raw: Any) -> Rule:
    """The rule about a customer; raises Invalid with a sentence in both languages."""
    try:
        return parse(raw, CUSTOMER)
    except RuleProblem as problem:
        where = {"message": problem.text.to_json(), "path": list(problem.path)}
        raise Invalid(f"{problem.text.en}.", code="rule:problem", where=where) from problem


def _check(tx: Connection, workspace_id: int, name: str, raw: Any, id: UUID) -> None:
    """The name is free, and the rule names segments that exist and do not lead back to this one."""
    if store.is_taken(tx, workspace_id, name, id):
        raise Conflict(f"Another segment is called {name}. Give it another name.", code="segment:name_taken")
    rules = store.rules(tx, workspace_id) | {id: raw}
    for other in _follow(rules, id, set()):
        if other not in rules:
            raise Invalid("The rule names a segment that does not exist.", code="segment:unknown")
        if other == id:
            raise Invalid("The segment would be read by its own rule. Choose another one.", code="segment:cycle")


def _follow(rules: dict[UUID, Any], id: UUID, seen: set[UUID]) -> Iterator[UUID]:
    """Every segment that a rule reads, by itself or through others."""
    for text in sorted(parse(rules[id], CUSTOMER).needs().segments) if id in rules else ():
        other = UUID(text)
        yield other
        if other not in seen:
            seen.add(other)
            yield from _follow(rules, other, seen)


def preview(engine: Engine, workspace_id: int, raw: Any, now: datetime | None = None) -> dict[str, Any]:
    """The rule's sentence, how many customers it means now, and some of them."""
    rule = read_rule(raw)
    with transaction(engine) as tx:
        at = now or database_now(tx)
        found = store.preview(tx, rule, workspace_id, workspaces.timezone(tx, workspace_id), at, SHOWN)
    return {"sentence": rule.summary(), **found}


def judge_one(engine: Engine, workspace_id: int, raw: Any, customer_id: UUID, now: datetime | None = None) -> Verdict:
    """What a rule says of one customer now, with every value it reads."""
    rule = read_rule(raw)
    with transaction(engine) as tx:
        hold_control_shared(tx)
        facts = judging(tx, live_routes(tx), workspace_id, customer_id, Needs().of_rule(rule), now or database_now(tx))
        if facts is None:
            raise NotFound()
        return rule.judge(facts, now or database_now(tx))
