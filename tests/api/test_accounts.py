"""Accounts: what everybody may see of them, and the way back after a provider refused one."""

from sqlalchemy import text


def stopped_account(engine, shop):
    with engine.begin() as tx:
        values = {"workspace": shop.id}
        statement = (
            "INSERT INTO accounts (workspace_id, name, kind, channel, secrets, stopped_at, stopped_why) "
            "VALUES (:workspace, 'SMS', 'alibaba_sms', 'sms', '', now(), 'isv.AMOUNT_NOT_ENOUGH') RETURNING id"
        )
        return str(tx.scalar(text(statement), values))


def test_an_account_that_was_refused_sends_again_once_an_administrator_says_so(engine, shop):
    account = stopped_account(engine, shop)
    client = shop.client()
    before = [one for one in client.get("/api/v1/accounts").json["items"] if one["id"] == account]
    assert before[0]["stopped_why"] == "isv.AMOUNT_NOT_ENOUGH"

    answer = client.post(f"/api/v1/accounts/{account}/open", json={})

    assert answer.status_code == 200
    assert (answer.json["stopped_at"], answer.json["stopped_why"]) == (None, "")
    assert "secrets" not in answer.json
