"""Journey files and a server: compared, applied, exported and added by the commands, with what they say."""

import os
import subprocess
import sys

import pytest
import requests
import yaml

from journey_engine.as_code.files import load
from tests.api.conftest import app, config, engine, shop  # noqa: F401 fixtures
from tests.api.server import serving
from tests.support.processes import until

CART = """
name: Cart
graph:
  nodes:
    cart: {kind: event, settings: {event: Cart}}
    wait: {kind: wait, settings: {duration: {amount: 1, unit: hours}}}
    bye: {kind: exit}
  edges: [cart > wait, wait > bye]
"""


@pytest.fixture
def journey(config, shop, tmp_path):  # noqa: F811
    """The command in a folder of its own, speaking to a server as its administrator."""
    with serving(config) as url:
        yield command(url, tmp_path)


def command(url, folder):
    (folder / "cart.yaml").write_text(CART)
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    environment = {"PUBLIC_URL": url, "JOURNEY_KEY": "tea-admin", "LANG": "C", "LC_ALL": "C", "PYTHONPATH": root}

    def run(*words, fails=0):
        answer = subprocess.run(
            [sys.executable, "-m", "journey_engine.cli", *words],
            cwd=folder,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert answer.returncode == fails, answer.stdout + answer.stderr
        return answer.stdout + answer.stderr

    run.folder, run.url = folder, url
    return run


def listed(url):
    answer = requests.get(f"{url}/api/v1/journeys", headers={"Authorization": "Bearer tea-admin"}, timeout=10)
    return answer.json()["items"]


@pytest.mark.parametrize("at", ["/api/v1/journeys", "/api/v1/journeys/"], ids=["making it", "publishing it"])
def test_a_server_that_dies_before_it_answers_is_not_asked_to_do_it_twice(config, shop, tmp_path, at):  # noqa: F811
    if at.endswith("/"):
        with serving(config) as url:
            command(url, tmp_path)("apply", "cart.yaml")
    with serving(config, tmp_path / "died", at) as url:
        journey = command(url, tmp_path)
        assert "did not answer" in journey("apply", "cart.yaml", "--publish", fails=1)

        until(lambda: journey_or_none(journey), 20)
        (made,) = listed(url)
        versions = requests.get(
            f"{url}/api/v1/journeys/{made['id']}", headers={"Authorization": "Bearer tea-admin"}, timeout=10
        ).json()["versions"]
        assert len(versions) == 1


def journey_or_none(journey):
    """Whether the file could be applied, now that the server may be back."""
    try:
        return "Cart" in journey("apply", "cart.yaml", "--publish")
    except AssertionError:
        return False


def test_a_file_becomes_a_live_journey_and_applied_again_changes_nothing(journey):
    assert "is not there yet" in journey("diff", "cart.yaml", fails=1)

    assert "live as version 1" in journey("apply", "cart.yaml", "--publish")
    again = journey("apply", "cart.yaml", "--publish")

    assert "Cart is as in cart.yaml" in again and "is this one already" in again
    assert "Cart is as in cart.yaml" in journey("diff", "cart.yaml")


def test_a_change_in_the_file_is_told_and_then_applied(journey):
    journey("apply", "cart.yaml", "--publish")
    drawn = (journey.folder / "cart.yaml").read_text()
    (journey.folder / "cart.yaml").write_text(
        drawn.replace("amount: 1", "amount: 2").replace("wait > bye", "wait > bye")
    )

    assert "1 hour → 2 hours" in journey("diff", "cart.yaml", fails=1)
    assert "live as version 2" in journey("apply", "cart.yaml", "--publish")
    assert "as in cart.yaml" in journey("diff", "cart.yaml")


def test_what_is_exported_is_what_was_drawn_and_can_be_added_again(journey):
    journey("apply", "cart.yaml")
    journey("export", "--dir", "kept")
    kept = load(journey.folder / "kept" / "Cart.yaml")
    assert [node["id"] for node in kept.graph["nodes"]] == ["cart", "wait", "bye"]

    assert "exists already" in journey("export", "--dir", "kept", fails=1)
    assert yaml.safe_load(journey("export", "Cart"))["name"] == "Cart"

    journey("import", "kept/Cart.yaml")
    graphs = [one["graph"] for one in listed(journey.url)]
    assert len(graphs) == 2 and graphs[0] == graphs[1]
    assert "2 journeys named 'Cart'" in journey("diff", "cart.yaml", fails=1)


def test_ids_of_another_server_become_those_of_the_same_name_here(journey):
    shop_sms = requests.get(f"{journey.url}/api/v1/accounts", headers={"Authorization": "Bearer tea-admin"}, timeout=10)
    own = shop_sms.json()["items"][0]
    told = yaml.safe_load(CART)
    sms = {"template_code": "SMS_1", "text": "Hello", "account": "4711"}
    told["graph"]["nodes"]["wait"] = {"kind": "send_sms", "settings": sms}
    told["references"] = {"4711": {"type": "account", "name": own["name"]}}
    (journey.folder / "cart.yaml").write_text(yaml.safe_dump(told, sort_keys=False))

    journey("apply", "cart.yaml", "--publish")

    assert f"account: '{own['id']}'" in journey("export", "Cart")
    told["references"]["4711"]["name"] = "Nowhere"
    (journey.folder / "cart.yaml").write_text(yaml.safe_dump(told, sort_keys=False))
    assert "'Nowhere', which is not there" in journey("apply", "cart.yaml", fails=1)


def test_a_file_is_checked_without_a_server(journey):
    assert "no problems, 3 nodes" in journey("validate", "cart.yaml")

    broken = CART.replace("amount: 1", "amount: 0").replace(", wait > bye", "")
    (journey.folder / "broken.yaml").write_text(broken)
    said = journey("validate", "cart.yaml", "broken.yaml", fails=1)
    assert "error: Wait for" in said and "leads nowhere" in said and "[wait]" in said


def test_a_command_without_an_address_or_a_key_says_what_is_missing(journey):
    assert "Give --key" in journey("export", "--url", journey.url, "--key", "", fails=1)
    assert "refuses the JOURNEY_KEY" in journey("export", "--key", "wrong", fails=1)
