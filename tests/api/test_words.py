"""Every error says what to do next in both languages."""

import re
from pathlib import Path

import pytest

from api.words import CHINESE

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r'code="((?:event|request|auth|link|sandbox|receipts|rate):[a-z_]+)"')


def codes():
    sources = [*(ROOT / "api").glob("*.py"), *(ROOT / "journey_engine").glob("*.py")]
    sources += (ROOT / "journey_engine" / "pipeline").glob("*.py")
    return sorted({code for source in sources for code in CODE.findall(source.read_text())})


def test_the_codes_are_found():
    assert len(codes()) > 15


@pytest.mark.parametrize("code", codes())
def test_an_error_of_a_door_has_its_chinese_sentence(code):
    assert CHINESE[code].strip()
