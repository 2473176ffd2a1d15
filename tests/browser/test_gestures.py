"""What a marketer's hands do on the canvas by mouse and keyboard: insert, delete, drag, undo, copy, mend mistakes."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.drawing import Drawing, small_journey


@pytest.fixture
def journey(product):
    """A draft of its own for each test; its id."""
    return product.call("POST", "/journeys", {"name": "Thank you", "graph": small_journey()})["id"]


@pytest.fixture
def canvas(visit, journey):
    page = visit(f"/journeys/{journey}")
    drawing = Drawing(page)
    expect(drawing.card("x")).to_be_visible()
    return drawing


def draft(product, journey):
    return product.call("GET", f"/journeys/{journey}")["draft"]


def wires(product, journey):
    return {(one["from"], one["exit"], one["to"]) for one in draft(product, journey)["graph"]["edges"]}


def test_a_node_inserted_on_an_edge_joins_both_sides_and_deleting_it_heals_the_edge(canvas, product, journey):
    added = canvas.add("w", "next", "random_split")
    canvas.until_saved()
    assert ("w", "next", added) in wires(product, journey)

    canvas.fit()
    canvas.choose("s")
    canvas.press("Delete")
    canvas.until_saved()

    assert canvas.ids("send_sms") == []
    assert {to for _, _, to in wires(product, journey)} >= {"w", added, "x"}


def test_every_change_is_undone_and_done_again(canvas, product, journey):
    before = draft(product, journey)["graph"]
    at = "t"
    for kind in ("wait", "update_customer", "send_webhook", "wait", "condition"):
        at = canvas.add(at, "next", kind)
    drawn = canvas.ids()

    canvas.leave()
    for _ in range(5):
        canvas.part("undo").click()
    expect(canvas.part("undo")).to_be_disabled()
    canvas.until_saved()
    assert draft(product, journey)["graph"]["edges"] == before["edges"]

    canvas.press(*["Control+y"] * 5)
    expect(canvas.part("redo")).to_be_disabled()
    assert sorted(canvas.ids()) == sorted(drawn)


def test_a_kind_dragged_from_the_palette_onto_an_edge_is_spliced_in(canvas, product, journey):
    canvas.fit()
    mouse = canvas.page.mouse
    canvas.part("palette-update_customer").scroll_into_view_if_needed()
    source, target = canvas.part("palette-update_customer").bounding_box(), canvas.part("plus-w-next").bounding_box()
    mouse.move(source["x"] + 40, source["y"] + 12)
    mouse.down()
    mouse.move(source["x"] + 90, source["y"] + 40, steps=4)
    mouse.move(target["x"] + 25, target["y"] + 10, steps=12)
    mouse.up()

    added = canvas.chosen()
    canvas.until_saved()
    assert {("w", "next", added), (added, "next", "s")} <= wires(product, journey)


def test_the_keyboard_walks_adds_disables_duplicates_copies_and_deletes(canvas):
    canvas.choose("t")
    canvas.press("ArrowDown")
    assert canvas.chosen() == "w"

    canvas.press("Tab")
    canvas.page.keyboard.type("web")
    canvas.press("Enter")
    added = canvas.chosen()
    assert canvas.ids("send_webhook") == [added]

    canvas.choose(added)
    canvas.press("d")
    expect(canvas.card(added)).to_have_attribute("data-disabled", "true")
    canvas.press("Control+d")
    expect(canvas.page.locator(".node-card")).to_have_count(6)
    canvas.press("Control+z", "Control+z")
    expect(canvas.page.locator(".node-card[data-disabled]")).to_have_count(0)

    canvas.choose("w")
    canvas.press("Control+c", "Control+v")
    expect(canvas.page.locator(".node-card[data-kind=wait]")).to_have_count(2)
    canvas.press("Delete")
    expect(canvas.page.locator(".node-card[data-kind=wait]")).to_have_count(1)


def test_a_card_moved_by_mouse_stays_there_and_comes_back_with_undo(canvas, product, journey):
    canvas.fit()
    box, mouse = canvas.card("x").bounding_box(), canvas.page.mouse
    mouse.move(box["x"] + 40, box["y"] + 20)
    mouse.down()
    mouse.move(box["x"] + 140, box["y"] + 60, steps=6)
    mouse.up()
    canvas.until_saved()
    moved = next(node for node in draft(product, journey)["graph"]["nodes"] if node["id"] == "x")["position"]
    assert moved["x"] > 60

    canvas.press("Control+z")
    expect(canvas.part("undo")).to_be_disabled()
    canvas.until_saved()
    assert draft(product, journey)["graph"]["nodes"][3]["position"] == {"x": 0, "y": 528}


def test_a_mistake_is_marked_leads_to_its_node_and_keeps_the_journey_from_being_published(canvas):
    added = canvas.add("w", "next", "send_email")
    canvas.leave()
    expect(canvas.part(f"problem-{added}")).to_be_visible()

    canvas.part("publish").click()
    expect(canvas.part("publish-confirm")).to_be_disabled()
    canvas.page.locator(".ant-modal .problem-list button").first.click()
    assert canvas.chosen() == added

    canvas.write("subject", "Hello", "textarea")
    canvas.write("html", "<p>Hello</p>", "textarea")
    expect(canvas.part("problems")).to_have_count(0)
    canvas.leave()
    canvas.publish()


def test_the_bar_pauses_resumes_and_stops_a_live_journey(canvas):
    canvas.publish()

    for choice, status in (("Pause", "paused"), ("Resume", "live"), ("Stop", "stopped")):
        canvas.part("journey-menu").click()
        canvas.page.get_by_role("menuitem", name=choice).click()
        canvas.page.get_by_role("dialog").get_by_role("button", name=choice, exact=True).click()
        expect(canvas.part("journey-status")).to_have_attribute("data-status", status)
        expect(canvas.page.get_by_role("dialog")).to_have_count(0)


def test_a_published_version_can_be_looked_at_and_not_changed(canvas):
    canvas.publish()
    canvas.add("w", "next", "send_webhook")
    canvas.leave()

    canvas.part("version").click()
    canvas.option(1).click()

    expect(canvas.page.locator(".node-card")).to_have_count(4)
    expect(canvas.page.locator(".version-notice")).to_contain_text("Version 1")
    expect(canvas.page.locator(".plus")).to_have_count(0)
    expect(canvas.part("publish")).to_be_disabled()
    canvas.choose("w")
    expect(canvas.setting("duration", "input").first).to_be_disabled()
    canvas.press("Delete")
    expect(canvas.page.locator(".node-card")).to_have_count(4)


@pytest.mark.parametrize(("choice", "name"), [("keep-mine", "Mine"), ("take-theirs", "Theirs")])
def test_a_draft_that_a_colleague_saved_meanwhile_asks_whose_to_keep(canvas, product, journey, choice, name):
    seen = draft(product, journey)
    theirs = {"revision": seen["revision"], "name": "Theirs", "graph": seen["graph"]}
    product.call("PUT", f"/journeys/{journey}/draft", theirs)

    canvas.page.expected.append(f"{product.ready['url']}/api/v1/journeys/{journey}/draft")
    canvas.part("journey-name").fill("Mine")
    canvas.press("Enter")
    canvas.part(choice).click()

    canvas.until_saved()
    expect(canvas.part("journey-name")).to_have_value(name)
    assert product.call("GET", f"/journeys/{journey}")["name"] == name


def test_what_was_changed_a_moment_before_leaving_is_there_when_the_page_is_opened_again(canvas, product, journey):
    canvas.choose("w")
    canvas.last("duration", 7, 0)
    canvas.page.get_by_test_id("rail-journeys").click()
    expect(canvas.page).to_have_url(re.compile("/journeys$"))

    canvas.page.go_back()

    expect(canvas.card("w")).to_contain_text("7 seconds")
    canvas.until_saved()


def test_a_viewer_is_offered_no_change(visit, hire, journey):
    page = visit(f"/journeys/{journey}", operator=hire("vera", "viewer"))
    canvas = Drawing(page)

    expect(canvas.part("look-notice")).to_be_visible()
    for offer in ("publish", "undo", "palette-wait", "plus-w-next"):
        expect(canvas.part(offer)).to_have_count(0)
    canvas.choose("w")
    expect(canvas.setting("duration", "input").first).to_be_disabled()
    canvas.press("Delete", "d", "Control+d", "t")
    expect(page.locator(".node-card")).to_have_count(4)
    expect(canvas.part("save-state")).to_have_attribute("data-state", "saved")

    page.get_by_test_id("rail-journeys").click()
    expect(page.get_by_role("link", name="Thank you").first).to_be_visible()
    expect(page.get_by_test_id("new-journey")).to_have_count(0)
