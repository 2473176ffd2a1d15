"""`python -m bench`: run the measurements, print one table, write the same as text and JSON beside each other.

python -m bench                         everything, on a PostgreSQL and a Valkey of its own; about an hour
python -m bench --quick                 everything, small and once
python -m bench b3 b4                   some of it
python -m bench b5 --largest            growth up to six million enrollments as well
python -m bench explain                 plans of the statements on a million enrollments
DATABASE_URL=… python -m bench          on a given PostgreSQL: in databases made for it, dropped afterwards
"""

import argparse
import dataclasses
import json
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    dead_rows,
    explain,
    footprint,
    forgetting,
    growth,
    herd,
    inactive,
    ingest,
    latency,
    peers,
    publish,
    scaling,
    segments,
    sending,
    six_steps,
)
from bench.machine import running_machine

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Sizes:
    """How much of each; the defaults are the full run."""

    repeat: int = 3
    events: int = 200_000
    customers: int = 50_000
    herd: int = 100_000
    latency_s: int = 60
    grown: tuple[int, ...] = (100_000, 1_000_000)
    messages: int = 20_000
    receipts: int = 50_000
    footprint_s: int = 180
    dead_rows_s: int = 180
    peers: float = 1.0
    standing: int = 10_000


QUICK = Sizes(1, 20_000, 10_000, 20_000, 10, (100_000,), 4_000, 10_000, 24, 24, 0.2)
LARGEST = 6_000_000
"""Five million that ended and one million that wait."""

RUNS = {
    "b1": (ingest.run, "ingest over HTTP"),
    "b2": (six_steps.run, "six steps of many customers"),
    "b3": (herd.run, "a herd of wakes beside API traffic"),
    "b4": (latency.run, "from POST to webhook"),
    "b5": (growth.run, "six steps on tables that have grown"),
    "b6_inactive": (inactive.run, "those who become quiet within a day"),
    "b6_segments": (segments.run, "fifty segments, and the size of a rule"),
    "b8": (sending.run, "deliveries and receipts"),
    "b9": (footprint.run, "memory"),
    "publish": (publish.run, "publishing over waiting customers"),
    "scaling": (scaling.run, "six steps with one to eight workers"),
    "peers": (peers.run, "the six steps on Huey, Celery, RQ and DBOS"),
    "dead_rows": (dead_rows.run, "rows that wait for vacuum"),
    "forgetting": (forgetting.run, "removing what is no longer kept"),
    "explain": (explain.run, "how PostgreSQL carries out the statements of a turn"),
}
WHEN_ASKED = {"dead_rows", "forgetting", "explain"}
"""These are run by name only."""


INTERRUPTED = 130


def main():
    """Measure, then show and write what was found; also what was found until Ctrl-C."""
    asked = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end in order, as Ctrl-C does
    report = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "rows": [], "failed": []}
    try:
        with running_machine() as machine:
            ended = measure_all(machine, asked, report)
            report["machine"], report["sizes"] = machine.about(), dataclasses.asdict(asked.sizes)
    except KeyboardInterrupt:  # while the servers began or ended
        sys.exit(INTERRUPTED)
    if report["rows"] or report["failed"]:
        write(report)
    sys.exit(ended or bool(report["failed"]))


def measure_all(machine, asked, report):
    """One bench after the other; what to exit with when that was interrupted."""
    try:
        for name in asked.what or [name for name in RUNS if name not in WHEN_ASKED]:
            measure(name, machine, asked.sizes, report)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def measure(name, machine, sizes, report):
    """Run one bench; what goes wrong in it does not take the others along."""
    run, what = RUNS[name]
    print(f"{name}: {what} …", file=sys.stderr, flush=True)
    more = {"ours": ours(report, machine, sizes)} if name == "peers" else {}
    try:
        for row in run(machine, sizes, **more):
            report["rows"].append(row)
            print("\n".join(lines_of(row)), file=sys.stderr, flush=True)
    except Exception as error:
        traceback.print_exc()
        report["failed"].append(f"{name}: {type(error).__name__}: {error}")


def ours(report, machine, sizes):
    """The engine's figures of this run with two workers; measured now when it was not asked for."""
    if not any(row["what"].startswith("B2") for row in report["rows"]):
        measure("b2", machine, sizes, report)
    found = [row for row in report["rows"] if row["what"].startswith("B2")]
    return found[-1]["figures"] if found else None


def arguments():
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    named = "; ".join(f"{name}: {what}" for name, (_, what) in RUNS.items())
    parser.add_argument("what", nargs="*", choices=[*RUNS, []], help=named)
    parser.add_argument("--quick", action="store_true", help="small sizes, once each: a few minutes")
    parser.add_argument("--largest", action="store_true", help="b5 up to six million enrollments: twenty minutes more")
    for field in dataclasses.fields(Sizes):
        if field.name != "grown":
            parser.add_argument(
                f"--{field.name.replace('_', '-')}", type=type(field.default), help="default: %(default)s"
            )
    asked = parser.parse_args()
    sizes = QUICK if asked.quick else Sizes()
    own = {f.name: getattr(asked, f.name, None) for f in dataclasses.fields(Sizes)}
    asked.sizes = dataclasses.replace(sizes, **{name: value for name, value in own.items() if value is not None})
    if asked.largest:
        asked.sizes = dataclasses.replace(asked.sizes, grown=(*asked.sizes.grown, LARGEST))
    return asked


def write(report):
    table = "\n".join(table_of(report))
    print(table)
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{report['at'].replace(':', '')}.json"
    file.write_text(json.dumps(report, indent=1, ensure_ascii=False))
    file.with_suffix(".txt").write_text(table + "\n")
    print(f"\nWritten to {os.path.relpath(file)} and .txt")


def table_of(report):
    about = report["machine"]
    settings = ", ".join(f"{name} {value}" for name, value in about["database_settings"].items())
    yield f"\n{about['processor']}, {about['cores']} cores, {about['memory_gb']} GB, {about['system']}"
    yield f"Python {about['python']}, {about['database']} ({settings}), {about['valkey']}"
    yield f"load before {about['load_before']:.2f}, after {about['load_after']:.2f}; everything on this machine\n"
    for row in report["rows"]:
        yield from lines_of(row)
    for failure in report["failed"]:
        yield f"FAILED {failure}"


def lines_of(row):
    """The figures of one bench, with what was aimed at beside those that have an aim."""
    lines = [row["what"]]
    for name, figures in row["figures"].items():
        middle, least, most = (shown(figures[key]) for key in ("median", "min", "max"))
        spread = f"({least} – {most})" if least != most else ""
        reached = aim(row["targets"].get(name), figures["median"])
        lines.append(f"    {name:<52}{middle:>12}   {spread:<24}{reached}".rstrip())
    return lines


def shown(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def aim(target, value):
    if target is None:
        return ""
    sign, wanted = target
    reached = value >= wanted if sign == "≥" else value <= wanted
    return f"aim {sign} {wanted:,}: {'reached' if reached else 'missed'}"


if __name__ == "__main__":
    main()
