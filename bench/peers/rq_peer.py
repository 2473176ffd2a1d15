"""The six steps on plain RQ: a job each, or two jobs and a wait; two workers.

`SimpleWorker` runs jobs without a fork for each, which is several times as fast as RQ's default; results are not kept.
A wait is `enqueue_in`, whose scheduler, running beside each worker, looks once a second.
"""

import os
import sys
from datetime import timedelta
from functools import cache
from pathlib import Path

import redis
from rq import Queue
from rq.serializers import JSONSerializer

from bench.peers import durable
from bench.peers.durable import run_in_transaction

WAIT = timedelta(seconds=1)
ENQUEUED_AT_ONCE = 500


def workers():
    program = str(Path(sys.executable).with_name("rq"))
    serializer = ("--serializer", "rq.serializers.JSONSerializer")
    how = ("--worker-class", "rq.SimpleWorker", "--with-scheduler", *serializer, "-q")
    return [(program, "worker", "--url", os.environ["PEER_REDIS_URL"], *how, "bench")] * 2


@cache
def queue():
    connection = redis.Redis.from_url(os.environ["PEER_REDIS_URL"])
    return Queue("bench", connection=connection, serializer=JSONSerializer)


def enqueue(customers, fused):
    begin = fused_begin if fused else step_enter
    listed = list(customers)
    for first in range(0, len(listed), ENQUEUED_AT_ONCE):
        some = listed[first : first + ENQUEUED_AT_ONCE]
        queue().enqueue_many([Queue.prepare_data(begin, (customer,), result_ttl=0) for customer in some])


def then(function, customer):
    queue().enqueue(function, customer, result_ttl=0)


def later(function, customer):
    queue().enqueue_in(WAIT, function, customer, result_ttl=0)


def fused_begin(customer):
    if not run_in_transaction(durable.first_half, customer):
        later(fused_finish, customer)


def fused_finish(customer):
    run_in_transaction(durable.second_half, customer)


def step_enter(customer):
    run_in_transaction(durable.enter, customer)
    then(step_vip, customer)


def step_vip(customer):
    if run_in_transaction(durable.is_gold, customer):
        then(step_end, customer)
    else:
        run_in_transaction(durable.hold, customer)
        later(step_bought, customer)


def step_bought(customer):
    then(step_end if run_in_transaction(durable.bought, customer) else step_message, customer)


def step_message(customer):
    run_in_transaction(durable.queue_message, customer)
    then(step_end, customer)


def step_end(customer):
    run_in_transaction(durable.end, customer)
