"""Lists in pages: a signed cursor says where the next page begins, and nothing else is believed of it."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from journey_engine.errors import Invalid


def position(cursor: str) -> list[Any] | None:
    """Where the page before ended; raises Invalid when the cursor is not one that this list gave."""
    if not cursor:
        return None
    try:
        return _signer().loads(cursor)
    except BadSignature:
        raise Invalid("This cursor is not valid; begin with the first page.", code="invalid:cursor") from None


def page(items: Sequence[dict[str, Any]], limit: int, *keys: str) -> dict[str, Any]:
    """One page out of up to `limit` + 1 items, with the cursor made from these keys of the last one."""
    shown = items[:limit]
    more = len(items) > limit
    return {"items": shown, "next": _signer().dumps([str(shown[-1][key]) for key in keys]) if more else None}


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key, salt=f"cursor {request.endpoint}")
