"""The six steps on Huey: tasks in Redis, its consumer with two worker processes.

Settings are those of its documentation for throughput: RedisHuey (a blocking pop, faster than its SQL storages),
process workers as many as cores, no stored results, no periodic tasks. Its scheduler looks once a second, which is its
shortest interval. A task popped by a worker that is killed is lost: Huey has no acknowledgement to switch on.
"""

import os
import sys
from pathlib import Path

from huey import RedisHuey

from bench.peers import durable
from bench.peers.durable import run_in_transaction

WAIT_S = 1

huey = RedisHuey("bench", url=os.environ.get("PEER_REDIS_URL", "redis://127.0.0.1:1"), results=False)


def workers():
    consumer = Path(sys.executable).with_name("huey_consumer")
    return [(str(consumer), "bench.peers.huey_peer.huey", "-w", "2", "-k", "process", "-n", "-q")]


def enqueue(customers, fused):
    begin = fused_begin if fused else step_enter
    for customer in customers:
        begin(customer)


@huey.task()
def fused_begin(customer):
    if not run_in_transaction(durable.first_half, customer):
        fused_finish.schedule((customer,), delay=WAIT_S)


@huey.task()
def fused_finish(customer):
    run_in_transaction(durable.second_half, customer)


@huey.task()
def step_enter(customer):
    run_in_transaction(durable.enter, customer)
    step_vip(customer)


@huey.task()
def step_vip(customer):
    if run_in_transaction(durable.is_gold, customer):
        step_end(customer)
    else:
        run_in_transaction(durable.hold, customer)
        step_bought.schedule((customer,), delay=WAIT_S)


@huey.task()
def step_bought(customer):
    if run_in_transaction(durable.bought, customer):
        step_end(customer)
    else:
        step_message(customer)


@huey.task()
def step_message(customer):
    run_in_transaction(durable.queue_message, customer)
    step_end(customer)


@huey.task()
def step_end(customer):
    run_in_transaction(durable.end, customer)
