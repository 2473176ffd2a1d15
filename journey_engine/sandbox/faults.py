"""Faults: how the sandbox misbehaves when it is told to, by chances between 0 and 1 and delays."""

import random
from typing import Any

KINDS: dict[str, dict[str, Any]] = {
    "sms": {
        "latency_ms": 0,
        "error_5xx": 0.0,  # refused by a fault, nothing accepted
        "throttle": 0.0,  # refused for now
        "accept_then_timeout": 0.0,  # accepted, never answered
        "accept_then_5xx": 0.0,  # accepted, answered with a fault
        "hold_s": 30,  # how long an unanswered call stays open
        "undelivered": 0.0,  # accepted, but the receipt says failed
        "receipt_delay_s": [0, 1],
        "receipt_duplicates": 0,  # further copies of every receipt
        "receipt_loss": 0.0,
        "receipt_shuffle": False,
        "codes": {},  # {"isv.MOBILE_NUMBER_ILLEGAL": 0.1}
    },
    "smtp": {
        "latency_ms": 0,
        "reject_4xx": 0.0,
        "reject_5xx": 0.0,
        "accept_then_drop": 0.0,  # taken, then the connection closes without an answer
    },
    "webhooks": {
        "latency_ms": 0,
        "error_5xx": 0.0,
        "throttle": 0.0,
        "gone": 0.0,
        "accept_then_timeout": 0.0,
        "hold_s": 30,
    },
}


class Faults:
    """The chances now in force. Settings that are not named in a change stay as they were."""

    def __init__(self):
        self.chance = random.Random()
        self.settings = {kind: dict(defaults) for kind, defaults in KINDS.items()}

    def change(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Take on new settings; raises ValueError naming what is unknown. An empty object for a kind resets it."""
        for kind, values in wanted.items():
            if kind == "seed":
                self.chance.seed(values)
            elif kind not in KINDS or not isinstance(values, dict) or not set(values) <= set(KINDS[kind]):
                raise ValueError(f"unknown fault in {kind!r}; known are {sorted(KINDS.get(kind, KINDS))}")
            else:
                self.settings[kind] = {**(self.settings[kind] if values else KINDS[kind]), **values}
        return self.settings

    def hits(self, kind: str, name: str) -> bool:
        """Whether this call meets the fault."""
        chance = self.settings[kind][name]
        return chance > 0 and self.chance.random() < chance

    def code(self) -> str:
        """An error code to answer an SMS with, or nothing."""
        return next(
            (code for code, chance in self.settings["sms"]["codes"].items() if self.chance.random() < chance), ""
        )

    def receipt_delay_s(self) -> float:
        low, high = self.settings["sms"]["receipt_delay_s"]
        return self.chance.uniform(low, high)

    def latency_s(self, kind: str) -> float:
        return self.settings[kind]["latency_ms"] / 1000
