"""What a fresh installation begins with: a workspace, its operator and keys, and accounts that point at the sandbox.

Done again it finds everything and changes only what must be: addresses of a sandbox that moved, a password that was
drawn anew.
"""

import hashlib
import os
import secrets
from typing import Any
from urllib.parse import urlsplit

import requests
from sqlalchemy import Connection

from journey_engine import passwords
from journey_engine.clock import now
from journey_engine.config import Config
from journey_engine.errors import Unavailable
from journey_engine.ids import uuid7
from journey_engine.secrets import receipts_token, seal, unseal
from journey_engine.store import accounts, api_keys, operators, workspaces
from journey_engine.store.locks import hold_control
from journey_engine.store.session import engine_for, transaction

WORKSPACE = "Demo shop"
ZONE = "Asia/Shanghai"
ACCESS_KEY_ID = "sandbox"
SENDER = "hello@shop.example.com"
SANDBOX_ANSWERS_WITHIN_S = 10


def provision(
    database_url: str,
    secret_key: str,
    operator_email: str,
    operator_password: str,
    admin_key: str,
    write_key: str,
    sandbox_url: str,
    public_url: str = "",
    sandbox_smtp_port: int = 0,
    sandbox_token: str = "",
) -> None:
    """Make what is missing; what is left out here is taken from the environment."""
    public_url = public_url or os.environ.get("PUBLIC_URL", Config.public_url)
    smtp_port = sandbox_smtp_port or int(os.environ.get("SANDBOX_SMTP_PORT", "9725"))
    with transaction(engine_for(database_url)) as tx:
        workspace_id = workspaces.named(tx, WORKSPACE) or workspaces.add(tx, WORKSPACE, ZONE)
        _operator(tx, workspace_id, operator_email.lower(), operator_password)
        for name, scope, key in (("Administration", "admin", admin_key), ("Shop events", "ingest", write_key)):
            _key(tx, workspace_id, name, scope, key)
        if not sandbox_url:
            return
        sms_secrets = _accounts(tx, workspace_id, secret_key, sandbox_url, smtp_port)
    token = sandbox_token or os.environ.get("SANDBOX_TOKEN", "")
    for account_id, kept in sms_secrets.items():
        receipts_url = f"{public_url}/receipts/{receipts_token(secret_key, account_id)}/alibaba"
        _introduce(sandbox_url, token, {"access_key_id": ACCESS_KEY_ID, "receipts_url": receipts_url, **kept})


def _operator(tx: Connection, workspace_id: int, email: str, password: str) -> None:
    found = operators.by_email(tx, email)
    if found is None:
        values = {"id": uuid7(now()), "workspace_id": workspace_id, "email": email, "name": email.partition("@")[0]}
        operators.add(tx, values | {"role": "admin", "password_hash": passwords.hashed(password)})
    elif not passwords.matches(found[1], password):
        operators.change(tx, found[0].id, {"password_hash": passwords.hashed(password)})
        operators.begin_epoch(tx, found[0].id)


def _key(tx: Connection, workspace_id: int, name: str, scope: str, key: str) -> None:
    values = {"id": uuid7(now()), "workspace_id": workspace_id, "name": name, "scope": scope, "hint": key[-4:]}
    api_keys.add(tx, values | {"key_hash": hashlib.sha256(key.encode()).digest()})


def _accounts(
    tx: Connection, workspace_id: int, secret_key: str, sandbox_url: str, smtp_port: int
) -> dict[int, dict[str, Any]]:
    """The three accounts; the secrets of those that the sandbox must know to check signatures, by account."""
    host = urlsplit(sandbox_url).hostname
    sender = {"from_address": SENDER, "from_name": WORKSPACE}
    wanted = (
        ("Sandbox SMS", "alibaba_sms", "sms", {"endpoint": sandbox_url, "access_key_id": ACCESS_KEY_ID,
            "sign_name": "示例商店", "register_templates": True}, "access_key_secret"),
        ("Sandbox e-mail", "smtp", "email", {"host": host, "port": smtp_port, "security": "none", **sender}, ""),
        ("Webhooks", "webhook", "webhook", {}, "secret"),
    )  # fmt: skip
    present = {row["name"]: row for row in accounts.listed(tx, workspace_id)}
    told: dict[int, dict[str, Any]] = {}
    for name, kind, channel, settings, secret in wanted:
        row = present.get(name)
        if row is None:
            account_id = _add_account(tx, workspace_id, secret_key, (name, kind, channel, settings, secret))
        else:
            account_id = row["id"]
            if row["settings"] != row["settings"] | settings:
                hold_control(tx)
                accounts.change(tx, workspace_id, account_id, {"settings": row["settings"] | settings})
        if kind == "alibaba_sms":
            told[account_id] = unseal(secret_key, account_id, accounts.sealed(tx, workspace_id, account_id))
    return told


def _add_account(tx: Connection, workspace_id: int, secret_key: str, wanted: tuple) -> int:
    name, kind, channel, settings, secret = wanted
    hold_control(tx)
    own = {"workspace_id": workspace_id, "name": name, "kind": kind, "channel": channel, "settings": settings}
    default = all(row["channel"] != channel for row in accounts.listed(tx, workspace_id))
    account_id = accounts.add(tx, own | {"is_default": default})
    drawn = {secret: secrets.token_urlsafe(24)} if secret else {}
    token = receipts_token(secret_key, account_id)
    sealed = {
        "secrets": seal(secret_key, account_id, drawn),
        "receipts_token_hash": hashlib.sha256(token.encode()).digest(),
    }
    accounts.change(tx, workspace_id, account_id, sealed)
    return account_id


def _introduce(sandbox_url: str, token: str, account: dict[str, Any]) -> None:
    """Tell the sandbox whose signatures to accept and where to report."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = requests.post(
            f"{sandbox_url}/accounts", json=account, headers=headers, timeout=SANDBOX_ANSWERS_WITHIN_S
        )
        answer.raise_for_status()
    except requests.RequestException as error:
        raise Unavailable(f"The sandbox at {sandbox_url} does not take its account: {error}") from error
