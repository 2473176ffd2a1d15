"""The house: who may import whom, every kind has cases and is told in both languages, every module says what it is."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from journey_engine.catalog import KINDS, SHELVES, catalog
from journey_engine.nodes import NODES
from journey_engine.triggers import TRIGGERS

ROOT = Path(__file__).parent.parent
CODE = sorted([*ROOT.glob("journey_engine/**/*.py"), *ROOT.glob("api/*.py"), ROOT / "worker.py"])
OURS = [file for file in CODE if "migrations" not in file.parts]
CHINESE = re.compile("[\u4e00-\u9fff]")
NEVER_SAID = {
    "campaign": "journey",
    "workflow": "journey",
    "contact": "customer",
    "entrance": "entry",
    "block": "node",
    "tile": "node",
    "timer": "wake",
}


def name(file):
    return str(file.relative_to(ROOT))


def test_imports_go_down_only():
    told = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout[-3000:]


@pytest.mark.parametrize("file", OURS, ids=name)
def test_a_module_says_first_what_lives_in_it(file):
    text = file.read_text()
    if text.strip():
        first = (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]
        assert first.endswith((".", ":")), "the first line is a sentence in the product's words"


@pytest.mark.parametrize("file", OURS, ids=name)
def test_a_module_names_things_by_the_glossary(file):
    names = {
        node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    for one in names:
        words = set(re.findall(r"[a-z]+", re.sub(r"([A-Z])", r"_\1", one).lower()))
        assert not words & NEVER_SAID.keys(), {word: NEVER_SAID[word] for word in words & NEVER_SAID.keys()}


def test_no_file_knows_where_it_was_written():
    for file in [*CODE, *ROOT.glob("tests/**/*.py"), *ROOT.glob("bench/*.py"), *ROOT.glob("docs/*.md")]:
        if file != Path(__file__):
            assert not re.search(r"(?<![\w.])/(work|home|root|Users)/\w", file.read_text()), name(file)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_cases(kind):
    folder = "triggers" if kind in TRIGGERS else "nodes"
    cases = json.loads((ROOT / "tests" / folder / f"{kind}.json").read_text())
    assert cases
    assert all(len(case["description"].split()) >= 2 for case in cases), "a case is described by a sentence"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told_in_both_languages(kind):
    one = KINDS[kind].to_catalog()
    assert one["shelf"] in SHELVES
    for text in texts_of(one):
        assert text["en"], text
        assert CHINESE.search(text["zh"]) or text["zh"] == text["en"], text
    for told in (one["title"], one["help"], one["sentence"]):
        assert CHINESE.search(told["zh"]), told
    settings = {setting["name"] for setting in one["settings"]}
    for language in ("en", "zh"):
        assert set(re.findall(r"\{(\w+)\}", one["sentence"][language])) <= settings


def texts_of(tree):
    if isinstance(tree, dict) and tree.keys() == {"en", "zh"}:
        yield tree
    elif isinstance(tree, dict | list):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from texts_of(part)


@pytest.mark.parametrize(("folder", "kinds"), [("nodes", NODES), ("triggers", TRIGGERS)])
def test_every_file_of_a_kind_is_listed(folder, kinds):
    shared = {"__init__", "base", "sending", "waiting"}
    files = {file.stem for file in (ROOT / "journey_engine" / folder).glob("*.py")} - shared
    assert files == set(kinds)


def test_the_catalog_is_json_and_lists_each_kind_once():
    listed = [one["kind"] for one in json.loads(json.dumps(catalog()))["kinds"]]
    assert listed == list(KINDS)
