"""`journey doctor`: what this installation is made of, and what it lacks."""

import os
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import redis
from sqlalchemy import text

from journey_engine.console import say
from journey_engine.errors import JourneyError
from journey_engine.installation import LEAST_FREE_BYTES, Installation
from journey_engine.store.session import engine_for, migration_state, transaction
from journey_engine.text import Text

EDITOR = Path(__file__).resolve().parents[1] / "api" / "static" / "editor" / "index.html"
OLDEST_POSTGRES = 15

GOOD, BAD = Text("ok     {what}", "正常  {what}"), Text("wrong  {what}", "异常  {what}")
RELEASE = Text("Journey Engine {release}, Python {python}", "Journey Engine {release}，Python {python}")
NO_ADDRESS = Text(
    "{name} is not set and nothing runs in {folder}. Set it, or run `journey up` there",
    "未设置 {name}，且 {folder} 中没有运行中的服务。请设置它，或在该目录运行 `journey up`",
)
UNREACHED = Text("{name} cannot be reached: {why}", "无法连接 {name}：{why}")
REACHED = Text("{name} {version} answers", "{name} {version} 可用")
TOO_OLD = Text(
    "PostgreSQL {version} answers, but {oldest} is the oldest that works",
    "PostgreSQL {version} 可连接，但最低需要 {oldest}",
)
TABLES_FIT = Text("The tables are those of this release ({revision})", "数据表与当前版本一致（{revision}）")
TABLES_DIFFER = Text(
    "The tables are at {has}, this release needs {needs}. Run `journey migrate`",
    "数据表版本为 {has}，当前版本需要 {needs}。请运行 `journey migrate`",
)
ROOM = Text("{free} GB are free for {folder}", "{folder} 可用空间 {free} GB")
NO_ROOM = Text("Only {free} GB are free for {folder}. Make room", "{folder} 仅剩 {free} GB。请清理空间")
EDITOR_BUILT = Text("The editor is built", "编辑器已构建")
EDITOR_MISSING = Text("The editor is not built. Run `make editor`", "编辑器尚未构建。请运行 `make editor`")


def main():
    """Prints one line for each finding; the exit code is 1 when one of them is wrong."""
    installation = Installation(os.environ.get("STATE") or ".state")
    say(GOOD, what=release())
    findings = [*database(installation), *queue(installation), room(installation), editor()]
    for well, what in findings:
        say(GOOD if well else BAD, what=what)
    return 0 if all(well for well, _ in findings) else 1


def release():
    return RELEASE.format(release=version("journey-engine"), python=platform.python_version())


def database(installation):
    """Whether PostgreSQL answers, is new enough, and has this release's tables."""
    url = os.environ.get("DATABASE_URL") or installation.addresses().get("DATABASE_URL")
    if not url:
        return [(False, NO_ADDRESS.format(name="DATABASE_URL", folder=str(installation.folder)))]
    try:
        with transaction(engine_for(url)) as connection:
            told = connection.execute(text("SHOW server_version")).scalar()
        has, needs = migration_state(url)
    except JourneyError as error:
        return [(False, UNREACHED.format(name="PostgreSQL", why=str(error.__cause__ or error).splitlines()[0]))]
    enough = int(told.split(".")[0]) >= OLDEST_POSTGRES
    answer = REACHED.format(name="PostgreSQL", version=told)
    fits = TABLES_FIT.format(revision=needs) if has == needs else TABLES_DIFFER.format(has=has or "–", needs=needs)
    return [(enough, answer if enough else TOO_OLD.format(version=told, oldest=OLDEST_POSTGRES)), (has == needs, fits)]


def queue(installation):
    """Whether Valkey or Redis answers."""
    url = os.environ.get("REDIS_URL") or installation.addresses().get("REDIS_URL")
    if not url:
        return [(False, NO_ADDRESS.format(name="REDIS_URL", folder=str(installation.folder)))]
    try:
        with redis.Redis.from_url(url, socket_timeout=5) as connection:
            told = connection.info("server")
    except redis.RedisError as why:
        return [(False, UNREACHED.format(name="Redis", why=str(why)))]
    name = "Valkey" if "valkey_version" in told else "Redis"
    return [(True, REACHED.format(name=name, version=told.get("valkey_version") or told["redis_version"]))]


def room(installation):
    """Whether the disk of the state folder has room."""
    folder = next(path for path in (installation.folder, *installation.folder.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    told = {"free": round(free / 1e9, 1), "folder": str(folder)}
    return (True, ROOM.format(**told)) if free > LEAST_FREE_BYTES else (False, NO_ROOM.format(**told))


def editor():
    return (True, EDITOR_BUILT) if EDITOR.exists() else (False, EDITOR_MISSING)
