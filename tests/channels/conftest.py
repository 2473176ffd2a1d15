"""Channels talk to a sandbox over real sockets."""

import pytest

from tests.sandbox.running import running_sandbox


@pytest.fixture
def sandbox(tmp_path):
    with running_sandbox(tmp_path / "sandbox") as running:
        yield running
