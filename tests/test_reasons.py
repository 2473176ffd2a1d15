"""Reasons in words: everything that may stand in a history has a sentence in both languages, with the values read."""

import ast
import re
from pathlib import Path

import pytest

from journey_engine import reasons
from journey_engine.reasons import CHECKS, REASONS, RECEIPTS, STOPPED, sentence
from journey_engine.text import NAME

ROOT = Path(__file__).parent.parent / "journey_engine"
FOLDERS = ("nodes", "triggers", "pipeline", "store", "memory", "model")
CHINESE = re.compile("[\u4e00-\u9fff]")
IN_SQL = (r"'why', '([a-z _-]+)'", r"end_reason = '([a-z _-]+)'", r"\"end_reason\": \"([a-z _-]+)\"")
TABLES = {"reasons": REASONS, "checks": CHECKS, "stopped": STOPPED, "receipts": RECEIPTS}


def files():
    return sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))


def constants(value, tree):
    """The texts that an expression may be."""
    if isinstance(value, ast.Constant):
        return {value.value} if isinstance(value.value, str) else set()
    if isinstance(value, ast.IfExp):
        return constants(value.body, tree) | constants(value.orelse, tree)
    if isinstance(value, ast.Name):
        made = (one for one in ast.walk(tree) if isinstance(one, ast.Assign))
        own = (one.value for one in made if any(isinstance(t, ast.Name) and t.id == value.id for t in one.targets))
        return {text for one in own if not isinstance(one, ast.Name) for text in constants(one, tree)}
    return set()


def words_in(file):
    """Every word that this module puts under `why`."""
    source = file.read_text()
    tree = ast.parse(source)
    found = {word for pattern in IN_SQL for word in re.findall(pattern, source)}
    for one in ast.walk(tree):
        if isinstance(one, ast.Dict):
            for key, value in zip(one.keys, one.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "why":
                    found |= constants(value, tree)
    return found - {"text"}  # the type of a column


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_reason_in_the_code_has_a_sentence(file):
    missing = words_in(file) - REASONS.keys()
    assert not missing, f"add a line for {sorted(missing)} to REASONS in journey_engine/reasons.py"


def test_the_words_are_really_found():
    found = set().union(*map(words_in, files()))
    assert {"exit_event", "stopped", "goal", "failed", "merged", "approved", "refused", "held out"} <= found
    assert len(found) > 40


def test_every_check_and_every_reason_of_a_suppressed_message_has_a_sentence():
    checks = re.findall(r"\.passes\(\s*\"(\w+)\"", (ROOT / "pipeline/checks.py").read_text())
    assert {"address", "consent", "account"} <= set(checks) <= CHECKS.keys()
    stopped = re.findall(r"THEN '(\w+)'", (ROOT / "store/outbox.py").read_text().partition("stopped_by")[0])
    assert set(stopped) - {"paused"} <= STOPPED.keys()
    for file in files():
        for reason in re.findall(r"'suppressed', reason = '(\w+)'", file.read_text()):
            assert reason in STOPPED, file.name


@pytest.mark.parametrize("table", TABLES)
def test_every_sentence_is_told_in_both_languages_with_the_same_values(table):
    for word, text in TABLES[table].items():
        english, chinese = (set(NAME.findall(half)) for half in text)
        assert english == chinese, word
        only_values = not re.sub(r"[{}\[\]\w\s]|[^\w]", "", NAME.sub("", text.en))
        assert CHINESE.search(text.zh) or only_values, word


@pytest.mark.parametrize("word", REASONS)
def test_a_sentence_leaves_no_gap_open_whatever_was_read(word):
    names = {name for half in REASONS[word] for name in NAME.findall(half)}
    full = sentence({"why": word, **{name: f"the {name}" for name in names}})
    bare = sentence({"why": word})
    for told in (*full, *bare):
        assert not re.search(r"[{}\[\]]", told), told
    assert all(f"the {name}" in full.en for name in names), full


def test_a_rule_tells_each_leaf_with_what_was_read():
    leaves = [{"leaf": {"attribute": "tier", "op": "is", "value": "gold"}, "read": None, "held": False}]

    told = sentence({"why": "rule", "held": False, "leaves": leaves})

    assert told.en == "tier is gold (read nothing): no"
    assert told.zh == "tier 是 gold（读到 无）：否"


def test_instants_are_told_as_the_clock_of_the_shop_shows_them():
    told = sentence({"why": "wait", "until": "2025-03-04T09:00:00+00:00"}, "Asia/Shanghai")

    assert told.en == "waits until 2025-03-04 17:00"
    assert reasons.instant_told("soon", "UTC") == "soon"
