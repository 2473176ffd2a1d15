"""The marketer and the customers who say no while everything breaks: pauses, resumes and unsubscribes.

What matters is the moment of the answer. It is kept as a place in the provider's journal, because clocks are put.
"""

import random
import threading
import time

import psycopg
import requests

from tests.crash.checker import Noes

LEAVES_WITHIN_S = 1.0
"""What is on its way when a pause is answered has left by then."""

ASK_AGAIN_S = 0.5


class Marketer:
    """Pauses one journey now and then for some seconds, and lets customers unsubscribe from SMS all the time."""

    def __init__(self, engine, journey, seed, customers, pause_every_s=(8, 20), no_every_s=(0.5, 2)):
        self.engine, self.journey, self.customers = engine, journey, customers
        self.chance, self.pause_every_s, self.no_every_s = random.Random(seed), pause_every_s, no_every_s
        self.noes = Noes()
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._pause_now_and_then, self._let_customers_go)
        ]

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        """The journey goes on when this returns."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _pause_now_and_then(self):
        while not self._ended.wait(self.chance.uniform(*self.pause_every_s)):
            if self._until_answered(f"/journeys/{self.journey}/pause"):
                time.sleep(LEAVES_WITHIN_S)
                no = {"journey": self.journey, "place": self.engine.received_bytes()}
                self._ended.wait(self.chance.uniform(2, 5))
                self.noes.paused.append(no | {"until": self.engine.received_bytes()})
            self._until_answered(f"/journeys/{self.journey}/resume")

    def _let_customers_go(self):
        chance = random.Random(self.chance.random())
        while not self._ended.wait(chance.uniform(*self.no_every_s)):
            who = chance.randrange(self.customers)
            customer = self._customer(f"m-{who}")
            if customer and self._until_answered(f"/customers/{customer}/unsubscribe", {"channel": "sms"}, tries=20):
                place = self.engine.received_bytes()
                self.noes.unsubscribed.append({"phone": f"139{who:08d}", "place": place})

    def _customer(self, external_id):
        try:
            found = self.engine.ask("SELECT customer_id::text FROM identities WHERE value = %s", external_id)
        except psycopg.Error:
            return None
        return found[0][0] if found else None

    def _until_answered(self, path, body=None, tries=60):
        """Ask until it is answered with a yes, by one web server or another; False when there was none."""
        for number in range(tries):
            urls = self.engine.urls
            try:
                self.engine.call("POST", path, body, timeout=15, url=urls[number % len(urls)])
                return True
            except (AssertionError, requests.RequestException):
                time.sleep(ASK_AGAIN_S)
        return False
