"""A fresh sandbox for each test."""

import pytest

from tests.sandbox.running import running_sandbox


@pytest.fixture
def sandbox(tmp_path):
    with running_sandbox(tmp_path / "sandbox") as running:
        yield running
