"""`python -m bench`: run the measurements, print one table, write the same as JSON beside it.

python -m bench                         everything, on a PostgreSQL and a Valkey of its own
python -m bench b2 --customers 50000    one measurement, larger
DATABASE_URL=… python -m bench          on a given PostgreSQL: in databases made for it, dropped afterwards
"""

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench import ingest, scaling, six_steps
from bench.machine import Machine, running_machine

RESULTS = Path(__file__).parent / "results"


def main():
    asked = arguments()
    with running_machine() as machine:
        found = [
            row for name, run in RUNS.items() if not asked.what or name in asked.what for row in run(machine, asked)
        ]
        report = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": about(machine), "rows": found}
    show(report)
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{report['at'].replace(':', '')}.json"
    file.write_text(json.dumps(report, indent=1, ensure_ascii=False))
    print(f"\nWritten to {file}")


RUNS = {
    "b1": lambda machine, asked: ingest.run(machine, asked.events, asked.repeat),
    "b2": lambda machine, asked: six_steps.run(machine, asked.customers, asked.repeat),
    "scaling": lambda machine, asked: scaling.run(machine, asked),
}


def arguments():
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the engine.")
    parser.add_argument("what", nargs="*", choices=[*RUNS, []], help="b1: ingest over HTTP; b2: six steps")
    parser.add_argument("--customers", type=int, default=20_000, help="customers of b2")
    parser.add_argument("--events", type=int, default=50_000, help="events of b1")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the median is shown")
    return parser.parse_args()


def about(machine: Machine):
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "database": machine.database_version,
        "load_before": machine.load_before,
        "load_after": os.getloadavg()[0],
    }


def show(report):
    about = report["machine"]
    print(f"\n{about['cores']} cores, Python {about['python']}, {about['database']}, {about['system']}")
    print(f"load before {about['load_before']:.2f}, after {about['load_after']:.2f}\n")
    for row in report["rows"]:
        print(row["what"])
        for name, figures in row["figures"].items():
            middle, least, most = (f"{figures[key]:,.6g}" for key in ("median", "min", "max"))
            print(f"    {name:<34}{middle:>14}   ({least} – {most})")


if __name__ == "__main__":
    main()
