"""What a marketer does beside drawing: segments, coupon pools, approvals, letting somebody in, asking why, results."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.drawing import Drawing, edge
from tests.support.processes import until


def journey_of(product, name, *nodes, settings=None):
    """A live journey: one node after the other, by the way on that each has."""
    ways = {"approval": "released"}
    drawn = [
        {"id": f"n{row}", "kind": kind, "settings": given, "position": {"x": 0, "y": 176 * row}}
        for row, (kind, given) in enumerate([*nodes, ("exit", {})])
    ]
    edges = [edge(before["id"], ways.get(before["kind"], "next"), after["id"]) for before, after in pairwise(drawn)]
    edges += [edge(node["id"], "refused", drawn[-1]["id"]) for node in drawn if node["kind"] == "approval"]
    graph = {"settings": settings or {}, "nodes": drawn, "edges": edges}
    journey = product.call("POST", "/journeys", {"name": name, "graph": graph})["id"]
    product.call("POST", f"/journeys/{journey}/publish", {"revision": 1})
    return journey


def customer_of(product, journey):
    """The one customer who is in the journey, once they are."""
    path = f"/journeys/{journey}/enrollments"
    until(lambda: product.call("GET", path)["items"], 20)
    return product.call("GET", path)["items"][0]["customer"]["id"]


def exits_of(product, journey, node):
    return product.call("GET", f"/journeys/{journey}/counts")["nodes"][node]["exits"]


def choose(page, label, option):
    """An option of a list, by its words."""
    page.get_by_label(label, exact=True).click()
    page.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text=option).first.click()


def test_codes_are_pasted_into_a_new_pool_and_the_same_ones_again_change_nothing(visit):
    page = visit("/coupons")
    page.get_by_test_id("new-pool").first.click()
    page.get_by_label("Name").fill("Winter")
    page.get_by_role("button", name="Create pool").click()

    page.get_by_label("Codes, one a line").fill("code,expires_at\nW-1\nW-2,2099-12-31\n\nW-1\n" + "x" * 101)
    page.get_by_test_id("add-codes").click()

    result = page.get_by_test_id("codes-added")
    expect(result).to_contain_text("2 codes added")
    expect(result).to_contain_text("1 was there already")
    expect(result).to_contain_text("1 line was refused")
    expect(page.locator(".ant-drawer .pool-left")).to_contain_text("2 of 2")
    page.get_by_test_id("codes-file").set_input_files(
        {"name": "codes.csv", "mimeType": "text/csv", "buffer": b"W-2\nW-3\n"}
    )
    expect(result).to_contain_text("1 code added")
    expect(page.get_by_role("row", name="Winter")).to_contain_text("3 of 3")


def test_whoever_waits_for_approval_goes_on_when_released_and_takes_the_other_exit_when_refused(visit, product):
    waits = ("approval", {"question": "May they have the gift?", "details": "They asked for {{ event.gift }}"})
    journey = journey_of(product, "Gifts", ("event", {"event": "Gift Wanted"}), waits)
    for name, gift in (("ann", "tea"), ("bob", "coffee")):
        product.push("Gift Wanted", {"external_id": name}, gift=gift)
    page = visit("/approvals")
    ann = page.get_by_test_id("approval").filter(has_text="asked for tea")
    bob = page.get_by_test_id("approval").filter(has_text="asked for coffee")

    ann.get_by_label("A note for the history").fill("a good customer")
    ann.get_by_test_id("release").click()
    bob.get_by_test_id("refuse").click()

    expect(page.get_by_role("heading", name="Nothing waits for approval")).to_be_visible()
    until(lambda: exits_of(product, journey, "n1") == {"released": 1, "refused": 1}, 20)


def test_a_viewer_sees_what_waits_and_cannot_decide(visit, product, hire):
    journey = journey_of(
        product, "Looks", ("event", {"event": "Look Wanted"}), ("approval", {"question": "May they look?"})
    )
    product.push("Look Wanted", {"external_id": "cat"})
    customer_of(product, journey)

    page = visit("/approvals", operator=hire("vic", "viewer"))

    expect(page.get_by_test_id("approval").filter(has_text="May they look?")).to_be_visible()
    expect(page.get_by_test_id("release")).to_have_count(0)


def test_a_customer_enters_by_hand_and_the_page_says_why_they_wait(visit, product):
    told = {"payload": [{"name": "gift", "type": "text", "required": True}]}
    journey = journey_of(product, "By hand", ("api", told), ("wait", {"duration": {"amount": 3, "unit": "days"}}))
    event = product.push("Product Viewed", {"external_id": "dan", "email": "dan@example.com"})["id"]
    until(lambda: product.call("GET", f"/events/{event}")["customer_id"], 20)
    page = visit(f"/customers/{product.call('GET', f'/events/{event}')['customer_id']}")

    page.get_by_test_id("enter-journey").click()
    dialog = page.get_by_role("dialog")
    dialog.locator(".ant-select").click()
    page.locator(".ant-select-item-option", has_text="By hand").click()
    dialog.get_by_label("gift").fill("tea")
    dialog.get_by_role("button", name="Enter").click()
    expect(dialog).to_have_count(0)
    customer_of(product, journey)

    page.goto(f"{page.url}?journey={journey}&node=n1")
    answer = page.get_by_test_id("why-answer")
    expect(answer).to_have_attribute("data-answer", "waiting")
    expect(page.locator(".why-steps li").first).to_be_visible()


def test_the_results_of_a_journey_show_conversions_and_revenue(visit, product):
    goal = {
        "id": "bought",
        "name": "Bought again",
        "event": "Order Completed",
        "value": "total",
        "currency": "currency",
    }
    waits = ("wait", {"duration": {"amount": 1, "unit": "days"}})
    journey = journey_of(product, "Come back", ("event", {"event": "Cart Left"}), waits, settings={"goals": [goal]})
    product.push("Cart Left", {"external_id": "eve"})
    customer_of(product, journey)
    product.push("Order Completed", {"external_id": "eve"}, total="88.50", currency="CNY")
    until(lambda: product.call("GET", f"/journeys/{journey}/goals")["items"][0]["conversions"] == 1, 20)
    page = visit(f"/journeys/{journey}", language="zh")

    page.get_by_test_id("journey-results").click()

    result = page.get_by_test_id("goal")
    expect(result).to_contain_text("Bought again")
    expect(result).to_contain_text("100%")
    expect(result).to_contain_text("¥88.50")


@pytest.fixture
def condition(visit, product):
    """A draft with one condition, chosen on the canvas; its journey and the drawing."""
    nodes = [
        {"id": "t", "kind": "event", "settings": {"event": "Order Completed"}, "position": {"x": 0, "y": 0}},
        {"id": "c", "kind": "condition", "settings": {}, "position": {"x": 0, "y": 176}},
    ]
    graph = {"settings": {}, "nodes": nodes, "edges": [edge("t", "next", "c")]}
    journey = product.call("POST", "/journeys", {"name": "Rules", "graph": graph})["id"]
    drawing = Drawing(visit(f"/journeys/{journey}"))
    drawing.choose("c")
    return journey, drawing


def rule_of(product, journey):
    graph = product.call("GET", f"/journeys/{journey}")["draft"]["graph"]
    return next(node for node in graph["nodes"] if node["id"] == "c")["settings"]["rule"]


def test_a_rule_is_drawn_with_counts_windows_groups_and_not(condition, product):
    journey, drawing = condition
    page = drawing.page

    def add(sort, at=-1):
        page.get_by_test_id("rule-add").nth(at).click()
        page.get_by_test_id(f"rule-add-{sort}").last.click()
        return page.locator(".rule-row").last

    bought = add("event")
    choose(page, "What counts", "number of times")
    bought.get_by_label("Event name").fill("Order Completed")
    page.keyboard.press("Escape")
    bought.locator(".ant-input-number input").fill("3")
    choose(page, "In which time", "within the last")
    add("group")
    add("tag", at=0)
    page.locator(".rule-row").last.get_by_label("Tag").fill("vip")
    page.keyboard.press("Escape")
    page.locator(".rule-row .rule-row").get_by_label("Attribute").fill("tier")
    page.keyboard.press("Escape")
    page.locator(".rule-row .rule-row .comparison-value input").first.fill("gold")
    page.locator(".rule-row .rule-row .rule-not input").first.check()
    drawing.until_saved()

    count = {"event": "Order Completed", "measure": "count", "op": ">=", "value": 3}
    window = {"last": {"amount": 30, "unit": "days"}}
    group = {"any": [{"not": {"attribute": "tier", "op": "is", "value": "gold"}}, {"tag": "vip"}]}
    until(lambda: rule_of(product, journey) == {"all": [count | window, group]}, 10)
    expect(page.locator(".panel-sentence")).to_contain_text("the number of Order Completed is at least 3")


def test_an_unfinished_condition_says_what_it_lacks(condition):
    _, drawing = condition
    page = drawing.page
    page.get_by_test_id("rule-add").click()
    page.get_by_test_id("rule-add-attribute").click()

    expect(page.locator(".rule-missing")).to_have_text("Say what is read.")
    page.locator(".rule-row").get_by_label("Attribute").fill("tier")
    page.keyboard.press("Escape")
    expect(page.locator(".rule-missing")).to_have_text("Give the value to compare with.")


def test_a_segment_is_counted_while_it_is_drawn_saved_and_refused_to_be_deleted_while_it_is_used(visit, product):
    for name in ("fay", "gus"):
        product.push("Tea Bought", {"external_id": name, "email": f"{name}@example.com"})
    until(lambda: any(one["name"] == "Tea Bought" for one in product.call("GET", "/event-names")["items"]), 20)
    page = visit("/segments/new")

    page.get_by_label("Name", exact=True).fill("Tea drinkers")
    page.get_by_test_id("rule-add").click()
    page.get_by_test_id("rule-add-event").click()
    page.get_by_label("Event name").fill("Tea Bought")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("segment-sentence")).to_have_text("did Tea Bought")
    expect(page.get_by_test_id("segment-count")).to_have_text("2 customers")
    page.get_by_test_id("save-segment").click()

    expect(page.get_by_test_id("segment-state")).to_have_attribute("data-state", "live", timeout=20_000)
    expect(page.locator(".segment-members")).to_contain_text("fay@example.com")
    segment = page.url.rpartition("/")[2]
    rule = {"rule": {"segment": segment}}
    nodes = [
        {"id": "t", "kind": "event", "settings": {"event": "Tea Bought"}, "position": {"x": 0, "y": 0}},
        {"id": "c", "kind": "condition", "settings": rule, "position": {"x": 0, "y": 176}},
    ]
    graph = {"settings": {}, "nodes": nodes, "edges": [edge("t", "next", "c")]}
    journey = product.call("POST", "/journeys", {"name": "For tea drinkers", "graph": graph})["id"]
    page.expected.append(f"{product.ready['url']}/api/v1/segments/{segment}")
    page.reload()
    page.get_by_test_id("delete-segment").click()
    expect(page.get_by_role("dialog")).to_contain_text("For tea drinkers")
    page.goto(f"/journeys/{journey}")
    expect(page.get_by_test_id("node-c")).to_contain_text("is in the segment Tea drinkers")
