"""What a run looked like, and how to see it again."""


def failed(run, wrong, lines=40, bug=None):
    """The broken promises of a seed, the end of its trace, and the command that replays it."""
    again = f"python -m tests.simulation --seed {run.seed}{f' --planted {bug}' if bug else ''} --trace"
    head = f"seed {run.seed} breaks a promise; replay it with: {again}"
    return "\n".join([head, *(f"  {sentence}" for sentence in wrong), *_lines(run, lines)])


def told(run):
    """Every step."""
    return "\n".join(_lines(run, len(run.schedule.trace)))


def _lines(run, count):
    trace = run.schedule.trace[-count:] if count else []
    return [f"{step:6} {at:%d %b %H:%M:%S.%f} {who}: {what}" for step, at, who, what in trace]
