"""The HTTP API: doors for shops' events, resources for the editor and for programs, and the editor's own pages.

`create_app` puts the parts together. Every request passes `auth` (who is calling, by `policies`), is read by `body`,
and is answered in one shape by `errors`.
"""

from datetime import timedelta

import flask_smorest
from flask import Flask
from sqlalchemy import Engine

from api import (
    accounts,
    approvals,
    auth,
    catalog,
    coupons,
    customers,
    editor,
    entries,
    errors,
    events,
    goals,
    headers,
    health,
    journeys,
    keys,
    logs,
    messages,
    overview,
    playbooks,
    receipts,
    retries,
    rfm,
    sandbox,
    segment,
    segments,
    session,
    sockets,
    unsubscribe,
    versions,
    why,
    workspace,
)
from api.answers import Answers
from api.cookies import Sessions
from api.policies import check_policies
from api.rates import Rates
from journey_engine.bell import Bell
from journey_engine.config import Config
from journey_engine.pipeline.together import Together
from journey_engine.store.session import engine_for

RESOURCES = (
    session,
    catalog,
    events,
    segment,
    journeys,
    versions,
    goals,
    entries,
    playbooks,
    customers,
    why,
    messages,
    retries,
    segments,
    rfm,
    coupons,
    approvals,
    overview,
    keys,
    accounts,
    workspace,
    sandbox,
    receipts,
    unsubscribe,
    health,
)
SESSION_DAYS = 14
BODY_BACKSTOP = 10_000_000
"""No body larger than this is ever read; `api.body` has the caps that matter."""


def create_app(config: Config | None = None, engine: Engine | None = None) -> Flask:
    """The application, ready to serve; raises when an address has no policy or the configuration is incomplete."""
    config = config or Config.from_env()
    app = Flask("api", static_folder=None)
    app.json = Answers(app)
    app.session_interface = Sessions()
    app.config.update(
        JOURNEY=config,
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="journey_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=SESSION_DAYS),
        MAX_CONTENT_LENGTH=BODY_BACKSTOP,
        API_TITLE="Journey Engine",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
    )
    app.extensions["engine"] = engine or engine_for(config.database_url)
    app.extensions["together"] = Together(app.extensions["engine"])
    app.extensions["bell"] = Bell(config.redis_url)
    app.extensions["rates"] = Rates(config.redis_url)
    logs.log_requests(app)
    headers.protect(app)
    auth.guard_doors(app)
    api = flask_smorest.Api(app)
    for resource in RESOURCES:
        api.register_blueprint(resource.blueprint)
    app.register_blueprint(editor.blueprint)
    errors.answer_errors(app)
    check_policies(app)
    sockets.open_line(app)
    return app
