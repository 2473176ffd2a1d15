"""B8, deliveries and receipts: a full outbox through real workers to providers on this machine, outcomes recorded.

The messages are queued by real turns while their account is stopped; then it is opened, and the time runs from the
first delivery's start to the last one's end. Receipts come over HTTP through their door, a hundred in a request.
"""

import json
import secrets
import subprocess
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bench.machine import share, summary
from bench.processes import JOURNEY, answers, running, until, web, workers
from bench.shop import SECRET_KEY, Shop, drawing
from bench.sink import sink
from journey_engine.clock import now
from journey_engine.embedded import free_port
from journey_engine.pipeline.ingest import make_incoming
from journey_engine.secrets import receipts_token
from journey_engine.store import accounts
from journey_engine.store.session import transaction

PROVIDER_ANSWERS_AFTER_S = 0.005
DONE_WITHIN_S = 240
RECEIPTS_PER_REQUEST, PROVIDER_CONNECTIONS = 100, 4

TARGETS = {"webhook": {"messages/s": ("≥", 1500)}, "email": {"messages/s": ("≥", 800)}, "sms": {}}
RECEIPT_TARGETS = {"receipts/s": ("≥", 5000)}

HTML = (
    "<html><body><h1>{{ customer.name }}, your tea is waiting</h1>"
    + "<p>{{ event.product }} for ¥{{ event.price }}: hand-picked before the spring rains, gently pan-fired.</p>" * 8
    + '<p><a href="https://shop.example/cart/{{ event.cart_id }}">To your cart</a></p></body></html>'
)
MAIL = {"subject": "{{ event.product }} is waiting", "html": HTML, "message_class": "transactional"}
SMS = {
    "template_code": "SMS_1",
    "text": "Your {{ event.product }} is waiting: cart {{ event.cart_id }}.",
    "message_class": "transactional",
}


def run(machine, sizes):
    for channel, told in CHANNELS.items():
        for count in (1, 2):
            runs = [one_run(machine, channel, sizes.messages, count) for _ in range(sizes.repeat)]
            what = f"B8 deliveries, {sizes.messages:,} to {told}, {count} worker(s)"
            yield {"what": what, "figures": summary(runs), "targets": TARGETS[channel] if count == 2 else {}}
    runs = [receipts_run(machine, sizes.receipts) for _ in range(sizes.repeat)]
    what = f"B8 receipts, {sizes.receipts:,} over HTTP, {RECEIPTS_PER_REQUEST} in a request"
    yield {"what": what, "figures": summary(runs), "targets": RECEIPT_TARGETS}


CHANNELS = {"webhook": "an HTTP provider that answers after 5 ms", "email": "a mail relay", "sms": "the SMS sandbox"}


def one_run(machine, channel, messages, count):
    with machine.fresh_database() as url, sink(PROVIDER_ANSWERS_AFTER_S) as receiver, sms_sandbox() as sandbox:
        shop = queued_shop(machine, url, channel, messages, receiver, sandbox)
        with workers("deliveries", count, shop.environment) as team:
            before = used(machine, team)
            open_account(shop, channel)
            send_all(shop)
            after = used(machine, team)
            memory = max(worker.rss_mb() for worker in team)
        sent = shop.ask("SELECT count(*) FROM messages WHERE status = 'sent'")
        assert sent == messages, f"{sent} of {messages} are sent: {why_not(shop)}"
        spent = shop.ask("SELECT extract(epoch FROM max(ended_at) - min(started_at)) FROM deliveries")
        workers_us, database_us, wal = (b - a for a, b in zip(before, after, strict=True))
        return {
            "messages/s": messages / float(spent),
            "CPU µs per message, workers": workers_us / messages,
            "CPU µs per message, PostgreSQL": database_us / messages,
            "WAL bytes per message": wal / messages,
            "RSS of a worker, MB": memory,
        }


def used(machine, processes):
    return sum(one.cpu_us() for one in processes), machine.database_cpu_us(), machine.wal_bytes()


def queued_shop(machine, url, channel, messages, receiver, sandbox):
    """A shop whose outbox is full and whose account is stopped."""
    shop = Shop(url, machine.redis_url, f"127.0.0.1:{receiver.port}", f"127.0.0.1:{sandbox.port}")
    node = add_channel(shop, channel, receiver, sandbox)
    nodes = {"added": ("event", {"event": "Product Added"}), "send": node, "end": ("exit", {})}
    shop.publish(drawing(nodes, ["added > send", "send > end"]))
    shop.do("UPDATE accounts SET stopped_at = now(), stopped_why = 'not yet'")
    shop.tell(reachable, messages)
    shop.work()
    queued = shop.ask("SELECT count(*) FROM messages WHERE status = 'queued'")
    assert queued == messages, f"{queued} of {messages} are queued"
    shop.vacuum()
    machine.settle()
    return shop


