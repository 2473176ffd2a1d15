"""`journey replay`: the options, the meter on the way, and the summary at the end."""

import argparse
import os
import re
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from journey_engine.console import CannotStart, in_terminal_language, say
from journey_engine.door import Door
from journey_engine.replay.mapping import Column, Mapping
from journey_engine.replay.progress import Progress
from journey_engine.replay.rows import RowFile, fingerprint
from journey_engine.replay.sending import replay
from journey_engine.text import Text

SOME_REJECTED = 3
"""The exit code when every row was answered and some were refused."""

CONNECTIONS = 2
AWAY_S = 600
METER_WIDTH = 28
TELL_EVERY_S = 5.0

ABOUT = Text(
    "Sends the rows of a CSV or JSONL file (also .gz) as events. Sent again, nothing is stored twice.",
    "将 CSV 或 JSONL 文件（可为 .gz）的各行作为事件发送；重复发送不会重复入库。",
)
HELP = {
    "file": Text("the file", "文件"),
    "url": Text("the server (PUBLIC_URL)", "服务器地址（PUBLIC_URL）"),
    "write_key": Text("an API key for events (WRITE_KEY)", "用于写入事件的 API 密钥（WRITE_KEY）"),
    "event": Text("the name of all events; or --map name=COLUMN", "所有事件的名称；或使用 --map name=列"),
    "map": Text(
        "PART=COLUMN[:TYPE], repeatable; types: text, number, boolean, time, json",
        "部分=列[:类型]，可重复；类型：text、number、boolean、time、json",
    ),
    "set": Text("PART=VALUE[:TYPE], the same for every row", "部分=值[:类型]，对每一行相同"),
    "timezone": Text("of times that name none (default UTC)", "未注明时区的时间所属时区（默认 UTC）"),
    "encoding": Text("of the file (default utf-8)", "文件编码（默认 utf-8）"),
    "delimiter": Text(
        "between the cells of a CSV (default , or tab for .tsv)", "CSV 分隔符（默认逗号，.tsv 为制表符）"
    ),
    "id": Text(
        "part of every message id (default: made from the columns and the first row)",
        "消息 id 的组成部分（默认由表头与首行得出）",
    ),
    "state": Text("folder for progress and rejected rows (default: here)", "存放进度与被拒行的目录（默认当前目录）"),
    "resume": Text("go on where an interrupted replay was acknowledged", "从上次中断处继续"),
    "connections": Text("at once (default 2)", "同时连接数（默认 2）"),
}

NEEDED = Text("Give {what}.", "请提供 {what}。")
NO_ZONE = Text(
    "There is no time zone {zone!r}; write one like Asia/Shanghai.", "没有时区 {zone!r}，应类似 Asia/Shanghai。"
)
BAD_ENCODING = Text("There is no encoding {encoding!r}.", "没有编码 {encoding!r}。")
BAD_DELIMITER = Text("--delimiter is one character.", "--delimiter 应为一个字符。")
BAD_CONNECTIONS = Text("--connections is a number from 1 to 8.", "--connections 应为 1 到 8 的数。")
BAD_ID = Text("--id is 1 to 100 letters, digits, dots, - or _.", "--id 应为 1 到 100 个字母、数字、点、- 或 _。")
GOING_ON = Text("Going on after {rows:,} rows.", "从第 {rows:,} 行之后继续。")
BEGINNING = Text(
    "Nothing to go on with in {file}; starting with the first row.", "{file} 中没有可继续的进度，从第一行开始。"
)
KEPT = Text("Stopped after {rows:,} rows. Go on with --resume.", "已停止，完成 {rows:,} 行。使用 --resume 继续。")
DONE = Text(
    "{sent:,} events stored, {duplicates:,} were there already, {rejected:,} rejected; {seconds:.1f} s, {rate:,.0f} "
    "rows a second.",
    "已入库 {sent:,} 个事件，{duplicates:,} 个此前已有，{rejected:,} 个被拒绝；{seconds:.1f} 秒，每秒 {rate:,.0f} 行。",
)
SEE = Text("Rejected rows with their reasons: {file}", "被拒绝的行及原因：{file}")
LINE = Text(
    "{share:.0%}  {rows:,} rows  {rate:,.0f}/s  {rejected:,} rejected",
    "{share:.0%}  {rows:,} 行  {rate:,.0f} 行/秒  {rejected:,} 被拒绝",
)


