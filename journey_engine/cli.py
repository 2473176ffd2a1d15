"""The `journey` command: each of its words names the place of its body, which is loaded only when it is asked for."""

import argparse
import os
import sys
from importlib import import_module

from journey_engine.console import complain, in_terminal_language
from journey_engine.errors import JourneyError
from journey_engine.text import Text

COMMANDS = {
    "up": Text("start everything on this machine", "在本机启动全部服务"),
    "web": Text("serve the editor and the API", "提供编辑器与 API"),
    "worker": Text("work one queue: turns, deliveries or chores", "处理一个队列：turns、deliveries 或 chores"),
    "migrate": Text("bring the database up to this release", "将数据库升级到当前版本"),
    "sandbox": Text("be the SMS and mail provider of a trial", "充当试用环境的短信与邮件服务商"),
    "demo": Text("send a small shop's traffic", "发送一个示例商店的流量"),
    "replay": Text("send the events of a CSV or JSONL file", "发送 CSV 或 JSONL 文件中的事件"),
    "validate": Text("check journey files", "检查旅程文件"),
    "test": Text("tell golden stories and compare what came of them", "演绎故事并比对结果"),
    "diff": Text("say what a journey file would change on a server", "说明旅程文件会给服务器带来哪些变化"),
    "apply": Text("make a server's journeys what their files say", "使服务器上的旅程与文件一致"),
    "export": Text("write a server's journeys to files", "将服务器上的旅程写入文件"),
    "import": Text("add journeys from files as drafts", "将文件中的旅程添加为草稿"),
    "doctor": Text("look whether this installation is well", "检查本安装是否正常"),
}

AS_CODE = {name: name for name in ("validate", "diff", "apply", "export")} | {"import": "import_"}
MODULES = {"test": "stories.command"}


def main():
    """Runs one command; what goes wrong in a foreseen way ends as one sentence, not as a traceback."""
    parser = argparse.ArgumentParser(
        prog="journey",
        usage="journey COMMAND [OPTION …]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="\n".join(f"  {name:9} {in_terminal_language(what)}" for name, what in COMMANDS.items()),
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help=argparse.SUPPRESS)
    command = parser.parse_args(sys.argv[1:2]).command
    sys.argv = [f"journey {command}", *sys.argv[2:]]
    try:
        sys.exit(body(command)())
    except JourneyError as error:
        complain(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def body(command):
    """What runs: a function of this module, of those for journey files, or the `main` of the module of that name."""
    here = {"web": web, "worker": worker, "migrate": migrate}
    if command in AS_CODE:
        return getattr(import_module("journey_engine.as_code.command"), AS_CODE[command])
    return here.get(command) or import_module(f"journey_engine.{MODULES.get(command, command)}").main


def web():
    """Becomes gunicorn, so that whoever supervises this process supervises the server."""
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "-c", "python:api.server", *sys.argv[1:]])


def worker():
    parser = argparse.ArgumentParser()
    parser.add_argument("queue", choices=("turns", "deliveries", "chores"))
    return import_module("worker").main(parser.parse_args().queue)


def migrate():
    argparse.ArgumentParser().parse_args()
    config = import_module("journey_engine.config").Config.from_env()
    import_module("journey_engine.store.session").migrate(config.database_url)


if __name__ == "__main__":
    main()
