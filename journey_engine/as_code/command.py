"""`journey validate`, `diff`, `apply`, `export` and `import`: journey files checked, and kept level with a server."""

import argparse
import os
import re
from pathlib import Path
from typing import Any

from journey_engine import graph
from journey_engine.as_code.changes import changes
from journey_engine.as_code.files import JourneyFile, in_its_place, load, write
from journey_engine.as_code.server import Server
from journey_engine.console import CannotStart, in_terminal_language, say
from journey_engine.door import Door, DoorClosed
from journey_engine.text import Text

PATIENCE_S = 30.0
PROBLEMS = 1
DIFFERENT = 1
UNSAFE = re.compile(r"[^\w.-]+")

URL = Text("the server (PUBLIC_URL)", "服务器地址（PUBLIC_URL）")
KEY = Text("an API key that may edit (JOURNEY_KEY)", "可编辑的 API 密钥（JOURNEY_KEY）")
FILES = Text("journey files, YAML or JSON", "旅程文件，YAML 或 JSON")
NAMED = Text(
    "the journey's name or id on the server (default: the name in the file)",
    "服务器上的旅程名称或 id（默认取文件中的名称）",
)
NEEDED = Text("Give {what}.", "请提供 {what}。")
GOOD = Text("{file}: no problems, {n} nodes.", "{file}：没有问题，共 {n} 个节点。")
PROBLEM = Text("{file}: {severity}: {message} {remedy}{nodes}", "{file}：{severity}：{message}{remedy}{nodes}")
SEVERITY = {"error": Text("error", "错误"), "warning": Text("warning", "警告")}
NEW = Text("{name} is not there yet.", "服务器上还没有“{name}”。")
LEVEL = Text("{name} is as in {file}.", "“{name}”与 {file} 一致。")
CREATED = Text("{name} was created as a draft ({id}).", "已创建草稿“{name}”（{id}）。")
SAVED = Text("The draft of {name} was saved as revision {revision}.", "“{name}”的草稿已保存为修订 {revision}。")
PUBLISHED = Text("{name} is live as version {version}.", "“{name}”已发布为版本 {version}。")
UNCHANGED = Text("The version that is live is this one already.", "线上版本已与文件一致。")
WRITTEN = Text("{name} was written to {file}.", "“{name}”已写入 {file}。")
TAKEN = Text(
    "{file} exists already. Move it away or give --overwrite.", "{file} 已存在。请移走它，或使用 --overwrite。"
)


def validate() -> int:
    """Check journey files without a server; 1 when one cannot be published."""
    parser = _parser(Text("Checks journey files without a server.", "无需服务器，检查旅程文件。"))
    parser.add_argument("files", nargs="+", type=Path, help=in_terminal_language(FILES))
    return PROBLEMS if sum(_problems(file, load(file)) for file in parser.parse_args().files) else 0


def _problems(path: Path, file: JourneyFile) -> int:
    """Say what is wrong with a file; how many errors."""
    found = graph.check(file.graph)
    for one in found:
        _say_problem(path, one.to_json())
    errors = sum(one.severity == "error" for one in found)
    if not errors:
        say(GOOD, file=path, n=len(file.graph.get("nodes", [])))
    return errors


def _say_problem(file: Path | str, told: dict[str, Any]) -> None:
    nodes = f" [{', '.join(told['nodes'])}]" if told["nodes"] else ""
    message, remedy = Text(**told["message"]), Text(**told["remedy"])
    say(PROBLEM, file=file, severity=SEVERITY[told["severity"]], message=message, remedy=remedy, nodes=nodes)


def diff() -> int:
    """Say what a file would change on the server; 1 when something."""
    parser = _parser(Text("Says what a journey file would change.", "说明旅程文件会带来哪些变化。"), server=True)
    parser.add_argument("files", nargs="+", type=Path, help=in_terminal_language(FILES))
    parser.add_argument("--as", dest="named", default="", help=in_terminal_language(NAMED))
    options = parser.parse_args()
    server = _server(options)
    return DIFFERENT if any([_differs(server, path, options.named) for path in options.files]) else 0


def _differs(server: Server, path: Path, named: str) -> bool:
    file = load(path)
    journey = server.find(named or file.name)
    if journey is None:
        say(NEW, name=named or file.name)
        return True
    document = in_its_place(server.at_home(file), journey["draft"]["graph"])
    return _say_changes(path, journey, document, file.name if not named else journey["name"])


def _say_changes(path: Path, journey: dict[str, Any], document: dict[str, Any], name: str) -> bool:
    lines = changes(journey["draft"]["graph"], document)
    if not lines and name == journey["name"]:
        say(LEVEL, name=journey["name"], file=path)
        return False
    print(f"{journey['name']}:" if name == journey["name"] else f"{journey['name']} → {name}:")
    for line in lines:
        print("  " + in_terminal_language(line))
    return True


