"""A marketer's hand on the canvas: what mouse and keyboard can do, by the names the editor gives its parts."""

from playwright.sync_api import expect


class Drawing:
    """The canvas of one open journey."""

    def __init__(self, page):
        self.page = page

    def part(self, name):
        return self.page.get_by_test_id(name)

    def card(self, node):
        return self.part(f"node-{node}")

    def ids(self, kind=None):
        """The nodes on the canvas, of one kind or all."""
        kind = f"[data-kind={kind}]" if kind else ""
        cards = self.page.locator(f".node-card{kind}")
        return [name.removeprefix("node-") for name in cards.evaluate_all("all => all.map(e => e.dataset.testid)")]

    def edges(self):
        return self.page.locator(".react-flow__edge").count()

    def chosen(self):
        """The one node that is selected."""
        card = self.page.locator(".react-flow__node.selected .node-card")
        expect(card).to_have_count(1)
        return card.get_attribute("data-testid").removeprefix("node-")

    def leave(self):
        """Close whatever is open, and let go of every node."""
        self.page.keyboard.press("Escape")
        if self.page.locator(":focus").evaluate_all("all => all.some(e => e.matches('input, textarea'))"):
            self.page.keyboard.press("Escape")
        self.page.locator(".react-flow__pane").click(position={"x": 12, "y": 200})

    def fit(self):
        """Everything in view, nothing selected: every "+" can be reached."""
        self.leave()
        self.page.keyboard.press("1")
        self.page.wait_for_timeout(200)

    def start_with(self, kind):
        self.part(f"start-{kind}").click()
        return self.chosen()

    def add(self, after, exit, kind):
        """The "+" at an exit, then a kind from its menu; the new node."""
        self.fit()
        self.part(f"plus-{after}-{exit}").click()
        self.part(f"add-{kind}").click()
        expect(self.part("panel")).to_be_visible()
        return self.chosen()

    def choose(self, node):
        self.card(node).locator("header").click()
        assert self.chosen() == node

    def setting(self, name, control="input"):
        return self.part(f"setting-{name}").locator(control)

    def write(self, name, text, control="input"):
        self.setting(name, control).fill(text)

    def name_event(self, name, event):
        """A field that offers the names it has seen: type, and refuse the offer."""
        self.write(name, event)
        self.page.keyboard.press("Escape")

    def name_events(self, name, event):
        self.setting(name).click()
        self.page.keyboard.type(event)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Escape")

    def last(self, name, amount, unit):
        """A duration: so many of the unit that stands at this place of the list."""
        self.setting(name, ".ant-input-number input").fill(str(amount))
        self.setting(name, ".ant-select").click()
        self.option(unit).click()

    def compare(self, sort, name, operator, number):
        """One row of a rule: the sort ("property", "attribute"), what is read, the operator's words, a number."""
        self.part("rule-add").click()
        self.part(f"rule-add-{sort}").click()
        self.page.locator(".comparison input").first.fill(name)
        self.page.keyboard.press("Escape")
        self.page.locator(".comparison-op").click()
        self.page.locator(".ant-select-item-option:visible", has_text=operator).click()
        self.page.locator(".comparison .ant-input-number input").fill(str(number))

    def option(self, at):
        return self.page.locator(".ant-select-dropdown:visible .ant-select-item-option").nth(at)

    def until_saved(self):
        expect(self.part("save-state")).to_have_attribute("data-state", "saved")

    def publish(self):
        self.part("publish").click()
        self.part("publish-confirm").click()
        expect(self.part("journey-status")).to_have_attribute("data-status", "live")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)


def edge(before, exit, after):
    return {"from": before, "exit": exit, "to": after}


def small_journey():
    """Event → wait → SMS → exit, the journey that most gestures are tried on."""
    settings = {
        "t": ("event", {"event": "Order Completed"}),
        "w": ("wait", {"duration": {"amount": 1, "unit": "hours"}}),
        "s": ("send_sms", {"template_code": "SMS_1", "text": "Thank you"}),
        "x": ("exit", {}),
    }
    nodes = [
        {"id": id, "kind": kind, "settings": given, "position": {"x": 0, "y": 176 * row}}
        for row, (id, (kind, given)) in enumerate(settings.items())
    ]
    return {"nodes": nodes, "edges": [edge("t", "next", "w"), edge("w", "next", "s"), edge("s", "next", "x")]}
