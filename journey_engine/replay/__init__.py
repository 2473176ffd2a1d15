"""Replay: send the rows of a CSV or JSONL file as events, through the public door.

rows      a file as rows, plain or gzip
mapping   which column becomes what
progress  what was acknowledged, kept on disk so that an interrupted replay goes on there
sending   batches over a few connections, each customer's rows in their order
command   the options, the meter and the summary
"""

from journey_engine.replay.command import main

__all__ = ["main"]
