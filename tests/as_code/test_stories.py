"""`journey test`: a shop's own stories are told on a virtual clock, and one that ends otherwise says how."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "stories"

STORY = """\
# Ann is greeted and waits a day.
journey: {journey}
begins: 2026-03-02T09:00+08:00
cast:
  ann: {{phone: "+8613800138000"}}
events:
  - {{at: 0s, who: ann, event: Signed Up}}
  - {{at: 2h, who: bob, event: Signed Up}}

expect:
  ann:
  - walk: registered:next hello:next pause pause:next end
    end: 'completed: end'
    entered: 0s
    messages:
    - sms queued from hello at 0s
  bob:
  - walk: {bobs} pause pause:next end
    end: 'completed: end'
    entered: 2h
"""


def journey_test(folder, *options, language="C"):
    return subprocess.run(
        [sys.executable, "-m", "journey_engine.cli", "test", *options, str(folder)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LANG": language, "PYTHONPATH": str(HERE.parents[2])},
        timeout=120,
    )


@pytest.fixture
def story(tmp_path):
    (tmp_path / "welcome.yaml").write_text((HERE / "welcome.yaml").read_text())

    def write(bobs="registered:next hello:next", journey="welcome.yaml"):
        file = tmp_path / "ann.story.yaml"
        file.write_text(STORY.format(journey=journey, bobs=bobs))
        return file

    return write


def test_a_story_that_ends_as_told_passes_and_a_journey_file_is_no_story(story):
    answer = journey_test(story().parent)

    assert answer.returncode == 0, answer.stderr + answer.stdout
    assert "1 of 1 stories ended as expected." in answer.stdout


def test_a_story_that_ends_otherwise_shows_the_difference(story):
    answer = journey_test(story("registered:next hello:skipped"))

    assert answer.returncode == 1
    assert "-- walk: registered:next hello:skipped pause" in answer.stdout
    assert "0 of 1" in answer.stdout


def test_an_ending_can_be_written_into_the_story(story):
    file = story("nowhere")

    assert journey_test(file, "--update").returncode == 0
    assert journey_test(file).returncode == 0
    assert file.read_text().startswith("# Ann is greeted")


def test_a_story_that_cannot_be_told_says_why_in_the_language_of_the_terminal(story):
    missing = journey_test(story(journey="gone.yaml"), language="zh_CN.UTF-8")
    empty = journey_test(story().parent / "nothing", language="zh_CN.UTF-8")

    assert missing.returncode == 1 and "无法读取该文件" in missing.stderr
    assert empty.returncode == 1 and "故事" in empty.stdout + empty.stderr
