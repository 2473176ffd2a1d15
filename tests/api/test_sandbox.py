"""The sandbox's inbox: shown to the workspaces whose messages go there, and to no other."""

from dataclasses import replace

import pytest
from sqlalchemy import text

NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture
def config(config):
    return replace(config, sandbox_url=NOBODY_LISTENS)


def test_a_workspace_that_sends_elsewhere_sees_nothing_of_the_sandbox(app, shop):
    answers = [shop.client().get("/api/v1/sandbox/inbox"), shop.client().post("/api/v1/sandbox/faults", json={})]

    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(404, "sandbox:off")] * 2


def test_a_workspace_whose_account_points_there_is_connected(engine, app, shop):
    with engine.begin() as tx:
        tx.execute(
            text(
                "INSERT INTO accounts (workspace_id, name, kind, channel, secrets, settings) "
                "VALUES (:workspace, 'SMS', 'alibaba_sms', 'sms', '', "
                "jsonb_build_object('endpoint', CAST(:url AS text)))"
            ),
            {"workspace": shop.id, "url": NOBODY_LISTENS},
        )

    answer = shop.client().get("/api/v1/sandbox/inbox")

    assert (answer.status_code, answer.json["code"]) == (503, "sandbox:away")
