"""Who is calling: an operator with a session cookie, or a program with an API key. Policies are enforced here only.

A session is a signed cookie that names the operator and the epoch it was made in; signing out begins a new epoch, so a
copied cookie is worth nothing afterwards. A request that changes something with a cookie must come from our own pages:
its `Origin` says so, and its body is JSON, which no foreign form can send.
"""

import hashlib
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, current_app, g, request
from flask_login import LoginManager, UserMixin, current_user

from api.policies import POLICIES, Policy
from api.rates import WRONG_KEYS
from journey_engine.clock import monotonic_s, now
from journey_engine.errors import Forbidden, NotSignedIn
from journey_engine.store import api_keys, operators
from journey_engine.store.operators import Operator
from journey_engine.store.session import transaction

SAFE = ("GET", "HEAD", "OPTIONS")
LOOPBACK = ("127.0.0.1", "::1")
OF_A_PROXY = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")
FILES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
"""Files that an operator uploads as they are. A page of another site cannot send these types without asking first."""

KEY_KNOWN_S = 1.0
"""How long a key that was found is believed: single events come in fast. Another process may revoke it meanwhile."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and in which workspace; nothing a request says can change either."""

    workspace_id: int
    name: str
    role: str = ""
    scope: str = ""
    operator: Operator | None = None


class SignedIn(UserMixin):
    """What a session remembers of an operator: the id, and the epoch that ends with the next signing out."""

    def __init__(self, operator: Operator):
        self.operator = operator

    def get_id(self) -> str:
        return f"{self.operator.id}.{self.operator.session_epoch}"


def guard_doors(app: Flask) -> None:
    """Ask every request who it comes from, before anything else looks at it."""
    sessions = LoginManager(app)
    sessions.session_protection = None
    sessions.user_loader(_operator)
    app.extensions["known_keys"] = {}
    app.before_request(_enforce)


def caller() -> Caller:
    """Who is calling; only addresses with a policy that asks have one."""
    return g.caller


def workspace_id() -> int:
    return g.caller.workspace_id


def forget_keys() -> None:
    """Believe no key any more that was looked up before."""
    current_app.extensions["known_keys"].clear()


def check_origin(required: bool = True) -> None:
    """Refuse what another site's page makes the browser send."""
    origin = request.headers.get("Origin")
    if origin is None and not required:
        return
    if origin not in own_origins(request.scheme, request.host):
        raise Forbidden("This request comes from another site. Use the editor's own pages.", code="auth:origin")


def own_origins(scheme: str, host: str) -> set[str]:
    """The addresses under which a browser may know us: as it was called now, and as the installation is published."""
    public = urlsplit(current_app.config["JOURNEY"].public_url)
    return {f"{scheme}://{host}", f"{public.scheme}://{public.netloc}"}


def _enforce() -> None:
    if request.endpoint is None:
        return  # there is nothing here; the answer is 404 or 405 for everybody
    policy = POLICIES[request.endpoint]
    g.caller = None
    if policy.open or (policy.near and _is_near()):
        return
    g.caller = _by_key(policy) if "Authorization" in request.headers else _by_session(policy)


def _is_near() -> bool:
    """Whether the request was made on this machine, and not merely handed on by a proxy that runs here."""
    return request.remote_addr in LOOPBACK and not any(name in request.headers for name in OF_A_PROXY)


def _by_session(policy: Policy) -> Caller:
    if policy.basic or not current_user.is_authenticated:
        raise NotSignedIn()
    operator: Operator = current_user.operator
    if request.method not in SAFE:
        check_origin()
        if request.mimetype and not request.is_json and request.mimetype not in FILES:
            raise Forbidden("Send the body as application/json.", code="auth:not_json")
    if operator.role not in policy.roles:
        raise Forbidden(where={"role": operator.role})
    return Caller(operator.workspace_id, operator.email, role=operator.role, operator=operator)


def _by_key(policy: Policy) -> Caller:
    try:
        given = request.authorization
    except ValueError:  # characters that base64 has not
        given = None
    if given is None or given.type not in ("bearer", "basic") or (given.type == "basic") is not policy.basic:
        _refuse_key()
    key = (given.username if policy.basic else given.token) or ""
    found = _known(hashlib.sha256(key.encode()).digest())
    if found is None:
        _refuse_key()
    if found.scope not in policy.scopes:
        raise Forbidden(where={"scope": found.scope})
    return Caller(found.workspace_id, found.name, scope=found.scope)


def _known(key_hash: bytes) -> api_keys.ApiKey | None:
    """The key with this hash, from the database or from a moment ago."""
    known = current_app.extensions["known_keys"]
    found, until = known.get(key_hash, (None, 0.0))
    if until > monotonic_s():
        return found
    with transaction(current_app.extensions["engine"]) as connection:
        found = api_keys.find(connection, key_hash, now())
    if found is not None:
        known[key_hash] = (found, monotonic_s() + KEY_KNOWN_S)
    return found


def _refuse_key() -> NoReturn:
    WRONG_KEYS.count(current_app.extensions["rates"], request.remote_addr or "")
    raise NotSignedIn("This API key is not valid, or was revoked.", code="auth:key")


def _operator(session_id: str) -> SignedIn | None:
    id, _, epoch = session_id.partition(".")
    try:
        wanted = UUID(id), int(epoch)
    except ValueError:
        return None
    with transaction(current_app.extensions["engine"]) as connection:
        operator = operators.in_epoch(connection, *wanted)
    return SignedIn(operator) if operator else None
