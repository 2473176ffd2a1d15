"""Replays seeds: `python -m tests.simulation --seed 7 --trace`, or many: `--seeds 0..2000`, or for so many minutes."""

import argparse
import sys
import time

from tests.simulation.judge import judge
from tests.simulation.planted import PLANTED, planted
from tests.simulation.report import failed, told
from tests.simulation.run import live


def main():
    args = read_arguments()
    began, runs, lived, broken = time.monotonic(), 0, 0.0, 0
    for seed in seeds_of(args, began):
        with planted(args.planted):
            run = live(seed)
        wrong = judge(run)
        runs, lived = runs + 1, lived + run.lived.total_seconds()
        if wrong:
            broken += 1
            print(failed(run, wrong, lines=0 if args.trace else 40, bug=args.planted))
        if args.trace:
            print(told(run))
        if args.seed is not None:
            print(f"seed {seed}: trace {run.schedule.digest()}, {run.schedule.step} steps")
    seconds = time.monotonic() - began
    print(
        f"{runs} seeds, {broken} broken; {lived / 86400:,.0f} days in {seconds:.1f} s, {lived / seconds:,.0f} × as fast"
    )
    return 1 if broken else 0


def read_arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="this one")
    parser.add_argument("--seeds", default="0..2000", help="from..to, the last one left out")
    parser.add_argument("--minutes", type=float, help="as many seeds as fit, from the first of --seeds on")
    parser.add_argument("--trace", action="store_true", help="print every step")
    parser.add_argument("--planted", choices=sorted(PLANTED), help="with this defect built in")
    return parser.parse_args()


def seeds_of(args, began):
    if args.seed is not None:
        return [args.seed]
    first, last = (int(part or 0) for part in args.seeds.split(".."))
    if args.minutes is None:
        return range(first, last)
    return as_many_as_fit(first, began + args.minutes * 60)


def as_many_as_fit(seed, until):
    while time.monotonic() < until:
        yield seed
        seed += 1


if __name__ == "__main__":
    sys.exit(main())
