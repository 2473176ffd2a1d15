"""Secrets of accounts: encrypted with AES-GCM under a key made from SECRET_KEY, and bound to their account.

A secret copied to another account's row does not open there. With another SECRET_KEY none opens: enter them again.
"""

import os
from functools import lru_cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from journey_engine.errors import ConfigError

NONCE_BYTES = 12


def seal(secret_key: str, account_id: int, secrets: dict[str, Any]) -> bytes:
    """The secrets as they are stored."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(secret_key).encrypt(nonce, orjson.dumps(secrets), _bound_to(account_id))


def unseal(secret_key: str, account_id: int, sealed: bytes) -> dict[str, Any]:
    """The secrets again; raises ConfigError when they were sealed under another key or for another account."""
    try:
        plain = _cipher(secret_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(account_id))
    except InvalidTag:
        message = f"The secrets of account {account_id} do not open with this SECRET_KEY. Enter them again."
        raise ConfigError(message, code="config:secret_key") from None
    return orjson.loads(plain)


@lru_cache(maxsize=4)
def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"journey-engine account secrets").derive(secret_key.encode()))


def _bound_to(account_id: int) -> bytes:
    return f"account {account_id}".encode()


def receipts_token(secret_key: str, account_id: int) -> str:
    """The secret in the address at which a provider reports; made from the key, so that it need not be kept."""
    derived = HKDF(SHA256(), 24, salt=None, info=f"receipts of account {account_id}".encode())
    return derived.derive(secret_key.encode()).hex()
