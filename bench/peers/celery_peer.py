"""The six steps on Celery: Redis as broker, one worker with two prefork processes.

Settings follow its optimizing guide: results ignored, a large prefetch for short tasks, neither gossip, mingle nor
heartbeat, and late acknowledgement, without which a killed process loses its task. A wait is a `countdown`, which the
worker keeps in memory until its second has come.
"""

import os
import sys

from celery import Celery

from bench.peers import durable
from bench.peers.durable import run_in_transaction

WAIT_S = 1

app = Celery("bench", broker=os.environ.get("PEER_REDIS_URL", "redis://127.0.0.1:1"))
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=200,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    task_store_errors_even_if_ignored=False,
)


def workers():
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR")
    return [(sys.executable, "-m", "celery", "-A", "bench.peers.celery_peer", "worker", "-c", "2", *quiet)]


def enqueue(customers, fused):
    begin = fused_begin if fused else step_enter
    with app.producer_pool.acquire(block=True) as producer:
        for customer in customers:
            begin.apply_async((customer,), producer=producer)


@app.task
def fused_begin(customer):
    if not run_in_transaction(durable.first_half, customer):
        fused_finish.apply_async((customer,), countdown=WAIT_S)


@app.task
def fused_finish(customer):
    run_in_transaction(durable.second_half, customer)


@app.task
def step_enter(customer):
    run_in_transaction(durable.enter, customer)
    step_vip.delay(customer)


@app.task
def step_vip(customer):
    if run_in_transaction(durable.is_gold, customer):
        step_end.delay(customer)
    else:
        run_in_transaction(durable.hold, customer)
        step_bought.apply_async((customer,), countdown=WAIT_S)


@app.task
def step_bought(customer):
    (step_end if run_in_transaction(durable.bought, customer) else step_message).delay(customer)


@app.task
def step_message(customer):
    run_in_transaction(durable.queue_message, customer)
    step_end.delay(customer)


@app.task
def step_end(customer):
    run_in_transaction(durable.end, customer)
