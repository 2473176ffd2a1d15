"""Publishing over customers, resuming and going back, as a marketer does them, by mouse and keyboard."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from journey_engine.clock import now
from journey_engine.ids import uuid7
from tests.support.processes import until


def days(amount):
    return {"amount": amount, "unit": "days"}


def drawn(event, **waits):
    nodes = [{"id": "start", "kind": "event", "settings": {"event": event}}]
    nodes += [{"id": id, "kind": "wait", "settings": {"duration": days(n)}} for id, n in waits.items()]
    nodes.append({"id": "end", "kind": "exit", "settings": {}})
    ids = [node["id"] for node in nodes]
    edges = [{"from": one, "exit": "next", "to": other} for one, other in pairwise(ids)]
    placed = [node | {"position": {"x": 0, "y": 176 * n}} for n, node in enumerate(nodes)]
    return {"settings": {}, "nodes": placed, "edges": edges}


@pytest.fixture
def event():
    return f"Seen {six_characters()}"


def six_characters():
    return uuid7(now()).hex[-6:]


@pytest.fixture
def journey(product, event):
    """A live journey in which two customers wait at a node that its draft has no more; its id."""
    made = product.call("POST", "/journeys", {"name": "Tea club", "graph": drawn(event, wait=3)})
    product.call("POST", f"/journeys/{made['id']}/publish", {"revision": 1})
    for who in ("ann", "bob"):
        product.push(event, {"external_id": f"{who} {event}"})
    until(lambda: counted(product, made["id"])["totals"]["waiting"] == 2, 20)
    product.call("PUT", f"/journeys/{made['id']}/draft", {"revision": 1, "graph": drawn(event, pause=2)})
    return made["id"]


def counted(product, journey):
    return product.call("GET", f"/journeys/{journey}/counts")


def photograph(page, name):
    """Kept for whoever wants to look: SCREENS names the folder."""
    if folder := os.environ.get("SCREENS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_customers_at_a_deleted_node_go_where_the_dialogue_sends_them(visit, product, journey):
    page = visit(f"/journeys/{journey}")
    page.get_by_test_id("publish").click()
    expect(page.get_by_test_id("publish-changes")).to_contain_text("Wait 2 days")
    expect(page.get_by_test_id("publish-standing")).to_contain_text("2 waiting")
    photograph(page, "publish-en")

    page.get_by_test_id("standing-move").click()
    expect(page.get_by_test_id("publish-confirm")).to_be_disabled()
    page.get_by_test_id("target-wait").click()
    page.locator(".ant-select-item-option", has_text="Wait 2 days").click()
    photograph(page, "publish-move-en")
    page.get_by_test_id("publish-confirm").click()

    expect(page.get_by_test_id("publish-confirm")).to_be_hidden()
    until(lambda: counted(product, journey)["nodes"].get("pause", {}).get("waiting") == 2, 20)


def test_the_choice_is_made_by_keyboard_in_chinese_on_a_phone(visit, product, journey):
    page = visit(f"/journeys/{journey}", language="zh", size=(390, 844))
    page.get_by_test_id("publish").click()
    expect(page.get_by_test_id("publish-standing")).to_contain_text("2 人等待中")
    page.get_by_label("在旧版本走完").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("2 位客户现在退出")).to_be_visible()
    photograph(page, "publish-zh-390")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, "nothing is wider than the page"

    page.get_by_test_id("publish-confirm").click()

    until(lambda: counted(product, journey)["totals"]["exited"] == 2, 20)


def test_resuming_asks_what_became_too_late(visit, product, journey):
    product.call("POST", f"/journeys/{journey}/pause", {})
    with product.database() as connection:
        connection.execute(
            "UPDATE enrollments SET wake_at = now() - interval '3 hours' WHERE journey_id = %s", [journey]
        )
    page = visit(f"/journeys/{journey}")
    page.get_by_test_id("journey-menu").click()
    page.get_by_role("menuitem", name="Resume").click()
    expect(page.get_by_test_id("pause-state")).to_contain_text("2 customers came due")
    photograph(page, "resume-en")
    page.get_by_test_id("late-fresh").click()
    expect(page.get_by_text("0 go on, 2 leave the journey")).to_be_visible()
    photograph(page, "resume-fresh-en")
    page.get_by_role("button", name="Resume").click()

    until(lambda: counted(product, journey)["totals"]["exited"] == 2, 20)


def test_an_older_version_goes_into_the_draft_or_is_published_again(visit, product, journey, event):
    product.call("POST", f"/journeys/{journey}/publish", {"revision": 2})
    page = visit(f"/journeys/{journey}")
    page.get_by_test_id("version").click()
    page.locator(".ant-select-item-option", has_text="Version 1").click()
    photograph(page, "version-en")
    page.get_by_test_id("publish-again").click()
    expect(page.get_by_text("Publish version 1 again, as version 3?")).to_be_visible()
    page.get_by_test_id("publish-confirm").click()
    expect(page.get_by_test_id("publish-confirm")).to_be_hidden()
    assert product.call("GET", f"/journeys/{journey}")["live_version"] == 3

    page.get_by_test_id("restore-version").click()
    expect(page.get_by_test_id("node-wait")).to_be_visible()
    until(lambda: ids(product, journey) == {"start", "wait", "end"}, 20)


def ids(product, journey):
    graph = product.call("GET", f"/journeys/{journey}")["draft"]["graph"]
    return {node["id"] for node in graph["nodes"]}
