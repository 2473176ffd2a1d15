"""Whoever writes into Redis can make workers look for work, and nothing else."""

import json
import subprocess
import sys

import pytest
import redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

import worker
from journey_engine.config import Config
from journey_engine.working import BellWorker, Workshop

ran = []


def afterwards(*_):
    """What an intruder would like to have called."""
    ran.append("afterwards")


def directly():
    ran.append("directly")


HERE = f"{__name__}."


@pytest.fixture
def queue(valkey_url):
    with redis.Redis.from_url(valkey_url) as connection:
        connection.flushall()
        yield Queue("turns", connection=connection, serializer=JSONSerializer)


@pytest.fixture
def work(valkey_url, monkeypatch):
    """Have a worker do everything in the queue; the turns it was asked for."""
    turns = []
    monkeypatch.setattr(worker, "turn", lambda: turns.append("turn"))
    monkeypatch.setattr(BellWorker, "_install_signal_handlers", lambda self: None)

    def work():
        BellWorker(Workshop(Config(redis_url=valkey_url)), "turns").work(burst=True)
        return turns

    ran.clear()
    return work


def test_a_job_that_names_another_function_is_thrown_away(queue, work):
    queue.enqueue(f"{HERE}directly")
    queue.enqueue("worker.turn")
    assert (work(), ran) == (["turn"], [])


@pytest.mark.parametrize("moment", ["_success_callback_name", "_failure_callback_name", "_stopped_callback_name"])
def test_a_job_of_ours_that_names_a_function_for_afterwards_is_thrown_away(queue, work, moment):
    job = Job.create("worker.turn", connection=queue.connection, serializer=JSONSerializer, origin="turns")
    setattr(job, moment, f"{HERE}afterwards")
    queue.enqueue_job(job)
    assert (work(), ran) == ([], [])


def test_a_job_nobody_can_read_does_not_keep_the_next_one_waiting(queue, work):
    queue.connection.hset("rq:job:odd", mapping={"data": b"\x80\x04odd", "origin": "turns", "created_at": ""})
    queue.push_job_id("odd")
    queue.enqueue("worker.turn")
    assert work() == ["turn"]


def test_a_log_of_an_error_does_not_quote_a_customer():
    program = """if True:
        import structlog
        from journey_engine.logs import set_up_logs
        set_up_logs()
        try:
            int("ann@mail.example")
        except ValueError:
            structlog.get_logger().exception("failed")
    """
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "ann@" not in said
    raised = json.loads(said)["exception"][0]
    assert raised["exc_type"] == "ValueError" and raised["frames"]
