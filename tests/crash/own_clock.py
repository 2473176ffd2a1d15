"""A process of the engine with a wall clock of its own, which `surroundings.Clock` puts: `own_clock up`, for one.

`up` hands the clock on to PostgreSQL, through libfaketime; `gunicorn …` and `worker QUEUE` read it themselves, in the
one place where the engine reads the time. Waiting is measured by a clock that nobody puts.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

from journey_engine import clock
from journey_engine.embedded import Postgres

FILE, LIBRARY = "FAKETIME_TIMESTAMP_FILE", "CHAOS_FAKETIME"


def up():
    """`journey up`, whose PostgreSQL has this clock."""
    plain = Postgres._run
    told = {"LD_PRELOAD": os.environ[LIBRARY], "FAKETIME_CACHE_DURATION": "1", "DONT_FAKE_MONOTONIC": "1"}
    told |= {"FAKETIME_DISABLE_SHM": "1", "NO_FAKE_STAT": "1"}

    def run(self, how, program, *arguments, **options):
        return plain(self, how, program, *arguments, env=os.environ | told, **options)

    Postgres._run = run
    import_module("journey_engine.up").main()


def now():
    """What this process takes for the present."""
    return datetime.now(UTC) + timedelta(seconds=int(Path(os.environ[FILE]).read_text()))


def main():
    command, sys.argv = sys.argv[1], sys.argv[1:]
    if command == "up":
        return up()
    clock.now = now
    if command == "gunicorn":
        return import_module("gunicorn.app.wsgiapp").run()
    return import_module("worker").main(sys.argv[1])


if __name__ == "__main__":
    main()
