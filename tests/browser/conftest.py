"""The whole product and a real Chromium: pages of signed-in operators, in either language, that report no error.

Every page a test opens is watched: an error in the console, an exception, a broken content policy, or a refusal by the
engine fails the test. A refusal that a test is about, it names beforehand: `page.expected.append(address)`.
"""

import os

import pytest
from playwright.sync_api import sync_playwright

from journey_engine.clock import now
from journey_engine.embedded import free_port
from journey_engine.ids import uuid7
from tests.support.browser import FLAGS, chromium_path
from tests.support.product import Product

PATIENCE_MS = 10_000
LOCALES = {"en": "en-GB", "zh": "zh-CN"}


@pytest.fixture(scope="package")
def product(tmp_path_factory):
    """A running installation that these tests share."""
    started = Product(tmp_path_factory.mktemp("browser") / "state", free_port())
    started.until_ready()
    yield started
    started.stop()


@pytest.fixture(scope="package")
def chromium():
    path = os.environ.get("CHROMIUM") or chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, product):
    """Opens a page in a fresh browser profile; `operator=None` is somebody who has not signed in."""
    opened = []

    def open_page(path="/", language="en", size=(1280, 800), operator="operator", dark=False):
        profile = chromium.new_context(
            base_url=product.ready["url"],
            locale=LOCALES[language],
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            timezone_id="Asia/Shanghai",
            permissions=["clipboard-read", "clipboard-write"],
            reduced_motion="reduce",
        )
        profile.set_default_timeout(PATIENCE_MS)
        if operator:
            sign_in(profile, product, operator)
        page = profile.new_page()
        page.set_default_timeout(PATIENCE_MS)
        opened.append((profile, troubles_of(page)))
        page.goto(path)
        return page

    yield open_page
    for profile, _ in opened:
        profile.close()
    assert [trouble for _, troubles in opened for trouble in troubles] == []


def sign_in(profile, product, operator):
    """As the sign-in page does it, without looking at that page each time."""
    given = {"email": f"{operator}@example.com", "password": product.ready["operator_password"]}
    answer = profile.request.post("/api/v1/login", data=given, headers={"Origin": product.ready["url"]})
    assert answer.ok, answer.text()


def troubles_of(page):
    """A list that grows with everything the page reports as wrong."""
    troubles = []
    page.expected = []

    def said(message):
        announced = "Failed to load resource" in message.text and message.location["url"] in page.expected
        if message.type == "error" and not announced:
            troubles.append(f"{page.url}: {message.text} {message.location['url']}")

    page.on("console", said)
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    return troubles


@pytest.fixture
def hire(product):
    """Gives the workspace one more operator with a role, and the password of the first."""

    def add(name, role):
        copy = """
            INSERT INTO operators (id, workspace_id, email, name, role, language, password_hash)
            SELECT %s, workspace_id, %s, %s, %s, '', password_hash FROM operators WHERE email = %s
        """
        with product.database() as connection:
            given = (uuid7(now()), f"{name}@example.com", name.title(), role, product.ready["operator_email"])
            connection.execute(copy, given)
        return name

    return add
