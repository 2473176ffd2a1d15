"""Herds: lanes with a backlog, a provider in a process of its own, and real workers that serve them."""

import contextlib
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from journey_engine.config import Config
from journey_engine.embedded import free_port
from journey_engine.pipeline.deliver import Deliverer
from journey_engine.secrets import seal
from journey_engine.store.session import transaction
from tests.support.shop import SECRET_KEY, Shop, graph

SECRETS = {"secret": "whsec_c2VjcmV0"}

BACKLOG = text(
    """
    WITH c AS (
        INSERT INTO customers (id, workspace_id, shard, attributes, created_at)
        SELECT gen_random_uuid(), :workspace, 0, '{}', now() FROM generate_series(1, :count) RETURNING id
    ), e AS (
        INSERT INTO enrollments (id, workspace_id, shard, customer_id, journey_id, version_id, status, node_id,
            fired_at, ended_at)
        SELECT gen_random_uuid(), :workspace, 0, id, :journey, :version, 'completed', 'hook', now(), now() FROM c
        RETURNING id, customer_id
    )
    INSERT INTO messages (id, workspace_id, shard, customer_id, enrollment_id, journey_id, version_id, node_id, visit,
        channel, account_id, address, class, status, queued_at, due_at)
    SELECT gen_random_uuid(), :workspace, 0, customer_id, id, :journey, :version, 'hook', 1, :channel, :account,
        'ann@mail.example', :class, 'queued', now(), now() FROM e
    """
)


class Herd(Shop):
    """A shop whose lanes can be filled at once; its clock is the real one."""

    def __init__(self, database_url):
        super().__init__(database_url, datetime.now(UTC))
        self.lane = self.add_lane("Hooks of the herd")

    def add_lane(self, name, kind="webhook", channel="webhook", **settings):
        """An account that is the default of its channel."""
        default = "UPDATE accounts SET is_default = false WHERE channel = :channel AND workspace_id = :workspace"
        self.do(default, channel=channel, workspace=self.workspace)
        return self.add_account(name, kind, channel, settings, SECRETS if kind == "webhook" else {})

    def set(self, lane, **settings):
        with transaction(self.engine) as tx:
            sealed = seal(SECRET_KEY, lane, SECRETS)
            values = {"id": lane, "settings": json.dumps(settings), "secrets": sealed}
            tx.execute(text("UPDATE accounts SET settings = :settings, secrets = :secrets WHERE id = :id"), values)

    def journey(self, url, name, event="Product Viewed", hook=None):
        """A live journey that calls an address for everybody; its body says which journey it was."""
        hook = hook or ("send_webhook", {"url": url, "body": json.dumps({"journey": name})})
        return self.publish(graph({"seen": ("event", {"event": event}), "hook": hook}, ["seen > hook"]), name)

    def queue(self, journey, count, message_class="transactional", lane=None, channel="webhook"):
        """So many messages of a journey, due now."""
        version = self.one("SELECT live_version_id FROM journeys WHERE id = :id", id=journey)
        own = {"workspace": self.workspace, "journey": journey, "version": version, "count": count}
        with transaction(self.engine) as tx:
            tx.execute(BACKLOG, own | {"class": message_class, "account": lane or self.lane, "channel": channel})

    def states(self, **where):
        wanted = " AND ".join(f"{name} = :{name}" for name in where) or "true"
        rows = self.rows(f"SELECT status, count(*) AS n FROM messages WHERE {wanted} GROUP BY status", **where)
        return {row.status: row.n for row in rows}


@pytest.fixture
def shop(database_url):
    return Herd(database_url)


@pytest.fixture
def deliverer(shop, provider):
    return Deliverer(shop.engine, Config(secret_key=SECRET_KEY, allowed_outgoing=(f"127.0.0.1:{provider.port}",)))


class Provider:
    """A sandbox in a process of its own, whose journal says when each call came."""

    def __init__(self, folder):
        self.folder = folder
        command = [sys.executable, "-m", "journey_engine.cli", "sandbox", "--port", "0", "--smtp-port", "0"]
        self.process = subprocess.Popen([*command, "--state", str(folder)], stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r"http on (\d+)", self.process.stdout.readline())[1])

    def url(self, path="hook"):
        return f"http://127.0.0.1:{self.port}/hooks/{path}"

    def journal(self):
        """What came, in the order it came."""
        lines = [line for path in sorted(self.folder.glob("journal-*.jsonl")) for line in path.read_text().splitlines()]
        return [json.loads(line) for line in lines]

    def times(self):
        return sorted(datetime.fromisoformat(one["at"]).timestamp() for one in self.journal())

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def provider(tmp_path):
    running = Provider(tmp_path / "provider")
    yield running
    running.stop()


@pytest.fixture
def workers(shop, provider, valkey_url):
    """Starts real worker processes: `workers("deliveries", 2)`."""
    environment = os.environ | {
        "DATABASE_URL": shop.engine.url.render_as_string(hide_password=False),
        "REDIS_URL": valkey_url,
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_OUTGOING": f"127.0.0.1:{provider.port}",
    }
    with contextlib.ExitStack() as running:

        def start(queue, count):
            for _ in range(count):
                command = [sys.executable, "-m", "journey_engine.cli", "worker", queue]
                process = subprocess.Popen(
                    command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
                running.callback(process.wait)
                running.callback(process.kill)

        start.environment = environment
        yield start


class Relay:
    """A mail relay that can be away."""

    def __init__(self, folder):
        self.folder, self.port, self._running = folder, free_port(), None
        self.mend()

    def mend(self):
        command = [sys.executable, "-m", "journey_engine.cli", "sandbox", "--port", "0", "--smtp-port", str(self.port)]
        self._running = subprocess.Popen([*command, "--state", str(self.folder)], stdout=subprocess.PIPE, text=True)
        self._running.stdout.readline()

    def fail(self):
        self._running.kill()
        self._running.wait()
        self._running.stdout.close()


@pytest.fixture
def relay(tmp_path):
    running = Relay(tmp_path / "relay")
    yield running
    running.fail()
