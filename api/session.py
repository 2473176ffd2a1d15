"""Signing in and out, and what the editor needs to know about who is signed in."""

import secrets
from typing import Any

from flask import current_app, request, session
from flask_login import current_user, login_user, logout_user
from marshmallow import fields, validate

from api.auth import SignedIn, caller, check_origin
from api.blueprint import Blueprint, Fields
from api.rates import LOGINS, WRONG_PASSWORDS
from journey_engine import passwords
from journey_engine.errors import NotSignedIn, WrongType
from journey_engine.store import operators
from journey_engine.store.operators import Operator
from journey_engine.store.session import transaction

blueprint = Blueprint("session", __name__, url_prefix="/api/v1", description="Signing in and out")

NOBODY = passwords.hashed(secrets.token_urlsafe())
"""Checked for unknown e-mails, so that they take as long as known ones."""


class Login(Fields):
    email = fields.Str(required=True, validate=validate.Length(1, 320))
    password = fields.Str(required=True, validate=validate.Length(1, 1_000))


class Me(Fields):
    language = fields.Str(validate=validate.OneOf(["en", "zh"]))
    name = fields.Str(validate=validate.Length(1, 200))


@blueprint.post("/login")
@blueprint.arguments(Login)
@blueprint.response(200)
def login(given: dict[str, str]):
    """Sign in with e-mail and password; the answer sets the session cookie."""
    check_origin(required=False)
    if not request.is_json:
        raise WrongType()
    rates, place = current_app.extensions["rates"], request.remote_addr or ""
    attempt = f"{place} {given['email'].strip().lower()}"
    LOGINS.count(rates, place)
    WRONG_PASSWORDS.count(rates, attempt)
    operator = _checked(**given)
    WRONG_PASSWORDS.forget(rates, attempt)
    session.clear()
    session["id"] = secrets.token_urlsafe(16)
    session.permanent = True
    login_user(SignedIn(operator))
    return {"operator": _shown(operator)}


@blueprint.post("/logout")
@blueprint.response(200)
def logout():
    """Sign out, on every device."""
    with transaction(current_app.extensions["engine"]) as tx:
        operators.begin_epoch(tx, caller().operator.id)
    logout_user()
    session.clear()
    return {}


@blueprint.get("/me")
@blueprint.response(200)
def me():
    """Who is signed in, and in which workspace; nobody is an answer too, because every visit begins with asking."""
    if not current_user.is_authenticated:
        return {"operator": None, "workspace": None}
    return _me(current_user.operator)


@blueprint.patch("/me")
@blueprint.arguments(Me)
@blueprint.response(200)
def change_me(values: dict[str, str]):
    """Change the language or the name of whoever is signed in."""
    own = caller().operator
    with transaction(current_app.extensions["engine"]) as tx:
        if values:
            operators.change(tx, own.id, values)
        return _me(operators.in_epoch(tx, own.id, own.session_epoch) or own)


def _checked(email: str, password: str) -> Operator:
    """The operator with this e-mail and password; unknown and wrong get the same answer after the same time."""
    with transaction(current_app.extensions["engine"]) as tx:
        found = operators.by_email(tx, email.strip())
    operator, password_hash = found or (None, NOBODY)
    if not passwords.matches(password_hash, password) or operator is None:
        raise NotSignedIn("The e-mail or the password is wrong. Check both and try again.", code="auth:password")
    return operator


def _me(operator: Operator) -> dict[str, Any]:
    workspace = {"id": operator.workspace_id, "name": operator.workspace_name, "timezone": operator.timezone}
    return {"operator": _shown(operator), "workspace": workspace}


def _shown(operator: Operator) -> dict[str, Any]:
    shown = {name: getattr(operator, name) for name in ("id", "email", "name", "role")}
    return shown | {"language": operator.language or None}
