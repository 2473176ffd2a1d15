"""The queues of a worker and the jobs in them. `journey worker QUEUE` runs `main`; a job is named `worker.turn`."""

from functools import cache

from journey_engine.config import Config
from journey_engine.logs import set_up_logs
from journey_engine.working import Workshop

QUEUES = ("turns", "deliveries", "chores")


@cache
def workshop() -> Workshop:
    """What the jobs of this process share."""
    return Workshop(Config.from_env())


def turn() -> None:
    """Work turns until nothing is due."""
    workshop().stint()


def deliver(lane: int) -> None:
    """Have the messages of an account delivered."""
    workshop().wake_lane(lane)


def main(queue: str) -> None:
    """Be a worker of this queue until told to end."""
    set_up_logs()
    workshop().run(queue)