def main() -> int:
    """Replay a file; 0 when every row is stored, 3 when some were rejected."""
    options = _read_options()
    path = Path(options.file)
    rows = RowFile(path, options.encoding, options.delimiter)
    mapping = Mapping(_lines(options), rows.columns, _zone(options.timezone))
    identity = options.id or fingerprint(path, options.encoding, options.delimiter)
    progress = _progress(options, path, identity)
    doors = [Door(options.url, options.write_key, "write key", AWAY_S) for _ in range(options.connections)]
    meter = Meter(rows, progress)
    try:
        replay(rows, mapping, progress, doors, meter.tick)
    except BaseException:
        meter.end()
        print(in_terminal_language(KEPT, rows=progress.tally.rows), file=sys.stderr, flush=True)
        raise
    meter.end()
    progress.finish()
    return _summary(progress, meter)


def _read_options() -> argparse.Namespace:
    env = os.environ.get
    parser = argparse.ArgumentParser(description=in_terminal_language(ABOUT))
    words = {name: {"help": in_terminal_language(text)} for name, text in HELP.items()}
    parser.add_argument("file", metavar="FILE", **words["file"])
    parser.add_argument("--url", default=env("PUBLIC_URL", ""), **words["url"])
    parser.add_argument("--write-key", default=env("WRITE_KEY", ""), **words["write_key"])
    parser.add_argument("--event", default="", **words["event"])
    parser.add_argument("--map", action="append", default=[], **words["map"])
    parser.add_argument("--set", action="append", default=[], **words["set"])
    parser.add_argument("--timezone", default="UTC", **words["timezone"])
    parser.add_argument("--encoding", default="utf-8", **words["encoding"])
    parser.add_argument("--delimiter", default="", **words["delimiter"])
    parser.add_argument("--id", default="", **words["id"])
    parser.add_argument("--state", default=".", **words["state"])
    parser.add_argument("--resume", action="store_true", **words["resume"])
    parser.add_argument("--connections", type=int, default=CONNECTIONS, **words["connections"])
    return _checked(parser.parse_args())


def _checked(options: argparse.Namespace) -> argparse.Namespace:
    for what in ("url", "write_key"):
        if not getattr(options, what):
            raise CannotStart(NEEDED, what=f"--{what.replace('_', '-')}")
    try:
        "a".encode(options.encoding)  # looks it up, and refuses what is not for text
    except LookupError:
        raise CannotStart(BAD_ENCODING, encoding=options.encoding) from None
    options.delimiter = options.delimiter.replace("\\t", "\t")
    if len(options.delimiter) > 1:
        raise CannotStart(BAD_DELIMITER)
    if not 1 <= options.connections <= 8:
        raise CannotStart(BAD_CONNECTIONS)
    if options.id and not re.fullmatch(r"[\w.-]{1,100}", options.id):
        raise CannotStart(BAD_ID)
    return options


def _lines(options: argparse.Namespace) -> list[Column]:
    lines = [Column.read(given) for given in options.map] + [Column.read(given, True) for given in options.set]
    return lines + ([Column("name", options.event, constant=True)] if options.event else [])


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CannotStart(NO_ZONE, zone=name) from None


def _progress(options: argparse.Namespace, path: Path, identity: str) -> Progress:
    progress = Progress(Path(options.state), path.name, identity, [0] * options.connections)
    if options.resume and progress.go_on():
        say(GOING_ON, rows=progress.tally.rows)
        return progress
    if options.resume:
        say(BEGINNING, file=str(progress.file))
    progress.begin()
    return progress


def _summary(progress: Progress, meter: "Meter") -> int:
    tally, seconds = progress.tally, max(time.monotonic() - meter.began, 0.001)
    words = {"sent": tally.sent, "duplicates": tally.duplicates, "rejected": tally.rejected}
    say(DONE, **words, seconds=seconds, rate=(tally.rows - meter.rows_before) / seconds)
    if tally.rejected:
        say(SEE, file=str(progress.rejected_file))
    return SOME_REJECTED if tally.rejected else 0


class Meter:
    """A bar in a terminal, else a line now and then, on stderr."""

    def __init__(self, rows: RowFile, progress: Progress):
        self.rows, self.progress = rows, progress
        self.is_terminal = sys.stderr.isatty()
        self.began = self.told_at = time.monotonic()
        self.rows_before = progress.tally.rows

    def tick(self) -> None:
        """A batch was answered."""
        now = time.monotonic()
        if now - self.told_at < (0.1 if self.is_terminal else TELL_EVERY_S):
            return
        self.told_at = now
        share, tally = self.rows.share_read(), self.progress.tally
        rate = (tally.rows - self.rows_before) / max(now - self.began, 0.001)
        line = in_terminal_language(LINE, share=share, rows=tally.rows, rate=rate, rejected=tally.rejected)
        if self.is_terminal:
            full = round(share * METER_WIDTH)
            line = f"\r{'█' * full}{'░' * (METER_WIDTH - full)}  {line}\033[K"
        print(line, end="" if self.is_terminal else "\n", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.is_terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
