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


def test_an_administrator_changes_how_fast_an_account_sends(engine, shop, other_shop):
    client = shop.client()
    account = client.get("/api/v1/accounts").json["items"][0]["id"]
    answer = client.patch(f"/api/v1/accounts/{account}", json={"rate_per_s": 20, "burst": 2})
    assert answer.status_code == 200
    assert (answer.json["settings"]["rate_per_s"], answer.json["settings"]["sign_name"]) == (20, "Tea")
    assert client.patch(f"/api/v1/accounts/{account}", json={"rate_per_s": -1}).status_code == 422
    assert client.patch(f"/api/v1/accounts/{account}", json={"access_key_id": "x"}).status_code == 422
    assert shop.client("marketer").patch(f"/api/v1/accounts/{account}", json={"burst": 9}).status_code == 403
    assert other_shop.client().patch(f"/api/v1/accounts/{account}", json={"burst": 9}).status_code == 404


def test_an_account_whose_provider_does_not_answer_says_so(engine, shop):
    client = shop.client()
    account = client.get("/api/v1/accounts").json["items"][0]["id"]
    with engine.begin() as tx:
        told = "broken_at = now(), broken_why = 'no_answer', probe_at = now() + interval '1 minute', probes = 1"
        tx.execute(text(f"UPDATE accounts SET {told} WHERE id = :id"), {"id": account})
    (shown,) = (one for one in client.get("/api/v1/accounts").json["items"] if one["id"] == account)
    assert (shown["broken_why"], bool(shown["probe_at"])) == ("no_answer", True)
    lanes = {one["lane"]: one["state"] for one in client.get("/api/v1/overview").json["health"]["lanes"]}
    assert lanes["SMS"] == "out_of_reach"
    assert client.post(f"/api/v1/accounts/{account}/open", json={}).json["broken_at"] is None
