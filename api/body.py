"""Reading a request's body: never more of it than the cap, and only JSON that means one thing.

JSON with two equal keys, NaN, endless digits or endless nesting is refused with 400; a text that PostgreSQL cannot keep
with 422 and its place.
"""

import json
import math
import re
import zlib
from collections import Counter
from typing import Any, NoReturn

from flask import request

from journey_engine.config import BODY_BYTES, JSON_DEPTH
from journey_engine.errors import BadRequest, Invalid, TooLarge, WrongType

CHUNK = 64 * 1024
DRAFT_BYTES = 5_000_000
"""A drawing of a thousand nodes with its mail templates."""

NUMBER_DIGITS = 18
"""Whole numbers of up to this many digits are the same in JSON, Python and PostgreSQL."""

DECIMAL_CHARS = 400
"""No float needs more in any notation, and reading endless ones is slow."""

NOT_STRUCTURE = bytes(byte for byte in range(256) if byte not in b'{}[]"\\')
ONE_KIND = bytes.maketrans(b"{}", b"[]")
STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
SUSPECT = re.compile(rb"\\u(?:0000|d[89a-f])", re.IGNORECASE)
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read_json(cap: int = BODY_BYTES, types: tuple[str, ...] = ("application/json",)) -> Any:
    """The request's body as JSON; raises WrongType, TooLarge, BadRequest."""
    if request.mimetype not in types:
        raise WrongType()
    return parse(read_bytes(cap))


def read_bytes(cap: int = BODY_BYTES) -> bytes:
    """The body, unpacked when it was sent as gzip; at most one chunk more than `cap` is ever held."""
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise WrongType("Send the body plain or as gzip.", code="request:encoding")
    if request.content_length is not None and request.content_length > cap:
        raise TooLarge(where={"bytes": cap})
    unpack = zlib.decompressobj(wbits=31) if encoding != "identity" else None
    parts, packed_size, size = [], 0, 0
    while chunk := request.stream.read(CHUNK):
        packed_size += len(chunk)
        if unpack is not None:
            chunk = _unpacked(unpack, chunk, cap - size)
        size += len(chunk)
        if size > cap or packed_size > cap:
            raise TooLarge(where={"bytes": cap})
        parts.append(chunk)
    if unpack is not None and not unpack.eof:
        raise BadRequest("The gzip body ends too early.", code="request:gzip")
    return b"".join(parts)


def _unpacked(unpack: Any, chunk: bytes, room: int) -> bytes:
    try:
        out = unpack.decompress(chunk, room + 1)  # zero would mean without limit
    except zlib.error as error:
        raise BadRequest("The body is not gzip.", code="request:gzip") from error
    return out


def parse(raw: bytes) -> Any:
    """The JSON value in `raw`, when there is exactly one way to read it."""
    flat = _is_flat(raw)
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_decimal,
        )
    except RecursionError:
        raise BadRequest(f"The JSON is nested deeper than {JSON_DEPTH}.", code="request:depth") from None
    except UnicodeDecodeError:
        raise BadRequest("The body is not UTF-8.", code="request:utf8") from None
    except ValueError as error:
        raise BadRequest(f"The body is not JSON: {error}", code="request:json") from None
    if not flat and not _is_flat(STRINGS.sub(b"", raw)):
        raise BadRequest(f"The JSON is nested deeper than {JSON_DEPTH}.", code="request:depth")
    return value


def has_suspects(raw: bytes) -> bool:
    """Whether an escape in here may stand for a character that cannot be stored."""
    return SUSPECT.search(raw) is not None


def refuse_unstorable(value: Any) -> Any:
    """The value itself; raises Invalid with the place of the first text that PostgreSQL cannot keep."""
    place = unstorable(value)
    if place is not None:
        message = f"The text at {place or 'the top'} contains a character that cannot be stored (NUL or half a pair)."
        raise Invalid(message, code="invalid:text", where={"field": place})
    return value


def unstorable(value: Any, place: str = "") -> str | None:
    """The place of the first such text; None when all can be stored."""
    if isinstance(value, str):
        return place if UNSTORABLE.search(value) else None
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        here = f"{place}.{key}" if place else str(key)
        if isinstance(key, str) and UNSTORABLE.search(key):
            return UNSTORABLE.sub("?", here)
        found = unstorable(inner, here)
        if found is not None:
            return found
    return None


def _is_flat(raw: bytes) -> bool:
    """Whether brackets nest no deeper than allowed, told by taking away the innermost ones that many times.

    A False may also mean that a string holds brackets, so the caller takes the strings out and asks again.
    """
    skeleton = raw.translate(ONE_KIND, delete=NOT_STRUCTURE).replace(b'""', b"")
    for _ in range(JSON_DEPTH):
        if not skeleton:
            return True
        skeleton = skeleton.replace(b"[]", b"")
    return not skeleton


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {twice[:50]!r} is there twice")
    return found


def _integer(digits: str) -> int:
    if len(digits) > NUMBER_DIGITS:
        raise ValueError(f"a whole number has more than {NUMBER_DIGITS} digits; send it as a text")
    return int(digits)


def _decimal(digits: str) -> float:
    """A number too large for a float would be read as infinity and stored as nothing."""
    value = float(digits) if len(digits) <= DECIMAL_CHARS else math.inf
    if math.isinf(value):
        raise ValueError(f"a number is too large or has more than {DECIMAL_CHARS} characters; send it as a text")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
