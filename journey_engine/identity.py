"""Identities as shops write them, made comparable: e-mail in lower case, phones as E.164."""

import re
from functools import lru_cache

import phonenumbers

from journey_engine.errors import Invalid

VALUE_CHARS = 255
KIND = re.compile(r"[a-z][a-z0-9_]{0,63}")
EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
NOBODY = frozenset(("null", "nil", "none", "undefined", "nan", "anonymous", "unknown", "guest", "[object object]"))
"""What programs send when they do not know who it is. As an identity it would merge all those people into one."""

DEFAULT_REGION = "CN"
"""Where a phone number without a country code is from."""


def normalise(kind: str, value: object) -> str:
    """The comparable form of an identity; raises Invalid naming the field."""
    where = {"field": f"customer.{kind}"}
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not KIND.fullmatch(kind):
        message = f"{kind}: an identity is a name of lower-case letters and a text."
        raise Invalid(message, code="event:customer", where=where)
    value = value.strip()
    if not value or len(value) > VALUE_CHARS:
        message = f"{kind}: give 1 to {VALUE_CHARS} characters."
        raise Invalid(message, code="event:customer", where=where)
    if value.lower() in NOBODY:
        message = f"{kind}: {value!r} names nobody; leave out what is not known."
        raise Invalid(message, code="event:nobody", where=where)
    if kind == "email":
        return _email(value, where)
    return _phone(value) if kind == "phone" else value


def _email(value: str, where: dict) -> str:
    if not EMAIL.fullmatch(value):
        raise Invalid("email: this is not an e-mail address.", code="event:email", where=where)
    return value.lower()


@lru_cache(maxsize=50_000)
def _phone(value: str) -> str:
    where = {"field": "customer.phone"}
    try:
        number = phonenumbers.parse(value, DEFAULT_REGION)
    except phonenumbers.NumberParseException as problem:
        message = "phone: this is not a phone number; write it like +8613800138000."
        raise Invalid(message, code="event:phone", where=where) from problem
    if not phonenumbers.is_possible_number(number):
        message = "phone: this number is too short or too long for its country; write it like +8613800138000."
        raise Invalid(message, code="event:phone", where=where)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
