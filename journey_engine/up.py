"""`journey up`: the whole engine on this machine, from an empty folder to a page one can open.

Checks first, then PostgreSQL, Valkey, tables, sandbox, web and workers, and last the demo shop; `ready.json` is
there exactly while everything answers. Ctrl-C, SIGTERM or any error stops all of it in reverse; after kill -9 the
kernel does.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import requests

from journey_engine.config import database_url as with_driver
from journey_engine.console import CannotStart, in_terminal_language, say
from journey_engine.embedded import dies_with_parent, last_lines
from journey_engine.installation import BUNDLED, Installation, check_port, write_private
from journey_engine.nursery import COMMAND as NURSERY
from journey_engine.nursery import Nursery, adopt_orphans, bury_strangers
from journey_engine.supervise import LOOK_EVERY_S, Service, Supervisor
from journey_engine.text import Text

READY_WITHIN_S = 120
OPERATOR_EMAIL = "operator@example.com"
WORKERS = ("turns", "turns", "deliveries", "deliveries", "chores")
"""Two of those that customers wait for, so that one may end and the other goes on."""

COMMAND = [sys.executable, "-m", "journey_engine.cli"]
OWN = {
    "stdin": subprocess.DEVNULL,
    "start_new_session": True,  # Ctrl-C is for us, who stop the others in order
    "preexec_fn": dies_with_parent(signal.SIGTERM),
}

ABOUT = Text(
    "Starts everything on this machine and stops it again with Ctrl-C.", "在本机启动全部服务，按 Ctrl-C 停止。"
)
PORT_HELP = Text("where the editor and the API listen (PORT, default 8080)", "编辑器与 API 的端口（PORT，默认 8080）")
HOST_HELP = Text("0.0.0.0 to be reached from other machines (HOST)", "设为 0.0.0.0 可供其他机器访问（HOST）")
STATE_HELP = Text(
    "the folder that keeps everything (STATE, default .state)", "保存全部数据的目录（STATE，默认 .state）"
)
DEMO_HELP = Text("without the demo shop's traffic (DEMO=0)", "不启动示例商店的流量（DEMO=0）")
STARTING = Text("Starting {name} …", "正在启动 {name} …")
TABLES = Text("Preparing the tables …", "正在准备数据表 …")
FURNISHING = Text("Setting up the workspace …", "正在准备工作区 …")
READY = Text(
    "\nReady after {seconds:.0f} s.\n  Open      {url}\n  Sign in   {email}\n  Password  {password}\n"
    "Everything is kept in {folder}. Ctrl-C stops it.",
    "\n{seconds:.0f} 秒后就绪。\n  打开  {url}\n  账号  {email}\n  密码  {password}\n"
    "数据保存在 {folder}。按 Ctrl-C 停止。",
)
STOPPING = Text("\nStopping …", "\n正在停止 …")
STOPPED = Text("Stopped. Nothing is running any more.", "已停止，没有遗留进程。")
NO_TABLES = Text("The tables could not be prepared. The reason: {words}", "数据表准备失败。原因：{words}")
NOT_READY = Text(
    "The engine did not get ready: {name} does not stay up. It said: {words}",
    "引擎未能就绪：{name} 无法保持运行。它的输出：{words}",
)
TOO_SLOW = Text(
    "The engine did not get ready within {seconds} s. The logs are in {folder}.",
    "引擎在 {seconds} 秒内未能就绪。日志位于 {folder}。",
)
BAD_PORT = Text("PORT={port} is not a port between 1 and 65535.", "PORT={port} 不是 1 到 65535 之间的端口。")


def main():
    options = read_options()
    if not (options.port.isdecimal() and 0 < int(options.port) < 65536):
        raise CannotStart(BAD_PORT, port=options.port)
    up(Installation(options.state), options.host, int(options.port), with_demo=not options.no_demo)


def read_options():
    """Each option can be given by an environment variable too, which is how `make up PORT=9000` hands it on."""
    environment = os.environ.get
    parser = argparse.ArgumentParser(description=in_terminal_language(ABOUT))
    parser.add_argument("--port", default=environment("PORT") or "8080", help=in_terminal_language(PORT_HELP))
    parser.add_argument("--host", default=environment("HOST") or "127.0.0.1", help=in_terminal_language(HOST_HELP))
    parser.add_argument("--state", default=environment("STATE") or ".state", help=in_terminal_language(STATE_HELP))
    without_demo = {"action": "store_true", "default": environment("DEMO") == "0"}
    parser.add_argument("--no-demo", **without_demo, help=in_terminal_language(DEMO_HELP))
    return parser.parse_args()


def up(installation, host, port, with_demo=True):
    """Runs the engine until it is told to stop."""
    began = time.monotonic()
    told_to_stop_by(interrupt)
    with installation.held():
        check_port(host, port)
        installation.check_room()
        engine = Engine(installation, host, port)
        try:
            engine.start(with_demo)
            wait_until_ready(engine)
            write_private(installation.ready_file, engine.ready)
            say(READY, seconds=time.monotonic() - began, folder=installation.folder, **engine.welcome)
            keep_running(engine)
        except KeyboardInterrupt:
            say(STOPPING)
        finally:
            installation.ready_file.unlink(missing_ok=True)
            engine.supervisor.stop()
        say(STOPPED)


def keep_running(engine):
    """Looks after everything until a signal interrupts it."""
    while True:
        engine.installation.trim_logs()
        minute_ends = time.monotonic() + 60
        while time.monotonic() < minute_ends:
            time.sleep(LOOK_EVERY_S)
            engine.supervisor.look()
            bury_strangers(engine.supervisor.services)


def interrupt(*_):
    """The first signal ends the run; the next ones find us stopping already."""
    told_to_stop_by(signal.SIG_IGN)
    raise KeyboardInterrupt


def told_to_stop_by(handler):
    signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGTERM, handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # `nohup` asked for a closed terminal not to matter
        signal.signal(signal.SIGHUP, handler)


class Engine:
    """The servers of one installation, what they are told about each other, and in which order they start."""

    def __init__(self, installation, host, port):
        self.installation, self.host, self.port = installation, host, port
        self.supervisor = Supervisor()
        self.nursery = Nursery("nursery", self._start_nursery, stage=3, log=str(installation.log("nursery")))
        self.kept = kept = installation.secrets()
        self.url = os.environ.get("PUBLIC_URL") or f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
        self.sandbox_url = f"http://127.0.0.1:{kept['sandbox_port']}"
        self.environment = os.environ | {
            "HOST": host,
            "PORT": str(port),
            "PUBLIC_URL": self.url,
            "SECRET_KEY": os.environ.get("SECRET_KEY") or kept["secret_key"],
            "SANDBOX_URL": self.sandbox_url,
            "SANDBOX_SMTP_PORT": str(kept["sandbox_smtp_port"]),
            "SANDBOX_TOKEN": kept["sandbox_token"],
            "ALLOWED_OUTGOING": ",".join(
                filter(None, (os.environ.get("ALLOWED_OUTGOING"), f"127.0.0.1:{kept['sandbox_port']}"))
            ),
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def ready(self):
        """What `ready.json` tells the owner of the folder."""
        return {
            "url": self.url,
            "operator_email": OPERATOR_EMAIL,
            "operator_password": self.kept["operator_password"],
            "admin_key": self.kept["admin_key"],
            "write_key": self.kept["write_key"],
            "sandbox_url": self.sandbox_url,
        }

    @property
    def welcome(self):
        return {"url": self.url, "email": OPERATOR_EMAIL, "password": self.kept["operator_password"]}

    def start(self, with_demo):
        self.start_bundled()
        self.keep_a_nursery()
        self.start_sandbox()
        self.prepare_tables()
        self.furnish()
        self.start_own("web", ["web"])
        for number, queue in enumerate(WORKERS, 1):
            self.start_own(f"worker-{queue}-{number}", ["worker", queue])
        if with_demo:
            own = {"WRITE_KEY": self.kept["write_key"], "ADMIN_KEY": self.kept["admin_key"]}
            self.start_own("demo", ["demo"], stage=4, **own)

    def start_bundled(self):
        """Our PostgreSQL and our Valkey, each unless the operator named another by its variable."""
        for stage, (variable, server_of) in enumerate(BUNDLED.items()):
            if not os.environ.get(variable):
                server = server_of(self.installation.folder, self.kept)
                say(STARTING, name=server.name)
                how = {"start_again": server.spawn, "log": str(server.log), "stop_signal": server.stop_signal}
                self.supervisor.add(Service(server.name, server.start, stage, **how))
                self.environment[variable] = server.url

    def start_sandbox(self):
        ports = ["--port", str(self.kept["sandbox_port"]), "--smtp-port", str(self.kept["sandbox_smtp_port"])]
        self.start_own("sandbox", ["sandbox", *ports, "--state", str(self.installation.folder / "sandbox")], stage=2)

    def prepare_tables(self):
        say(TABLES)
        done = subprocess.run([*COMMAND, "migrate"], env=self.environment, capture_output=True, text=True, **OWN)
        if done.returncode:
            raise CannotStart(NO_TABLES, words=last_lines(done.stderr))

    def furnish(self):
        """The workspace, its operator and keys: made at the first start, found at every other."""
        say(FURNISHING)
        os.environ.update(self.environment)
        import_module("journey_engine.provision").provision(
            database_url=with_driver(self.environment["DATABASE_URL"]),
            secret_key=self.environment["SECRET_KEY"],
            **{name: value for name, value in self.ready.items() if name != "url"},
        )

    def start_own(self, name, arguments, stage=3, **more):
        """One of the engine's own processes, its words going to a log of its name."""
        say(STARTING, name=name)
        path = self.installation.log(name)

        def start():
            with open(path, "ab") as log:
                return subprocess.Popen(COMMAND + arguments, env=self.environment | more, stdout=log, stderr=log, **OWN)

        def start_loaded():
            return self.nursery.bring_forth(arguments, path) or start()

        may_be_born = arguments[0] in ("web", "worker")
        self.supervisor.add(Service(name, start_loaded if may_be_born else start, stage, log=str(path)))

    def keep_a_nursery(self):
        """From now on it loads what all others need, while the tables are prepared, and then starts them at once."""
        if adopt_orphans():
            self.supervisor.add(self.nursery)

    def _start_nursery(self):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with open(self.nursery.log, "ab") as log:
            return subprocess.Popen(NURSERY, env=self.environment, stderr=log, **OWN | pipes)


def wait_until_ready(engine):
    """Returns when the web server says that all is well; a service that keeps ending is named with its last words."""
    deadline = time.monotonic() + READY_WITHIN_S
    while not answers(engine.port):
        engine.supervisor.look()
        for service in engine.supervisor.services:
            if service.deaths >= 3:
                words = last_lines(Path(service.log).read_text(errors="replace"))
                raise CannotStart(NOT_READY, name=service.name, words=words)
        if time.monotonic() > deadline:
            raise CannotStart(TOO_SLOW, seconds=READY_WITHIN_S, folder=engine.installation.folder / "logs")
        time.sleep(LOOK_EVERY_S)


def answers(port):
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False
