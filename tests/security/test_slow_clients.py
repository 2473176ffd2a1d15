"""Clients that hold on to the server without asking anything do not keep others from it."""

import contextlib
import socket
import time
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import requests

from journey_engine.clock import monotonic_s
from tests.api.server import serving

UPGRADE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SEVERAL = 6


@pytest.fixture
def url(config, shop, monkeypatch):
    """A server with four threads, of which each open line holds one."""
    monkeypatch.setenv("WEB_THREADS", "4")
    with serving(replace(config, redis_url="")) as url:
        yield url


@contextlib.contextmanager
def clients(url, said):
    """Several clients that say this and then nothing more."""
    place = urlsplit(url)
    with contextlib.ExitStack() as open_ones:
        found = [
            open_ones.enter_context(socket.create_connection((place.hostname, place.port))) for _ in range(SEVERAL)
        ]
        for one in found:
            one.sendall(said)
        yield found


def test_lines_are_opened_for_who_is_signed_in_only(url):
    with clients(url, UPGRADE) as strangers:
        for one in strangers:
            one.settimeout(10)
            assert one.recv(100).startswith(b"HTTP/1.1 401")
        assert requests.get(f"{url}/healthz", timeout=10).status_code == 200


def test_a_request_whose_head_never_ends_is_hung_up_on(url):
    with clients(url, b"GET /healthz HTTP/1.1\r\nHost: here\r\nX-Never: "):
        time.sleep(1)
        began = monotonic_s()
        assert requests.get(f"{url}/healthz", timeout=60).status_code == 200
        assert monotonic_s() - began < 40
