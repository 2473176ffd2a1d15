"""Every page, in both languages, on a desk and in a hand: no error, no raw word, nothing cut off or out of sight."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.drawing import small_journey
from tests.support.processes import until

CHINESE = re.compile(r"[\u4e00-\u9fff]")
OWN_NAME_OF_A_LANGUAGE = "简体中文"
SAID_IN_CHINESE_EVERYWHERE = re.compile(f"{OWN_NAME_OF_A_LANGUAGE}|示例商店")  # the sandbox signs its SMS as this shop
RAW_KEY = re.compile(r"^[a-z]+[A-Za-z]*(\.[a-z][A-Za-z]*)+$")

SHOWN_TEXTS = """() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = []
    while (walk.nextNode()) {
        const text = walk.currentNode.textContent.trim(), holder = walk.currentNode.parentElement
        if (text && holder.checkVisibility() && !holder.closest("script, style")) found.push(text)
    }
    return found
}"""

CUT_OFF = """() => [...document.querySelectorAll("button, .ant-btn, .tag, .pill, label, th, h1, h2")]
    .filter(e => e.checkVisibility() && e.clientWidth > 2 && e.scrollWidth > e.clientWidth + 1
        && !e.querySelector("input") && getComputedStyle(e).textOverflow !== "ellipsis")
    .map(e => e.textContent.trim().slice(0, 60))"""

WIDER_THAN_THE_SCREEN = "() => document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="package")
def addresses(product):
    """Every page there is, with something on it: a customer who went through a journey."""
    graph = small_journey()
    graph["nodes"][1]["settings"]["duration"] = {"amount": 1, "unit": "seconds"}
    journey = product.call("POST", "/journeys", {"name": "Thanks", "graph": graph})["id"]
    product.call("POST", f"/journeys/{journey}/publish", {"revision": 1})
    customer = {"external_id": "dan", "email": "dan@example.com", "phone": "+8613800138009"}
    event = product.push("Order Completed", customer, value=88)["id"]
    messages = f"/messages?journey_id={journey}&status=sent"
    until(lambda: product.call("GET", messages)["items"], 20)
    message = product.call("GET", messages)["items"][0]
    dan = product.call("GET", f"/events/{event}")["customer_id"]
    product.call("POST", "/coupon-pools", {"name": "Gift"})
    product.call("POST", "/segments", {"name": "Buyers", "rule": {"event": "Order Completed", "did": True}})
    lists = ["", "journeys", "customers", "segments", "messages", "approvals", "coupons", "events", "settings"]
    places = [*lists, "segments/new", "sandbox", "sandbox?tray=mails", "nowhere"]
    opened = [f"journeys/{journey}", f"customers/{dan}?journey={journey}", f"messages/{message['id']}"]
    return [f"/{place}" for place in places + opened]


@pytest.mark.parametrize("size", [(1280, 800), (390, 800)], ids=["desk", "hand"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_speaks_the_language_and_fits(visit, addresses, language, size):
    page = visit("/", language, size)
    faults = [fault for address in addresses for fault in faults_of(page, address, language)]
    assert faults == []


def faults_of(page, address, language):
    """What is wrong with the page at this address, in words."""
    page.goto(address)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_count(1)
    expect(page.locator(".ant-skeleton")).to_have_count(0)
    texts = page.evaluate(SHOWN_TEXTS)
    named = page.title().removesuffix("Journey Engine")
    foreign = [one for one in texts if CHINESE.search(one) and not SAID_IN_CHINESE_EVERYWHERE.search(one)]
    yield from (f"{address}: raw key {one}" for one in texts if RAW_KEY.match(one))
    yield from (f"{address}: cut off {one}" for one in page.evaluate(CUT_OFF))
    if (wider := page.evaluate(WIDER_THAN_THE_SCREEN)) > 0:
        yield f"{address}: {wider} px wider than the screen"
    if language == "en":
        yield from (f"{address}: {one}" for one in foreign)
    elif address.count("/") == 1 and not CHINESE.search(named):
        yield f"{address}: the tab is called {page.title()}"
    if language == "zh" and not any(CHINESE.search(one) for one in texts):
        yield f"{address}: nothing is Chinese"


def test_the_login_page_is_shown_to_strangers_in_their_language_and_refuses_a_wrong_password(visit, product):
    page = visit("/customers", language="zh", operator=None)

    expect(page).to_have_url(f"{product.ready['url']}/login")
    page.get_by_label("邮箱").fill("operator@example.com")
    page.get_by_label("密码", exact=True).fill("guess")
    page.expected.append(f"{product.ready['url']}/api/v1/login")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert").filter(has_text=CHINESE)).to_be_visible()


def test_a_language_that_was_chosen_stays_chosen_on_another_machine(visit, hire):
    zoe = hire("zoe", "marketer")
    page = visit("/", operator=zoe)

    page.get_by_test_id("operator-menu").click()
    page.get_by_role("menuitem", name=OWN_NAME_OF_A_LANGUAGE).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("首页")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(visit("/", operator=zoe).get_by_role("heading", level=1)).to_have_text("首页")


def test_signing_out_leaves_nothing_to_look_at(visit, hire, product):
    page = visit("/customers", operator=hire("yan", "marketer"))

    page.get_by_test_id("operator-menu").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(f"{product.ready['url']}/login")
    page.goto("/customers")

    expect(page).to_have_url(f"{product.ready['url']}/login")
