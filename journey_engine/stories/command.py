"""`journey test`: tells the stories of a folder and compares what came of them with what they expect."""

import argparse
import difflib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from journey_engine.as_code.files import BadFile, load, parse
from journey_engine.console import CannotStart, in_terminal_language, say
from journey_engine.errors import JourneyError
from journey_engine.stories.telling import tell
from journey_engine.stories.world import BEGINNING, StoryWorld
from journey_engine.text import Text

FIELDS = {"journey", "journeys", "second version", "begins", "timezone", "cast", "events", "turns", "until", "expect"}
FAILED = 1

ABOUT = Text(
    "Tells golden stories on a clock of their own and compares what came of them. Nothing is sent.",
    "用虚拟时钟演绎故事并与预期结果比对；不会发送任何消息。",
)
WHERE = Text("files, or folders with *.yaml (default: here)", "文件，或含 *.yaml 的文件夹（默认当前目录）")
UPDATE = Text("write what came of each story into its file", "将实际结果写入故事文件")
NO_STORIES = Text(
    "There are no stories in {where}. A story is a YAML file with a journey, events and what is expected.",
    "{where} 中没有故事。故事是包含 journey、events 和 expect 的 YAML 文件。",
)
NOT_A_STORY = Text(
    "A story has a journey (a drawing or a file), events, and what is expected; {field} is not part of it.",
    "故事包含 journey（图或文件）、events 和 expect；其中没有 {field} 这一项。",
)
NO_JOURNEY = Text("The story names no journey.", "故事没有指定旅程。")
BAD_BEGINNING = Text(
    "{at!r} is not a moment; write it like 2026-03-02T09:00+08:00.",
    "{at!r} 不是有效时刻，应类似 2026-03-02T09:00+08:00。",
)
BAD_ZONE = Text("There is no time zone {zone!r}.", "没有时区 {zone!r}。")
NOT_TOLD = Text("The story cannot be told: {why}", "故事无法演绎：{why}")
TOLD = Text("ok      {file}", "通过    {file}")
WRITTEN = Text("written {file}", "已写入  {file}")
OTHERWISE = Text("FAILED  {file}", "未通过  {file}")
SUMMARY = Text("{good} of {all} stories ended as expected.", "{all} 个故事中有 {good} 个符合预期。")


def main() -> int:
    """Tell them all; 1 when one ended otherwise."""
    parser = argparse.ArgumentParser(description=in_terminal_language(ABOUT))
    parser.add_argument("where", nargs="*", default=["."], type=Path, help=in_terminal_language(WHERE))
    parser.add_argument("--update", action="store_true", help=in_terminal_language(UPDATE))
    options = parser.parse_args()
    files = stories_in(options.where)
    if not files:
        raise CannotStart(NO_STORIES, where=", ".join(map(str, options.where)))
    good = sum(_test(file, options.update) for file in files)
    say(SUMMARY, good=good, all=len(files))
    return 0 if good == len(files) else FAILED


def stories_in(where: list[Path]) -> list[Path]:
    """Files that were named, and those of the folders that tell of events."""
    found: list[Path] = []
    for place in where:
        if place.is_dir():
            found += [file for file in sorted(place.rglob("*.y*ml")) if _is_story(file)]
        else:
            found.append(place)
    return found


def _is_story(file: Path) -> bool:
    try:
        told = parse(file.read_text(), str(file))
    except (BadFile, OSError, UnicodeDecodeError):
        return False
    return isinstance(told, dict) and "events" in told and ("journey" in told or "journeys" in told)


def _test(file: Path, update: bool) -> bool:
    try:
        story = read(file)
        ending = tell(story, world_for(story, file))
    except (JourneyError, AssertionError, ValueError, KeyError, LookupError) as error:
        reason = getattr(error, "text", None) or NOT_TOLD.format(why=f"{type(error).__name__}: {error}")
        say(OTHERWISE, file=file)
        print("        " + in_terminal_language(reason), file=sys.stderr, flush=True)
        return False
    if ending == story.get("expect"):
        say(TOLD, file=file)
        return True
    if update:
        before = file.read_text().split("\nexpect:")[0].rstrip()
        file.write_text(f"{before}\n\n{_shown({'expect': ending})}")
        say(WRITTEN, file=file)
        return True
    say(OTHERWISE, file=file)
    _show_difference(story.get("expect") or {}, ending)
    return False


def read(file: Path) -> dict[str, Any]:
    """The story of a file, with the journeys that it names by their files; raises BadFile."""
    try:
        story = parse(file.read_text(), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(str(file), NOT_TOLD.format(why=str(error))) from error
    unknown = sorted(set(story) - FIELDS) if isinstance(story, dict) else ["…"]
    if unknown or not isinstance(story.get("events"), list):
        raise BadFile(str(file), NOT_A_STORY.format(field=unknown[0] if unknown else "events: …"))
    if not (story.get("journey") or story.get("journeys")):
        raise BadFile(str(file), NO_JOURNEY)
    for name in ("journey", "second version"):
        if name in story:
            story[name] = _drawn(story[name], file)
    if "journeys" in story:
        story["journeys"] = {name: _drawn(one, file) for name, one in story["journeys"].items()}
    return story


def _drawn(told: Any, file: Path) -> Any:
    return load(file.parent / told).graph if isinstance(told, str) else told


def world_for(story: dict[str, Any], file: Path) -> StoryWorld:
    """A world that begins when the story does, in its shop's zone, with its cast."""
    begins = story.get("begins")
    try:
        now = datetime.fromisoformat(begins) if begins else BEGINNING
    except (TypeError, ValueError) as error:
        raise BadFile(str(file), BAD_BEGINNING.format(at=begins)) from error
    if now.tzinfo is None:
        raise BadFile(str(file), BAD_BEGINNING.format(at=begins))
    zone = story.get("timezone", "Asia/Shanghai")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, TypeError, ValueError) as error:
        raise BadFile(str(file), BAD_ZONE.format(zone=zone)) from error
    return StoryWorld(now.astimezone(UTC), story.get("cast"), zone)


def _show_difference(expected: Any, ending: Any) -> None:
    lines = difflib.unified_diff(
        _shown(expected).splitlines(), _shown(ending).splitlines(), "expected", "ended", lineterm="", n=2
    )
    for line in lines:
        print(f"        {line}", flush=True)


def _shown(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=116)
