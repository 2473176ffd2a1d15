"""Traffic: what a seed lets shops tell, operators change, customers wish and fate bring, and when."""

from datetime import timedelta

PEOPLE = ("ann", "bob", "cat", "dan", "eve")
DAYS = 9
NAMES = {
    "Order Placed": 6,
    "Cart Updated": 6,
    "Signed Up": 4,
    "Order Cancelled": 2,
    "Customer Left": 1,
    "Customer Updated": 2,
    "Seen": 1,
}
"""What shops tell of, and how often."""


class Traffic:
    """Bursts, so that much happens at the same time; some of it at the very moment at which something comes due."""

    def __init__(self, run):
        self.run, self.choice = run, run.schedule.choice
        self.beginning = run.schedule.clock.now
        self.bursts = sorted(self._burst() for _ in range(self.choice.randint(3, 5)))
        self.bursts += [at + after for at in self.bursts[:2] for after in self._due_after()]
        self.bursts.sort()
        self.sent = []
        self.shops = [[], []]
        for at in self.bursts:
            for _ in range(self.choice.randint(1, 4)):
                self._tell(at)
            self._merge(at)
        self._echoes()
        for script in self.shops:
            script.sort(key=lambda one: one[0])
        self.operator = sorted(self._changes(), key=lambda one: one[0])
        self.customer = sorted(self._wishes(), key=lambda one: one[0])
        self.fate = sorted(self._blows(), key=lambda one: one[0])

    def _burst(self):
        return self.beginning + timedelta(seconds=self.choice.randint(10, DAYS * 86400))

    def _due_after(self):
        """Spans after which waits and clocks of the drawings run out."""
        spans = [timedelta(seconds=20), timedelta(hours=1), timedelta(hours=2), timedelta(days=1), timedelta(days=7)]
        return self.choice.sample(spans, 2)

    def _moment(self, at):
        return at + timedelta(seconds=self.choice.choice((0, 0, 0.001, 0.01, 0.5, 1, 3)))

    def _tell(self, at):
        choice = self.choice
        at = self._moment(at)
        if self.sent and choice.random() < 0.15:
            items = [choice.choice(self.sent)]
        else:
            items = [self._item(at) for _ in range(choice.choice((1, 1, 1, 2, 4)))]
        self.sent += items
        choice.choice(self.shops).append((at, items))
        if choice.random() < 0.1:
            self.shops[0].append((at, items))
            self.shops[1].append((at, items))

    def _merge(self, at):
        """Somebody unknown does something, and shows at once who they are."""
        if self.choice.random() > 0.2:
            return
        at, who = self._moment(at), self.choice.choice(PEOPLE)
        device = {"anonymous_id": f"tablet of {who} {len(self.sent)}"}
        properties = {"value": 90, "order_id": 1, "cart_id": 1}
        name = self.choice.choice(("Cart Updated", "Order Placed", "Signed Up"))
        script = self.choice.choice(self.shops)
        script.append((at, [(f"d{at}", name, device, at, properties)]))
        known = {**device, "external_id": who}
        self.choice.choice(self.shops).append((at + timedelta(milliseconds=3), [(f"k{at}", "Seen", known, at, {})]))

    def _echoes(self):
        """Some events are told at the very moment at which something of their customer comes due."""
        for script in self.shops:
            for _ in range(self.choice.choice((1, 2, 4))):
                at = self._moment(self.choice.choice(self.bursts))
                script.append((at, self.choice.choice(("Order Placed", "Customer Left", "Order Cancelled"))))

    def _item(self, at):
        choice = self.choice
        name = choice.choices(
            (
                "Order Placed",
                "Cart Updated",
                "Signed Up",
                "Order Cancelled",
                "Customer Left",
                "Customer Updated",
                "Seen",
            ),
            (6, 6, 4, 2, 1, 2, 1),
        )[0]
        who = choice.choice(PEOPLE)
        identities = {"external_id": who, "email": f"{who}@mail.example", "phone": f"+861380013800{PEOPLE.index(who)}"}
        roll = choice.random()
        if roll < 0.3:
            identities = {"external_id": who}
        elif roll < 0.4:
            identities = {"anonymous_id": f"phone of {who}"}
        elif roll < 0.5:
            identities = {"external_id": who, "anonymous_id": f"phone of {choice.choice((who, choice.choice(PEOPLE)))}"}
        properties = {
            "value": choice.choice((10, 90)),
            "order_id": choice.randint(1, 3),
            "cart_id": choice.randint(1, 2),
        }
        if name == "Customer Updated":
            properties = choice.choice(({"tier": "gold"}, {"tier": "tin"}, {"tier": None}, {"poison": 1}))
        late = choice.choice((0, 0, 0, 0, 1, 600, 100_000))
        message_id = f"m{len(self.sent)}-{choice.randrange(1 << 30)}" if choice.random() < 0.93 else None
        return message_id, name, identities, at - timedelta(seconds=late), properties

    def _changes(self):
        choice, journeys = self.choice, list(self.run.drawn)
        for _ in range(choice.choice((0, 1, 2, 3, 4))):
            at, journey = self._moment(choice.choice(self.bursts)), choice.choice(journeys)
            what = choice.choice(("publish", "publish", "pause", "pause", "stop"))
            yield at, what, journey, choice.choice((None, "wake", "message"))
            back = at + timedelta(seconds=choice.choice((0.5, 30, 7200, 100_000)))
            if what == "pause":
                yield back, "resume", journey, None
            elif what == "stop":
                yield back, "publish", journey, None

    def _wishes(self):
        choice = self.choice
        for _ in range(choice.choice((0, 2, 4))):
            what = choice.choice(("unsubscribe", "unsubscribe", "erase"))
            at = self._moment(choice.choice(self.bursts))
            told = [(at, items) for script in self.shops for at, items in script if "external_id" in _identities(items)]
            if what == "erase" and told:  # while something is told of them
                at, items = choice.choice(told)
                after = timedelta(milliseconds=choice.choice((0, 0, 2, 5)))
                yield at + after, what, _identities(items)["external_id"], "sms", None
                continue
            when = choice.choice((None, "wake", "message", "message", "marketing", "marketing"))
            yield at, what, choice.choice(PEOPLE), choice.choice(("sms", "email")), when

    def _blows(self):
        choice = self.choice
        for _ in range(choice.choice((0, 1, 3))):
            at = self._moment(choice.choice(self.bursts)) + timedelta(seconds=choice.random())
            yield at, choice.choice(("kill", "kill", "freeze", "restart", "clock"))


def _identities(items):
    """Whom the first of these events is about; echoes are only known when they are told."""
    return {} if isinstance(items, str) else items[0][2]