def add_channel(shop, channel, receiver, sandbox):
    """An account at the provider on this machine; the node that sends with it."""
    if channel == "webhook":
        shop.add_account("webhook", "webhook", secret={"secret": "bench"})
        return "send_webhook", {"url": receiver.url}
    if channel == "email":
        relay = {"host": "127.0.0.1", "port": receiver.smtp_port, "security": "none"}
        shop.add_account("smtp", "email", relay | {"from_address": "hello@shop.example"})
        return "send_email", MAIL
    key = secrets.token_urlsafe(12)
    told = {"endpoint": sandbox.url, "access_key_id": "bench", "sign_name": "Tea", "register_templates": True}
    shop.add_account("alibaba_sms", "sms", told, {"access_key_secret": key})
    sandbox.introduce(key)
    return "send_sms", SMS


def reachable(n):
    """Customer n, with all addresses, puts a product into the cart."""
    customer = {"external_id": f"customer-{n}", "email": f"customer-{n}@mail.example", "phone": f"+86138{n:08d}"}
    properties = {"cart_id": f"c{n}", "product": "Jasmine tea 250 g", "price": 68, "currency": "CNY"}
    return make_incoming(f"m{n}", "Product Added", customer, None, properties)


class Sandbox:
    """The running SMS sandbox."""

    def __init__(self, port):
        self.port, self.url = port, f"http://127.0.0.1:{port}"

    def introduce(self, key):
        """Have it accept this key's signatures, and report nothing by itself."""
        body = json.dumps({"access_key_id": "bench", "access_key_secret": key, "receipts_url": ""}).encode()
        urllib.request.urlopen(f"{self.url}/accounts", body, timeout=10).close()


@contextmanager
def sms_sandbox():
    with tempfile.TemporaryDirectory(prefix="journey-bench-") as folder:
        port = free_port()
        command = (*JOURNEY, "sandbox", "--port", str(port), "--smtp-port", str(free_port()), "--state", folder)
        with running(command, stdout=subprocess.DEVNULL):
            until(lambda: answers(port), 20, "the sandbox answers")
            yield Sandbox(port)


def open_account(shop, channel):
    with transaction(shop.engine) as tx:
        accounts.open_again(tx, shop.workspace, shop.accounts[channel])


def send_all(shop):
    """Wait until all are sent; when they are not in time, say where they are."""
    try:
        until(lambda: nothing_left(shop), DONE_WITHIN_S, "every message is sent", 0.1)
    except TimeoutError as late:
        states = (
            "SELECT string_agg(n || ' ' || status, ', ') FROM (SELECT status, count(*) AS n FROM messages GROUP BY 1) s"
        )
        raise TimeoutError(f"{late} There are {shop.ask(states)}.") from late


def nothing_left(shop):
    return not shop.ask("SELECT EXISTS (SELECT FROM messages WHERE status IN ('queued', 'sending'))")


def why_not(shop):
    return shop.ask("SELECT min(status || ': ' || reason) FROM messages WHERE status <> 'sent'")


def receipts_run(machine, count):
    with machine.fresh_database() as url, sink() as receiver, sms_sandbox() as sandbox:
        shop = queued_shop(machine, url, "sms", count, receiver, sandbox)
        mark_sent(shop)
        machine.settle()
        bodies = receipt_bodies(shop)
        path = f"/receipts/{receipts_token(SECRET_KEY, shop.accounts['sms'])}/alibaba"
        with web(shop.environment) as (server, port):
            before = used(machine, [server])
            began = time.perf_counter()
            with ThreadPoolExecutor(PROVIDER_CONNECTIONS) as pool:
                waits = list(pool.map(lambda body: post(f"http://127.0.0.1:{port}{path}", body), bodies))
            spent = time.perf_counter() - began
            web_us, database_us, wal = (b - a for a, b in zip(before, used(machine, [server]), strict=True))
        known = shop.ask("SELECT count(*) FROM messages WHERE progress = 'delivered'")
        assert known == count, f"{known} of {count} are known to be delivered"
        return {
            "receipts/s": count / spent,
            "ms to the answer, p50": 1000 * share(waits, 0.5),
            "ms to the answer, p99": 1000 * share(waits, 0.99),
            "CPU µs per receipt, web": web_us / count,
            "CPU µs per receipt, PostgreSQL": database_us / count,
            "WAL bytes per receipt": wal / count,
        }


def mark_sent(shop):
    """As deliveries leave them; what is measured here is what comes after."""
    shop.do("UPDATE messages SET status = 'sent', sent_at = now(), due_at = NULL, attempts = 1")
    shop.vacuum()


def receipt_bodies(shop):
    """Requests as the provider makes them, one report for each message."""
    at = now().strftime("%Y-%m-%d %H:%M:%S")
    ids = shop.ask("SELECT array_agg(id) FROM messages")
    reports = [
        {
            "phone_number": f"138{n:08d}", "success": True, "err_code": "DELIVERED", "err_msg": "用户接收成功",
            "send_time": at, "report_time": at, "sms_size": "1", "biz_id": f"{n}^0", "out_id": id.hex,
        }
        for n, id in enumerate(ids)
    ]  # fmt: skip
    return [
        json.dumps(reports[first : first + RECEIPTS_PER_REQUEST]).encode()
        for first in range(0, len(reports), RECEIPTS_PER_REQUEST)
    ]


def post(url, body):
    began = time.perf_counter()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200, answer.status
        answer.read()
    return time.perf_counter() - began
