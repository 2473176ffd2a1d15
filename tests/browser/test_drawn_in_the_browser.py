"""From an empty canvas to an SMS: a marketer draws a journey by mouse, and the shop's customers move through it."""

import re
import time

from playwright.sync_api import expect

from tests.browser.drawing import Drawing

ANN = {"external_id": "ann", "email": "ann@example.com", "phone": "+8613800138001"}
BOB = {"external_id": "bob", "email": "bob@example.com", "phone": "+8613800138002"}

SECONDS = 0
SOON_MS = 2_000


def test_a_cart_left_behind_drawn_from_an_empty_canvas_reaches_the_phone_and_the_mailbox(visit, product):
    page = visit("/login", operator=None)
    sign_in_by_hand(page, product)
    name_a_journey(page, "Cart left behind")
    canvas = Drawing(page)
    condition, sms, mail = draw(canvas)
    canvas.publish()

    product.identify("ann", name="Ann")
    product.push("Product Added", ANN, cart_id="c-1", value=260)
    product.push("Product Added", BOB, cart_id="c-2", value=300)
    product.push("Order Completed", BOB, cart_id="c-2")

    sent = wait_for_sms(product)
    expect(canvas.part(f"count-entered-{sms}")).to_have_attribute("data-count", "1", timeout=SOON_MS)
    expect(canvas.part(f"count-entered-{condition}")).to_have_attribute("data-count", "1", timeout=SOON_MS)
    expect(canvas.part(f"count-entered-{mail}")).to_have_attribute("data-count", "1", timeout=5_000)
    assert [one["to"] for one in sent] == ["13800138001"]  # as the provider wants a number of mainland China
    assert "Ann, cart c-1 waits" in sent[0]["text"]
    see_the_phone_and_the_mail(page)
    see_why(page, product, visit)
    see_the_messages(page)


def sign_in_by_hand(page, product):
    page.get_by_label("E-mail").fill(product.ready["operator_email"])
    page.get_by_label("Password", exact=True).fill(product.ready["operator_password"])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def name_a_journey(page, name):
    page.get_by_test_id("rail-journeys").click()
    page.get_by_test_id("new-journey").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/journeys/[0-9a-f-]{36}$"))


def draw(canvas):
    """absence → condition → SMS → wait → e-mail → exit, and an exit for small carts."""
    trigger = canvas.start_with("absence")
    canvas.name_event("event", "Product Added")
    canvas.name_events("not_events", "Order Completed")
    canvas.last("within", 2, SECONDS)
    canvas.name_event("key", "cart_id")
    condition = canvas.add(trigger, "next", "condition")
    canvas.compare("property", "value", "at least", 200)
    sms = canvas.add(condition, "yes", "send_sms")
    canvas.write("template_code", "SMS_1")
    canvas.write("text", "{{ customer.name }}, cart {{ event.cart_id }} waits", "textarea")
    wait = canvas.add(sms, "next", "wait")
    canvas.last("duration", 1, SECONDS)
    mail = canvas.add(wait, "next", "send_email")
    canvas.write("subject", "Still thinking, {{ customer.name }}?", "textarea")
    canvas.write("html", "<h1>Your cart {{ event.cart_id }}</h1>", "textarea")
    canvas.add(mail, "next", "exit")
    canvas.add(condition, "no", "exit")
    canvas.fit()
    canvas.until_saved()
    expect(canvas.card(trigger)).to_contain_text("2 seconds")
    expect(canvas.card(condition)).to_contain_text("200")
    expect(canvas.part("problems")).to_have_count(0)
    return condition, sms, mail


def wait_for_sms(product):
    deadline = time.monotonic() + 15
    while not (sent := [one for one in product.call("GET", "/sandbox/inbox")["sms"] if "waits" in one["text"]]):
        assert time.monotonic() < deadline, "no SMS came"
        time.sleep(0.1)
    return sent


def see_the_phone_and_the_mail(page):
    page.get_by_test_id("rail-sandbox").click()
    expect(page.get_by_test_id("sms-bubble").filter(has_text="Ann, cart c-1 waits")).to_be_visible()
    page.get_by_text(re.compile("^Mails")).click()
    page.get_by_test_id("mail-row").filter(has_text="Still thinking, Ann?").click()
    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Your cart c-1")


def see_why(page, product, visit):
    """The customer's page gives the reason of every node, in the language of whoever looks."""
    page.get_by_test_id("rail-customers").click()
    page.get_by_role("link", name="Ann", exact=True).click()
    history = page.locator(".timeline")
    expect(history).to_contain_text("value of the starting event is 260, at least 200")
    expect(history).to_contain_text("no “Order Completed” followed in time")
    in_chinese = visit(page.url, language="zh").locator(".timeline")
    expect(in_chinese).to_contain_text("起始事件的 value 是 260，不小于 200")
    bob = product.call("GET", "/customers?search=bob%40example.com")["items"][0]["id"]
    expect(visit(f"/customers/{bob}").locator(".timeline")).to_contain_text(
        "“Order Completed” happened in time, so the journey did not start"
    )


def see_the_messages(page):
    page.get_by_test_id("rail-messages").click()
    ours = page.locator("tbody tr").filter(has_text="Cart left behind")
    expect(ours).to_have_count(2)
    ours.first.locator("td").first.click()
    expect(page.locator(".ant-drawer")).to_contain_text("Cart left behind")
