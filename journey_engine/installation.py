"""The state folder of an installation: its lock, its secrets and ports, its logs. All of it is the owner's alone."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import socket
import time
from pathlib import Path

from journey_engine.console import CannotStart
from journey_engine.embedded import Postgres, Valkey, free_port
from journey_engine.text import Text

LEAST_FREE_BYTES = 500_000_000  # PostgreSQL's files and its log of changes, with room for a first day
PORT_PATIENCE_S = 5  # a server that was just killed lets go of its port a moment later
LOG_KEPT_BYTES = 20_000_000

LOCKED = Text(
    "Journey Engine already runs in {folder}. Stop it first, or choose another folder: make up STATE=…",
    "Journey Engine 已在 {folder} 中运行。请先停止它，或选择其他目录：make up STATE=…",
)
NOT_WRITABLE = Text(
    "The state folder {folder} cannot be written: {why}. Choose another: make up STATE=…",
    "无法写入状态目录 {folder}：{why}。请选择其他目录：make up STATE=…",
)
DISK_FULL = Text(
    "Only {free} MB are free where {folder} is; {least} MB are needed. "
    "Make room, or choose another disk: make up STATE=…",
    "{folder} 所在磁盘仅剩 {free} MB，至少需要 {least} MB。请清理空间，或换一个磁盘：make up STATE=…",
)
PORT_TAKEN = Text(
    "Port {port} is taken by another program. Choose another: make up PORT={other}",
    "端口 {port} 已被其他程序占用。请选择其他端口：make up PORT={other}",
)


class Installation:
    """One state folder, held by one process at a time."""

    def __init__(self, folder):
        self.folder = Path(folder).absolute()
        self.ready_file = self.folder / "ready.json"

    @contextlib.contextmanager
    def held(self):
        """Holds the folder for as long as the block runs; the kernel lets go of it however the process ends."""
        with self._lock_file() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as held:
                raise CannotStart(LOCKED, folder=self.folder) from held
            try:
                yield self
            finally:
                self.ready_file.unlink(missing_ok=True)

    def _lock_file(self):
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / "logs").mkdir(exist_ok=True)
            return open(self.folder / "lock", "w")
        except OSError as why:
            raise CannotStart(NOT_WRITABLE, folder=self.folder, why=why.strerror) from why

    def check_room(self):
        free = shutil.disk_usage(self.folder).free
        if free < LEAST_FREE_BYTES:
            least = LEAST_FREE_BYTES // 1_000_000
            raise CannotStart(DISK_FULL, folder=self.folder, free=free // 1_000_000, least=least)

    def secrets(self):
        """What was drawn by lot at the first start, and the ports chosen then if they are still free."""
        file = self.folder / "secrets.json"
        kept = json.loads(file.read_text()) if file.exists() else {}
        drawn = {name: draw() for name, draw in DRAWN_ONCE.items()} | kept
        ports = set()
        for server in ("postgres", "valkey", "sandbox", "sandbox_smtp"):
            port = free_port(drawn.get(f"{server}_port", 0))
            while port in ports:
                port = free_port()
            drawn[f"{server}_port"] = port
            ports.add(port)
        write_private(file, drawn)
        return drawn

    def addresses(self):
        """Where the bundled servers of this folder listen when they run; nothing before the first start."""
        file = self.folder / "secrets.json"
        if not file.exists():
            return {}
        kept = json.loads(file.read_text())
        return {variable: server_of(self.folder, kept).url for variable, server_of in BUNDLED.items()}

    def log(self, name):
        """The log file of one process."""
        return self.folder / "logs" / f"{name}.log"

    def trim_logs(self):
        """Puts a log that has grown large aside; its process goes on appending to the emptied file."""
        for path in (*self.folder.glob("logs/*.log"), *self.folder.glob("*/server.log")):
            if path.stat().st_size > LOG_KEPT_BYTES:
                with contextlib.suppress(OSError):  # a full disk may be full of this
                    shutil.copyfile(path, path.with_suffix(".log.1"))
                os.truncate(path, 0)


def bundled_postgres(folder, kept):
    return Postgres(folder / "postgres", kept["database_password"], kept["postgres_port"])


def bundled_valkey(folder, kept):
    return Valkey(folder / "valkey", kept["redis_password"], kept["valkey_port"])


BUNDLED = {"DATABASE_URL": bundled_postgres, "REDIS_URL": bundled_valkey}
"""What stands in for each variable that the operator leaves unset, in the order of starting."""

DRAWN_ONCE = {
    "database_password": lambda: secrets.token_urlsafe(24),
    "redis_password": lambda: secrets.token_urlsafe(24),
    "secret_key": lambda: secrets.token_urlsafe(48),
    "sandbox_token": lambda: secrets.token_urlsafe(24),
    "operator_password": lambda: secrets.token_urlsafe(9),
    "admin_key": lambda: f"admin_{secrets.token_urlsafe(24)}",
    "write_key": lambda: f"write_{secrets.token_urlsafe(24)}",
}


def write_private(file, content):
    """Writes JSON that only its owner can read; whoever reads it sees the old or the new, never a half."""
    half = file.with_suffix(".new")
    half.unlink(missing_ok=True)
    with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(content, out, indent=2)
        out.flush()
        os.fsync(out.fileno())
    half.rename(file)


def check_port(host, port):
    """Refuses a port that is taken, after giving a server that was just killed a moment to let go of it."""
    deadline = time.monotonic() + PORT_PATIENCE_S
    while not can_listen(host, port):
        if time.monotonic() > deadline:
            raise CannotStart(PORT_TAKEN, port=port, other=port + 1)
        time.sleep(0.2)


def can_listen(host, port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((host, port))
            return True
    return False
