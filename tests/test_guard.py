"""Calls leave only for checked addresses, end in time, and say exactly whether anything was sent."""

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from journey_engine import guard
from journey_engine.errors import Invalid
from journey_engine.guard import Caller, ForbiddenAddress, NoAnswer, NotSent

INSIDE = [
    "http://169.254.169.254/latest/meta-data",
    "http://100.100.100.200/",
    "http://127.0.0.1:8080/",
    "http://0x7f.1/",
    "http://2130706433/",
    "http://127.1/",
    "http://0177.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[::127.0.0.1]/",
    "http://[::1]/",
    "http://[::]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1%25eth0]/",
    "http://[2002:7f00:1::]/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://10.1.2.3/",
    "http://192.168.1.1/",
    "http://172.16.0.1/",
    "http://0.0.0.0/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://db.internal/",
]


@pytest.mark.parametrize("url", INSIDE)
def test_an_address_inside_the_network_is_refused_when_saved_and_when_called(url):
    with pytest.raises(ForbiddenAddress):
        guard.check_url(url)
    with pytest.raises(ForbiddenAddress):
        Caller().post(url, b"{}", {})


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://x/", "https://user:pass@shop.example/", "//shop.example", "http://", "http://a b/",
     "http://shop.example:99999/", "http://shop.example\\@127.0.0.1/", "http://shop.example/\r\nX: y"],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(url):
    with pytest.raises(Invalid):
        guard.check_url(url)


@pytest.mark.parametrize("url", ["https://shop.example/hook", "http://93.184.216.34:8080/x", "https://[2606:4700::1]/"])
def test_an_address_on_the_internet_may_be_saved(url):
    guard.check_url(url)


def test_a_name_with_one_inner_address_among_its_addresses_is_refused(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [_address("93.184.216.34"), _address("10.0.0.7")])
    with pytest.raises(ForbiddenAddress):
        Caller().post("http://shop.example/", b"", {})


def test_a_name_is_looked_up_once_and_the_checked_address_is_the_one_dialled(monkeypatch, server):
    answers = iter(["127.0.0.1", "10.0.0.7", "10.0.0.7"])
    asked = []

    def changing_its_mind(host, *_rest, **_named):
        asked.append(host)
        return [_address(next(answers))]

    with monkeypatch.context() as patched:
        patched.setattr(guard.socket, "getaddrinfo", _only_for("shop.example", changing_its_mind))
        caller = Caller(allowed=["shop.example"])
        answer = caller.post(f"http://shop.example:{server.port}/echo", b"{}", {})
        caller.post(f"http://shop.example:{server.port}/echo", b"{}", {})
    assert answer.status == 200 and asked == ["shop.example"]
    assert server.hosts[0] == f"shop.example:{server.port}"


def test_a_redirect_is_an_answer_and_is_not_followed(server):
    answer = server.caller().post(server.url("/redirect"), b"", {})
    assert answer.status == 302 and server.paths == ["/redirect"]


def test_an_endless_answer_is_cut(server):
    answer = server.caller().post(server.url("/endless"), b"", {})
    assert answer.cut and len(answer.body) == 64 * 1024


@pytest.mark.parametrize("path", ["/drip-head", "/silent"])
def test_an_answer_that_never_comes_is_cut_at_the_deadline(server, path):
    started = time.monotonic()
    with pytest.raises(NoAnswer):
        server.caller(deadline_s=1.0).post(server.url(path), b"", {})
    assert time.monotonic() - started < 3


def test_a_body_that_dribbles_is_cut_at_the_deadline(server):
    started = time.monotonic()
    answer = server.caller(deadline_s=1.0).post(server.url("/drip-body"), b"", {})
    assert answer.cut and answer.status == 200
    assert time.monotonic() - started < 3


def test_a_refused_connection_was_not_sent():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotSent):
        Caller(allowed=["127.0.0.1"]).post(f"http://127.0.0.1:{port}/", b"x", {})


def test_a_name_that_nobody_knows_was_not_sent():
    with pytest.raises(NotSent):
        Caller().post("http://no-such-name.invalid/", b"x", {})


def test_a_failed_handshake_was_not_sent(server):
    with pytest.raises(NotSent):
        server.caller(deadline_s=2).post(server.url("/echo").replace("http:", "https:"), b"x", {})


def test_a_handshake_that_never_ends_is_cut_and_was_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_drip_handshake, args=(listener,), daemon=True).start()
        started = time.monotonic()
        with pytest.raises(NotSent):
            Caller(allowed=["127.0.0.1"], deadline_s=1.0).post(
                f"https://127.0.0.1:{listener.getsockname()[1]}/", b"", {}
            )
        assert time.monotonic() - started < 3


def test_a_connection_that_closes_after_the_request_has_no_answer(server):
    with pytest.raises(NoAnswer):
        server.caller().post(server.url("/hang-up"), b"x", {})


def test_a_connection_is_kept_open_between_calls(server):
    caller = server.caller()
    for _ in range(5):
        assert caller.post(server.url("/echo"), b"hello", {}).body == b"hello"
    assert server.connections == 1


def _address(ip):
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80))


def _only_for(name, function):
    real = socket.getaddrinfo
    return lambda host, *rest, **named: (function if host == name else real)(host, *rest, **named)


def _drip_handshake(listener):
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"\x16\x03\x03\x40\x00")  # the head of a long TLS record that never ends
        for _ in range(20):
            time.sleep(0.3)
            try:
                connection.sendall(b"\x00")
            except OSError:
                return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections += 1

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.hosts.append(self.headers["Host"])
        self.server.paths.append(self.path)
        getattr(self, self.path.strip("/").replace("-", "_"))(body)

    def echo(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, _body):
        self.send_response(302)
        self.send_header("Location", "http://169.254.169.254/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def endless(self, _body):
        self.send_response(200)
        self.send_header("Content-Length", "1000000000")
        self.end_headers()
        self._pour(b"x" * 65536, 0, 1000)

    def drip_body(self, _body):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self._pour(b"x", 0.2, 40)

    def drip_head(self, _body):
        self._pour(b"H", 0.2, 40)

    def silent(self, _body):
        time.sleep(3)

    def hang_up(self, _body):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _pour(self, piece, pause_s, times):
        self.close_connection = True
        try:
            for _ in range(times):
                self.connection.sendall(piece)
                time.sleep(pause_s)
        except OSError:
            return

    def log_message(self, *_args):
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hosts, self.paths, self.connections = [], [], 0
        self.port = self.server_address[1]

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def caller(self, **rest):
        return Caller(allowed=[f"127.0.0.1:{self.port}"], **rest)

    def handle_error(self, *_args):
        """A client that goes away is what these tests are about."""


@pytest.fixture
def server():
    with _Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()
