"""What viewers see of addresses: enough to recognise one, too little to use it."""

import re
from typing import Any

from api.auth import caller
from api.policies import VIEWER

PHONE = re.compile(r"(\+?\d{3,5})\d{4}(\d{2,4})")
EMAIL = re.compile(r"([^@\s])[^@\s]*(@[^@\s]+)")
ADDRESSES = ("to", "address", "value", "label", "email", "phone", "search")


def for_caller(answer: Any) -> Any:
    """The answer as it is, with addresses masked when a viewer asks."""
    return _masked(answer) if caller().role == VIEWER else answer


def mask(text: str) -> str:
    """The address without its middle, or each of several; what is none stays as it is."""
    if ", " in text:
        return ", ".join(map(mask, text.split(", ")))
    if EMAIL.fullmatch(text):
        return EMAIL.sub(r"\1***\2", text)
    return PHONE.sub(r"\1****\2", text) if PHONE.fullmatch(text) else text


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: mask(inner) if name in ADDRESSES and isinstance(inner, str) else _masked(inner)
            for name, inner in value.items()
        }
    return [_masked(inner) for inner in value] if isinstance(value, list) else value
