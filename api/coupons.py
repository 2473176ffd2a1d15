"""Coupon pools: what is left of each, which journeys give from it, and new codes for it."""

import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import current_app, request
from marshmallow import fields, validate

from api.auth import workspace_id
from api.blueprint import Blueprint, Fields, Page
from api.body import parse, read_bytes, refuse_unstorable, unstorable
from api.paging import page, position
from journey_engine.clock import now
from journey_engine.errors import BadRequest, Invalid, NotFound, WrongType
from journey_engine.ids import uuid7
from journey_engine.store import coupons as store
from journey_engine.store.session import transaction

blueprint = Blueprint("coupons", __name__, url_prefix="/api/v1/coupon-pools", description="Coupon pools")

FILE_BYTES = 10_000_000
CODES, CODE_CHARS = 200_000, 100
REFUSED_SHOWN = 100
INSTANT = fields.AwareDateTime(allow_none=True, load_default=None, default_timezone=UTC)


class NewPool(Fields):
    name = fields.Str(required=True, validate=validate.Length(1, 200))
    expires_at = INSTANT
    low_at = fields.Int(load_default=100, strict=True, validate=validate.Range(0, 1_000_000_000))


class PoolChanges(Fields):
    name = fields.Str(validate=validate.Length(1, 200))
    expires_at = fields.AwareDateTime(allow_none=True, default_timezone=UTC)
    low_at = fields.Int(strict=True, validate=validate.Range(0, 1_000_000_000))


@blueprint.get("")
@blueprint.arguments(Page, location="query")
@blueprint.response(200)
def listed(asked: dict[str, Any]):
    """Pools with what is left of them, the newest first; `low` says that it is time for new codes."""
    with _transaction() as tx:
        rows = store.pools(tx, workspace_id(), now(), asked["limit"], position(asked["cursor"]))
    return page(rows, asked["limit"], "id")


@blueprint.post("")
@blueprint.arguments(NewPool)
@blueprint.response(201)
def create(given: dict[str, Any]):
    """A new, empty pool."""
    at = now()
    pool = {"id": uuid7(at), "workspace_id": workspace_id(), "created_at": at, **given}
    with _transaction() as tx:
        store.add_pool(tx, pool)
        return store.pool(tx, workspace_id(), pool["id"], at)


@blueprint.get("/<uuid:pool_id>")
@blueprint.response(200)
def one(pool_id: UUID):
    """One pool."""
    with _transaction() as tx:
        return _found(tx, pool_id)


@blueprint.patch("/<uuid:pool_id>")
@blueprint.arguments(PoolChanges)
@blueprint.response(200)
def change(given: dict[str, Any], pool_id: UUID):
    """Another name, another end, or another mark at which it counts as low."""
    with _transaction() as tx:
        _found(tx, pool_id)
        store.change_pool(tx, workspace_id(), pool_id, given)
        return _found(tx, pool_id)


@blueprint.post("/<uuid:pool_id>/codes")
@blueprint.response(200)
def add_codes(pool_id: UUID):
    """Add codes, as JSON `{"codes": [...]}` or as CSV with one code a line and, if it likes, its end beside it.

    Codes that the pool has already change nothing, so the same file may be sent again.
    """
    codes, refused = _read_codes()
    with _transaction() as tx:
        _found(tx, pool_id)
        added = store.add_codes(tx, workspace_id(), pool_id, codes)
    return {"added": added, "duplicates": len(codes) - added, "refused": refused[:REFUSED_SHOWN]}


def _transaction():
    return transaction(current_app.extensions["engine"])


def _found(tx, pool_id: UUID) -> dict[str, Any]:
    pool = store.pool(tx, workspace_id(), pool_id, now())
    if pool is None:
        raise NotFound()
    return pool


def _read_codes() -> tuple[list[tuple[str, datetime | None]], list[dict[str, Any]]]:
    """The codes with their ends, in their order, and the lines that hold none, each with what is wrong."""
    good: list[tuple[str, datetime | None]] = []
    refused: list[dict[str, Any]] = []
    for line, (code, ends) in enumerate(_lines(), 1):
        try:
            good.append((_code(code), _end(ends)))
        except Invalid as error:
            refused.append({"line": line, "code": str(code)[:CODE_CHARS], "error": error.message})
    if len(good) > CODES:
        raise Invalid(f"At most {CODES:,} codes at once; send the rest in another request.", code="coupons:too_many")
    return good, refused


def _lines() -> list[tuple[Any, Any]]:
    """Pairs of a code and its end, from the body as it came."""
    raw = read_bytes(FILE_BYTES)
    if request.mimetype == "text/csv":
        return _csv_lines(raw)
    if not request.is_json:
        raise WrongType()
    given = refuse_unstorable(parse(raw))
    codes = given.get("codes") if isinstance(given, dict) and given.keys() == {"codes"} else None
    if not isinstance(codes, list):
        raise Invalid('Send {"codes": ["A1", {"code": "A2", "expires_at": "2026-12-31T00:00:00Z"}]}.')
    return [(one.get("code"), one.get("expires_at")) if isinstance(one, dict) else (one, None) for one in codes]


def _csv_lines(raw: bytes) -> list[tuple[Any, Any]]:
    try:
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    except UnicodeDecodeError:
        raise BadRequest("The file is not UTF-8.", code="request:utf8") from None
    except csv.Error as error:
        raise BadRequest(f"The file is not CSV: {error}", code="coupons:csv") from None
    if rows and rows[0] and rows[0][0].strip().lower() == "code":
        rows = rows[1:]
    return [(row[0], row[1].strip() if len(row) > 1 else None) for row in rows if any(cell.strip() for cell in row)]


def _code(told: Any) -> str:
    code = told.strip() if isinstance(told, str) else ""
    if not 0 < len(code) <= CODE_CHARS or unstorable(code) is not None:
        raise Invalid(f"A code is a text of 1 to {CODE_CHARS} characters.")
    return code


def _end(told: Any) -> datetime | None:
    """The instant until which a code holds; of a day, its beginning in UTC."""
    if told in (None, ""):
        return None
    try:
        at = datetime.fromisoformat(told)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        raise Invalid("The end is not a date like 2026-12-31T00:00:00Z.") from None