def apply() -> int:
    """Make the server's journeys what the files say; done again it changes nothing."""
    parser = _parser(Text("Makes journeys what their files say.", "使服务器上的旅程与文件一致。"), server=True)
    parser.add_argument("files", nargs="+", type=Path, help=in_terminal_language(FILES))
    parser.add_argument("--as", dest="named", default="", help=in_terminal_language(NAMED))
    publish = Text("publish what was applied", "应用后发布")
    parser.add_argument("--publish", action="store_true", help=in_terminal_language(publish))
    standing = Text("what happens to customers inside (default: finish)", "旅程中的客户如何处理（默认 finish）")
    choices = ("finish", "move", "exit")
    parser.add_argument("--standing", choices=choices, default="finish", help=in_terminal_language(standing))
    options = parser.parse_args()
    server = _server(options)
    for path in options.files:
        _apply(server, path, options)
    return 0


def _apply(server: Server, path: Path, options: argparse.Namespace) -> None:
    file = load(path)
    document = server.at_home(file)
    journey = server.find(options.named or file.name)
    name = file.name if journey is None or not options.named else journey["name"]
    if journey is None:
        journey = server.create(name, document)
        say(CREATED, name=name, id=journey["id"])
    elif _say_changes(path, journey, document := in_its_place(document, journey["draft"]["graph"]), name):
        revision = server.save(journey, name, document)
        say(SAVED, name=name, revision=revision)
        journey = server.door.get(f"/api/v1/journeys/{journey['id']}")
    if options.publish:
        _publish(server, journey, options.standing)


def _publish(server: Server, journey: dict[str, Any], standing: str) -> None:
    if journey["status"] == "live" and journey["live_version"]:
        live = server.door.get(f"/api/v1/journeys/{journey['id']}/versions/{journey['live_version']}")
        if not changes(live["graph"], journey["draft"]["graph"]):
            say(UNCHANGED)
            return
    try:
        answer = server.publish(journey["id"], journey["draft"]["revision"], standing)
    except DoorClosed as refused:
        where = refused.said.get("where") or {}
        for one in where.get("problems") or []:
            _say_problem(journey["name"], one)
        raise
    say(PUBLISHED, name=journey["name"], version=answer["version"])


def export() -> int:
    """Write journeys of a server to files, or one to the terminal."""
    parser = _parser(Text("Writes journeys to files.", "将旅程写入文件。"), server=True)
    names = Text("names or ids (default: all that are not archived)", "名称或 id（默认全部未归档的旅程）")
    parser.add_argument("names", nargs="*", help=in_terminal_language(names))
    folder = Text(
        "folder for the files; without it one journey goes to the terminal", "文件夹；不指定则将一个旅程输出到终端"
    )
    parser.add_argument("--dir", type=Path, help=in_terminal_language(folder))
    as_json = Text("JSON instead of YAML", "使用 JSON 而非 YAML")
    parser.add_argument("--json", action="store_true", help=in_terminal_language(as_json))
    over = Text("replace files that exist", "覆盖已有文件")
    parser.add_argument("--overwrite", action="store_true", help=in_terminal_language(over))
    options = parser.parse_args()
    server, form = _server(options), "json" if options.json else "yaml"
    wanted = options.names or [one["id"] for one in server.listed("journey") if one["status"] != "archived"]
    if options.dir is None and len(wanted) != 1:
        raise CannotStart(NEEDED, what="--dir")
    for name in wanted:
        journey = server.get(name)
        text = write(server.export(journey), form)
        if options.dir is None:
            print(text, end="")
        else:
            _write(options, journey, text, form)
    return 0


def _write(options: argparse.Namespace, journey: dict[str, Any], text: str, form: str) -> None:
    options.dir.mkdir(parents=True, exist_ok=True)
    path = options.dir / f"{UNSAFE.sub('-', journey['name']).strip('-.') or journey['id']}.{form}"
    if path.exists() and not options.overwrite:
        raise CannotStart(TAKEN, file=path)
    path.write_text(text, encoding="utf-8")
    say(WRITTEN, name=journey["name"], file=path)


def import_() -> int:
    """Add the journeys of files to a server, each as a new draft."""
    parser = _parser(
        Text("Adds journeys from files, each as a new draft.", "将文件中的旅程各自添加为新草稿。"), server=True
    )
    parser.add_argument("files", nargs="+", type=Path, help=in_terminal_language(FILES))
    options = parser.parse_args()
    server = _server(options)
    for path in options.files:
        file = load(path)
        made = server.create(file.name, server.at_home(file))
        say(CREATED, name=file.name, id=made["id"])
    return 0


def _parser(about: Text, server: bool = False) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=in_terminal_language(about))
    if server:
        parser.add_argument("--url", default=os.environ.get("PUBLIC_URL", ""), help=in_terminal_language(URL))
        parser.add_argument("--key", default=os.environ.get("JOURNEY_KEY", ""), help=in_terminal_language(KEY))
    return parser


def _server(options: argparse.Namespace) -> Server:
    for name in ("url", "key"):
        if not getattr(options, name):
            raise CannotStart(NEEDED, what=f"--{name}")
    return Server(Door(options.url, options.key, "JOURNEY_KEY", PATIENCE_S))
