"""Drawn customers and drawn rules, from few names and values, so that rules mostly have something to read.

A `Drawing` makes them from one seed: hundreds of customers and rules of an example cost Hypothesis one number.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

NOW = datetime(2025, 3, 30, 0, 30, tzinfo=UTC)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
NIGHTS = ("2025-03-30T02:30", "2025-10-26T02:30:00", "2025-11-02 01:30", "2025-04-06T01:45", "2025-03-09T02:15")
"""Local times that come twice or not at all in some of the zones."""

JOURNEYS = (UUID(int=1), UUID(int=2))
SEGMENTS = (UUID(int=11), UUID(int=12))
NODES = ("n1", "n2", "n3")
CHANNELS = ("sms", "email")
TOPICS = ("marketing", "news")
EVENTS = ("Order Completed", "Product Viewed")
SAID = ("delivered", "opened", "clicked", "replied")

TEXTS = ("", "a", "ab", "b%", "a_b", "A", "\\", "*", "上海", "x\ny", "😀b", "10", "10.0", " 5 ", "1e3", "-0", "true")
NUMBERS = (0, -0.0, 1, 5, 10, 10.0, 0.1, 0.2, 0.3, 0.6, 1e3, -2.5, 2**53 + 1, 9007199254740992.0, 1e300, 200)
SPELLED = ("0.10", "0.1", "10", " 10.0 ", "1e3", "abc", "0.3", "9007199254740993", "1_0", "nan", "+5", "5.", ".5")
ODD_DATES = ("2025-02-30", "2025-13-01", "2025-1-1", "1990-02-29", "0999-01-01", "2025-03-30T25:00", "9999-01-01")
PATTERNS = ("a*", "?b", "*", "a?b", "*%", "x?y", "a_*")


class Drawing:
    def __init__(self, seed: int):
        self.random = Random(seed)
        self.one = self.random.choice

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def some(self, most, make):
        return [make() for _ in range(self.random.randint(0, most))]

    # values

    def date(self):
        day = NOW + timedelta(days=self.random.choice((self.random.randint(-3, 4), self.random.randint(-400, 400))))
        birthday = f"{self.random.randint(1950, 2010)}-{self.one((2, 3, 4, 12)):02}-{self.random.randint(1, 29):02}"
        instant = (NOW + timedelta(minutes=self.random.randint(-9000, 9000))).strftime("%Y-%m-%dT%H:%M:%S")
        whole = (NOW + timedelta(hours=self.random.randint(-9, 9))).strftime("%Y-%m-%dT%H:%M")
        offset = self.one(("", "Z", "+08:00", "-0530", "+14:00"))
        return self.one((f"{day:%Y-%m-%d}", birthday, instant + offset, whole + offset, self.one(NIGHTS), "1988-02-29"))

    def amount(self):
        return self.one((self.one(NUMBERS), self.one(SPELLED), self.random.randint(-3, 12)))

    def plain(self):
        return self.one((self.one(TEXTS), self.amount(), self.maybe(0.5), self.date(), self.one(ODD_DATES)))

    def value(self):
        listed = [self.plain() for _ in range(self.random.randint(0, 3))]
        inside = {name: self.plain() for name in ("b", "c", "b.c") if self.maybe(0.5)}
        deeper = {"b": {"c": self.plain()}}
        return self.one((self.plain(), self.plain(), None, listed, inside, deeper))

    def attributes(self):
        usual = {"a": self.amount, "b": lambda: self.one(TEXTS), "d": self.date, "a.b": self.plain}
        usual["tags"] = lambda: [self.one(TEXTS) for _ in range(3)]
        return {name: (make if self.maybe(0.7) else self.value)() for name, make in usual.items() if self.maybe(0.6)}

    def instant(self):
        """Often so that it lies exactly on the edge of a window."""
        minutes = self.random.randint(-40 * 24 * 60, 24 * 60)
        return NOW + self.one(
            (
                timedelta(days=self.random.randint(-31, 1)),
                timedelta(hours=self.random.randint(-30, 24)),
                timedelta(minutes=minutes),
            )
        )

    # customers

    def customer(self):
        return {
            "attributes": self.attributes(),
            "events": self.some(5, self.event),
            "consents": {(self.one(CHANNELS), self.one(TOPICS)): self.one(("granted", "withdrawn")) for _ in "ab"},
            "messages": self.some(2, self.message),
            "entries": self.some(2, self.entry),
            "segments": {one for one in SEGMENTS if self.maybe(0.4)},
        }

    def event(self):
        return {"name": self.one(EVENTS), "at": self.instant(), "properties": self.attributes()}

    def message(self):
        place = {"journey": self.one(JOURNEYS), "node": self.one(NODES), "channel": self.one(CHANNELS)}
        said = self.some(3, lambda: (self.one((*SAID, "failed")), self.instant()))
        return {**place, "sent_at": self.one((self.instant(), self.instant(), None)), "receipts": said}

    def entry(self):
        paths = self.some(2, lambda: [self.one(NODES) for _ in "ab"])
        return {"journey": self.one(JOURNEYS), "entered": self.maybe(0.8), "ended": self.maybe(0.5), "paths": paths}

    # rules

    def rule(self, depth=0):
        if depth < 2 and self.maybe(0.35):
            inner = [self.rule(depth + 1) for _ in range(self.random.randint(1, 3))]
            return self.one(({"all": inner}, {"any": inner}, {"not": inner[0]}))
        leaves = (self.attribute, self.attribute, self.measured, self.measured, self.messaged, self.standing)
        return self.one(leaves)()

    def attribute(self):
        name, compared = self.named()
        if name == "d" and self.maybe(0.5):
            compared = self.counting()
        return {"attribute": name, **compared}

    def named(self):
        """A name, and a comparison that mostly suits it."""
        suits = {"a": self.of_numbers, "b": self.of_texts, "d": self.of_dates}
        name = self.one(("a", "a", "b", "b", "d", "d", "d", "a.b", "a.b.c", "tags"))
        others = (self.of_numbers, self.of_texts, self.of_dates, self.being_there)
        make = suits.get(name) if self.maybe(0.8) else None
        return name, (make or self.one(others))()

    def of_numbers(self):
        low, high = sorted((self.random.randint(-5, 12), self.random.randint(-5, 12)))
        number = self.one((0.1, 0.3, 10, 5, 1e3, 2**53 + 1, "0.10", "10", self.random.randint(-3, 12)))
        return self.one(
            (
                {"op": self.one(("is", "is_not", "contains")), "value": self.amount()},
                {"op": "one_of", "value": [self.amount(), self.amount()]},
                {"op": self.one((">", ">=", "<", "<=")), "value": number},
                {"op": "between", "value": [low, high]},
            )
        )

    def of_texts(self):
        text = self.one(TEXTS[1:])
        return self.one(
            (
                {"op": self.one(("is", "is_not")), "value": self.one((text, self.maybe(0.5), self.amount()))},
                {"op": "one_of", "value": [self.one(TEXTS[1:]), self.plain() or "x"]},
                {"op": self.one(("contains", "starts_with", "matches")), "value": text},
                {"op": "matches", "value": self.one(PATTERNS)},
            )
        )

    def of_dates(self):
        if self.maybe(0.6):
            return {"op": self.one(("before", "after")), "value": self.one((self.one(NIGHTS), *self.days()))}
        return {"op": "between", "value": self.days()}

    def days(self):
        first = NOW + timedelta(days=self.random.randint(-40, 2))
        last = first + timedelta(days=self.random.randint(1, 40))
        return [f"{first:%Y-%m-%d}", self.one((f"{last:%Y-%m-%d}", f"{last:%Y-%m-%dT%H:%M}"))]

    def counting(self):
        within = self.one(("within_last", "within_next", "anniversary_within"))
        return {"op": within, "value": self.one((self.random.randint(0, 4), self.random.randint(0, 400)))}

    def being_there(self):
        return {"op": self.one(("exists", "not_exists"))}

    def window(self):
        span = {"amount": self.random.randint(1, 30), "unit": self.one(("days", "hours"))}
        return self.one(({}, {"last": span}, {"last": span}, {"between": self.days()}))

    def measured(self):
        what = self.one((self.whether, self.count, self.total, self.placed))()
        filters = [dict(zip(("property", "op", "value"), self.flat(), strict=False))] if self.maybe(0.4) else []
        return {"event": self.one(EVENTS), **what, **self.window(), "where": filters}

    def flat(self):
        name, compared = self.named()
        return (name, *compared.values())

    def whether(self):
        return {"did": self.maybe(0.5)}

    def against(self):
        if self.maybe(0.2):
            return {"op": "between", "value": [self.random.randint(0, 2), self.random.randint(2, 12)]}
        value = self.one((0, 1, 2, 3, 0.3, 0.6, "0.30", 10, 11))
        return {"op": self.one(("is", "is_not", ">", ">=", "<", "<=")), "value": value}

    def count(self):
        return {"measure": "count", **self.against()}

    def total(self):
        of = self.one(("a", "a", "a", "a.b", "b"))
        return {"measure": self.one(("sum", "avg", "min", "max")), "of": of, **self.against()}

    def placed(self):
        which = self.one(("first", "last"))
        if self.maybe(0.5):
            name, compared = self.named()
            return {"measure": which, "of": name, **(compared if self.maybe(0.7) else self.counting())}
        recent = {"op": "within_last", "value": self.random.randint(0, 20)}
        return {"measure": which, **self.one((self.of_dates(), recent))}

    def messaged(self):
        place = self.one(
            (
                {},
                {"journey": str(self.one(JOURNEYS)), "node": self.one(NODES)},
                {"channel": self.one(CHANNELS)},
            )
        )
        return {"message": self.one(("sent", *SAID)), "did": self.maybe(0.6), **self.window(), **place}

    def standing(self):
        journey = str(self.one(JOURNEYS))
        said = {"topic": self.one(TOPICS), "state": self.one(("granted", "withdrawn", "none"))}
        return self.one(
            (
                {"tag": self.one(TEXTS[1:])},
                {"segment": str(self.one(SEGMENTS))},
                {"consent": self.one(CHANNELS), **said},
                {"journey": journey, "state": self.one(("is_in", "was_in"))},
                {"journey": journey, "state": "reached", "node": self.one(NODES)},
            )
        )
