"""Ids: time-ordered ones for nouns, derived ones for messages, and the shard of a customer.

UUIDv7 and UUIDv8 are laid out as RFC 9562 says.
"""

import hashlib
import secrets
from datetime import UTC, datetime
from uuid import UUID, SafeUUID

from journey_engine.config import SHARDS

_V7, _V8, _VARIANT = 0x7 << 76, 0x8 << 76, 0x2 << 62
_LOW_62 = (1 << 62) - 1


_make, _set_number, _set_safety = UUID.__new__, UUID.int.__set__, UUID.is_safe.__set__
_UNKNOWN = SafeUUID.unknown  # looking a member up takes longer than everything else here


def id_of(number: int) -> UUID:
    """The UUID of a number of 128 bits, without the checks of the constructor, which take three times as long."""
    made = _make(UUID)
    _set_number(made, number)
    _set_safety(made, _UNKNOWN)
    return made


def uuid7(at: datetime, random_bits: int | None = None) -> UUID:
    """A new id that sorts by the millisecond of `at`."""
    bits = secrets.randbits(74) if random_bits is None else random_bits
    return id_of((_milliseconds(at) << 80) | _V7 | ((bits >> 62) << 64) | _VARIANT | (bits & _LOW_62))


def first_id_of(at: datetime) -> UUID:
    """The smallest id of that millisecond: a bound for partitions and ranges."""
    return UUID(int=(_milliseconds(at) << 80) | _V7 | _VARIANT)


def message_id(enrollment_id: UUID, node_id: str, visit: int, channel: str) -> UUID:
    """The id of the one message that this visit may send on this channel.

    It is a function of the four, so a second message for the same visit meets the first in the primary key. Its time
    bits are the enrollment's, which keeps the messages of one time together in the index.
    """
    seed = f"{enrollment_id.hex}/{node_id}/{visit}/{channel}".encode()
    digest = int.from_bytes(hashlib.blake2b(seed, digest_size=10).digest(), "big") & ((1 << 74) - 1)
    time_bits = (enrollment_id.int >> 80) << 80
    return id_of(time_bits | _V8 | ((digest >> 62) << 64) | _VARIANT | (digest & _LOW_62))


def shard_of(customer_id: UUID) -> int:
    """The shard a customer belongs to; random bits of the id spread customers evenly."""
    return customer_id.int & (SHARDS - 1)


def _milliseconds(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() * 1000)
