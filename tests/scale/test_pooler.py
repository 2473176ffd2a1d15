"""Through PgBouncer in transaction mode, with fewer connections than clients, everything holds as without."""

import threading
import time

import pytest
from sqlalchemy import text

from journey_engine.store.session import SETTINGS, engine_for, transaction
from tests.engine.together import at_once
from tests.scale.pooler import Pooler
from tests.scale.site import Site, kill
from tests.scale.verdict import cart, cart_journey, everything_once
from tests.support.processes import until

CONNECTIONS = 4
EVENTS = 800


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.stop()


@pytest.fixture(scope="module")
def pooler(site):
    pooler = Pooler(site.folder / "pooler", site.postgres, CONNECTIONS)
    yield pooler
    engine_for(pooler.url).dispose()
    pooler.stop()


def settings_of(tx):
    return {name: tx.scalar(text(f"SELECT current_setting('{name}')")) for name in SETTINGS}


def test_a_transaction_through_the_pooler_has_the_settings_of_one_without(site, pooler):
    with transaction(engine_for(site.database_url)) as direct, transaction(engine_for(pooler.url)) as pooled:
        assert not direct.connection.info["pooled"]
        assert pooled.connection.info["pooled"]
        assert settings_of(pooled) == settings_of(direct)
        assert pooled.scalar(text("SHOW idle_in_transaction_session_timeout")) == "30s"


def test_a_setting_of_one_transaction_is_not_left_to_whoever_comes_next(pooler):
    with transaction(engine_for(pooler.url)) as tx:
        settings_of(tx)
    with engine_for(pooler.url).connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        assert plain.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar() == "0"


def test_a_pooler_that_ignores_the_settings_is_noticed_all_the_same(site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lenient") / "pooler"
    lenient = Pooler(folder, site.postgres, CONNECTIONS, "ignore_startup_parameters = options")
    try:
        with transaction(engine_for(lenient.url)) as tx:
            assert tx.connection.info["pooled"]
            assert tx.scalar(text("SHOW statement_timeout")) == "1min"
    finally:
        engine_for(lenient.url).dispose()
        lenient.stop()


def test_statements_repeated_by_many_clients_of_few_connections_are_always_understood(pooler):
    engine = engine_for(pooler.url)

    def ask_often():
        for number in range(100):
            with transaction(engine) as tx:
                assert tx.scalar(text("SELECT CAST(:n AS int) + 1"), {"n": number}) == number + 1
        return "understood"

    assert at_once(*[ask_often] * 10) == ["understood"] * 10


def test_nothing_is_lost_or_doubled_while_workers_web_server_and_pooler_are_killed(site, pooler):
    host = site.host("one", database_url=pooler.url)
    running = {"web": host.web(site.web_port)}
    for name in ("turns", "turns too", "deliveries"):
        running[name] = host.worker(name.split()[0])
    host.ready()
    site.publish(cart_journey(site.sandbox_url))
    carts, answered = [cart(number, "pooled") for number in range(EVENTS)], {}
    engine_for(site.database_url).dispose()  # from here on everybody comes through the pooler
    most = MostConnections(site)

    pushing = threading.Thread(target=lambda: answered.update(site.push(carts, at_once=16, pause_s=0.7)))
    pushing.start()
    until(lambda: len(pooler.show("CLIENTS")) > 2 * CONNECTIONS)
    for name in ("turns", "deliveries", "web", "turns too"):
        time.sleep(0.7)
        kill(running[name])
        again = ("web",) if name == "web" else ("worker", name.split()[0])
        running[name] = host.start(*again, HOST="127.0.0.1", PORT=str(site.web_port), WEB_THREADS="24")
    assert 0 < most.stop() <= CONNECTIONS
    pooler.kill()
    pooler.start()
    pushing.join()
    site.until_it_rests()

    assert everything_once(site, answered, carts) <= 32, "at most what one worker was calling when it was killed"


class MostConnections:
    """Watches how many connections the engine has to its tables at the same time."""

    def __init__(self, site):
        self.site, self.most, self.ended = site, 0, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self):
        statement = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'journey' AND pid <> pg_backend_pid()"
        while not self.ended.wait(0.1):
            self.most = max(self.most, self.site.ask(statement)[0][0])

    def stop(self):
        self.ended.set()
        self.thread.join()
        return self.most
