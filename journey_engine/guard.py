"""The guard at the way out: every call to an address that somebody typed goes through here.

A host is resolved once, every address it has is checked, and only a checked one is dialled, under the name that was
asked for; so a name that changes its mind between check and call gains nothing. Redirects are not followed, an answer
is cut at 64 kB, and the whole call ends at its deadline however slowly the other side dribbles.

The answer to "did it leave?" is exact: `NotSent` is raised only when no byte of the request was written.
"""

import ipaddress
import socket
import threading
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import requests
import urllib3.connection
import urllib3.connectionpool
from requests.adapters import HTTPAdapter

from journey_engine.clock import monotonic_s
from journey_engine.config import CALL_DEADLINE_S
from journey_engine.errors import Invalid, JourneyError

ANSWER_BYTES = 64 * 1024
RESOLVE_S = 3.0
RESOLVED_FOR_S = 30.0
"""How long a checked address is used again; a kept-open connection would stay on it at least as long."""

POOLS = 64
"""Places to which connections are kept open."""

FORBIDDEN = tuple(
    ipaddress.ip_network(network)
    for network in (
        # IPv4 ranges that Python calls global but nobody on the internet answers from, or that lead back inside
        "192.88.99.0/24", "100.64.0.0/10", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
        # IPv6 that carries an IPv4 address, which could be an inner one: translated, 6to4, Teredo, local NAT64
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23", "2001:db8::/32", "3fff::/20", "fec0::/10",
    )
)  # fmt: skip
REACHABLE_IPV6 = ipaddress.ip_network("2000::/3")


class ForbiddenAddress(Invalid):
    """This address leads inside the network; use one that is reachable from the internet."""

    code = "address:forbidden"


class NotSent(JourneyError):
    """The call failed before anything was sent."""

    code = "call:not_sent"


class NoAnswer(JourneyError):
    """The request left and no whole answer came back."""

    code = "call:no_answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `cut` says that there was more than the guard reads."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


class Place(NamedTuple):
    """Where to dial (`address`) and under which name."""

    scheme: str
    host: str
    port: int
    address: str


def check_url(url: str, allowed: Sequence[str] = ()) -> None:
    """Refuse an address that can never be called; for when it is saved. Looks nothing up."""
    parts, host, port = _parts(url)
    address = _literal(host)
    if f"{host}:{port}" in allowed or host in allowed:
        return
    if address is not None and not _is_public(address):
        raise ForbiddenAddress(where={"host": parts.hostname or ""})
    if address is None and (host == "localhost" or host.endswith((".localhost", ".local", ".internal"))):
        raise ForbiddenAddress(where={"host": host})


def resolve(url: str, allowed: Sequence[str] = ()) -> Place:
    """The checked place to dial for a URL. `allowed` lists `host:port` or `host` that may be inside the network."""
    parts, host, port = _parts(url)
    check_url(url, allowed)
    literal = _literal(host)
    addresses = [str(literal)] if literal is not None else _look_up(host, port)
    if f"{host}:{port}" not in allowed and host not in allowed:
        for address in addresses:
            if not _is_public(ipaddress.ip_address(address)):
                raise ForbiddenAddress(where={"host": host})
    return Place(parts.scheme, host, port, addresses[0])


def host_header(url: str) -> str:
    """The Host that a call to this URL carries, for signatures over it."""
    parts, host, port = _parts(url)
    return _host_header(parts.scheme, host, port)


@contextmanager
def deadline(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Cut a socket when its time is up, whatever it is doing; it then fails with an OSError or reads an end."""
    call = _Call(monotonic_s() + seconds)
    call.sock = sock
    _WATCH.add(call)
    try:
        yield
    finally:
        _WATCH.remove(call)


class Caller:
    """A kept-open session that posts through the guard. Safe to use from several threads."""

    def __init__(self, allowed: Sequence[str] = (), pool: int = 16, deadline_s: float = CALL_DEADLINE_S):
        self.allowed, self.deadline_s = tuple(allowed), deadline_s
        self._places: dict[str, tuple[float, Place]] = {}
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy from the environment would dial for us, unchecked
        self._adapter = _PinnedAdapter(pool_connections=POOLS, pool_maxsize=pool, max_retries=0, pool_block=False)
        self._session.mount("http://", self._adapter)
        self._session.mount("https://", self._adapter)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """POST and read the answer within the deadline; raises ForbiddenAddress, NotSent or NoAnswer."""
        place = self._place(url)
        call = _Call(monotonic_s() + self.deadline_s)
        _current.call = call
        _WATCH.add(call)
        try:
            request = _prepared(url, body, headers)
            response = self._adapter.send_to(place, request, timeout=self.deadline_s)
            return _read(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
            kind = NoAnswer if call.left else NotSent
            raise kind(f"{type(error).__name__}: {_reason(error)}", where={"host": place.host}) from error
        finally:
            _WATCH.remove(call)
            _current.call = None

    def close(self) -> None:
        self._session.close()

    def _place(self, url: str) -> Place:
        site = "/".join(url.split("/", 3)[:3])
        known = self._places.get(site)
        if known and known[0] > monotonic_s():
            return known[1]
        try:
            place = resolve(url, self.allowed)
        except OSError as error:
            raise NotSent(f"The name cannot be found: {error}") from error
        if len(self._places) > 1_000:
            self._places.clear()
        self._places[site] = (monotonic_s() + RESOLVED_FOR_S, place)
        return place


def _parts(url: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError as error:
        raise Invalid("This is not an address. Write it like https://shop.example/hook.", code="address:bad") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid("The address must start with https:// or http://.", code="address:scheme")
    if "@" in parts.netloc:
        raise Invalid("Take the name and password out of the address.", code="address:credentials")
    if any(c.isspace() or ord(c) < 32 or c == "\\" for c in url):
        raise Invalid("The address contains a space or a control character.", code="address:bad")
    # Full-width and circled digits and dots mean the same to a resolver as plain ones, so they are read as such first.
    host = unicodedata.normalize("NFKC", parts.hostname).replace("。", ".").rstrip(".").lower()
    return parts, host, port


def _prepared(url: str, body: bytes, headers: Mapping[str, str]) -> requests.PreparedRequest:
    """The request as it is sent. A URL in plain characters needs no preparing, which is a quarter of a call's cost."""
    request = requests.PreparedRequest()
    request.method, request.body = "POST", body
    request.headers = requests.structures.CaseInsensitiveDict(headers)
    if url.isascii():
        request.url = url
    else:
        request.prepare_url(url, None)
    return request


def _host_header(scheme: str, host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == {"http": 80, "https": 443}[scheme] else f"{name}:{port}"


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address a host spells out, in any of the ways an operating system reads one (hex, octal, short)."""
    try:
        return ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if address.version == 6 and address not in REACHABLE_IPV6:
        return False
    return address.is_global and not address.is_multicast and not any(address in network for network in FORBIDDEN)


_resolvers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")


def _look_up(host: str, port: int) -> list[str]:
    """All addresses of a name, IPv4 first; a resolver that hangs is given up, so it cannot use up the deadline."""
    future = _resolvers.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = future.result(timeout=RESOLVE_S)
    except (TimeoutError, UnicodeError) as error:
        raise NotSent(f"The name {host} could not be looked up.") from error
    found.sort(key=lambda one: one[0] != socket.AF_INET)
    return [one[4][0].split("%")[0] for one in found]


class _Call:
    """One call under way: whether its first byte left, and the socket to cut at the deadline."""

    __slots__ = ("deadline", "left", "sock")

    def __init__(self, deadline: float):
        self.deadline, self.left, self.sock = deadline, False, None


_current = threading.local()


class _Watch:
    """Cuts the sockets of calls past their deadline: a timeout of one read never ends a slow dribble."""

    TICK_S = 0.25

    def __init__(self):
        self._calls: set[_Call] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, call: _Call) -> None:
        with self._lock:
            self._calls.add(call)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="call-deadlines", daemon=True)
                self._thread.start()

    def remove(self, call: _Call) -> None:
        with self._lock:
            self._calls.discard(call)

    def _run(self) -> None:
        while True:
            time.sleep(self.TICK_S)
            now = monotonic_s()
            with self._lock:  # held while cutting: a call that ends now could hand its socket to the next one
                for call in self._calls:
                    if call.deadline < now and call.sock is not None:
                        _shut(call.sock)


_WATCH = _Watch()


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it closed by itself in the meantime


class _Tracked:
    """A connection that tells its call which socket it uses and when the first byte leaves."""

    def _new_conn(self):
        sock = super()._new_conn()
        if call := getattr(_current, "call", None):
            call.sock = sock.dup()  # the TLS handshake takes the original away
        return sock

    def send(self, data):
        if self.sock is None:
            self.connect()
        if call := getattr(_current, "call", None):
            call.sock, call.left = self.sock, True
        return super().send(data)


class _Http(_Tracked, urllib3.connection.HTTPConnection):
    pass


class _Https(_Tracked, urllib3.connection.HTTPSConnection):
    pass


class _HttpPool(urllib3.connectionpool.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.connectionpool.HTTPSConnectionPool):
    ConnectionCls = _Https


class _PinnedAdapter(HTTPAdapter):
    """Dials the checked address while the request, the certificate and SNI keep the name."""

    def init_poolmanager(self, *args, **rest):
        super().init_poolmanager(*args, **rest)
        self._pools: dict[Place, urllib3.connectionpool.HTTPConnectionPool] = {}
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def send_to(self, place: Place, request: requests.PreparedRequest, timeout: float):
        request.headers["Host"] = _host_header(place.scheme, place.host, place.port)
        return self._pool(place).urlopen(
            "POST", request.path_url, body=request.body, headers=request.headers, timeout=timeout,
            retries=False, redirect=False, preload_content=False, decode_content=False, assert_same_host=False,
        )  # fmt: skip

    def _pool(self, place: Place) -> urllib3.connectionpool.HTTPConnectionPool:
        """The open connections to a place. Kept here too, because the manager takes long to find one."""
        pool = self._pools.get(place)
        if pool is None or pool.pool is None:  # the manager closes those that were not used for long
            tls = {}
            if place.scheme == "https":
                tls = {"server_hostname": place.host, "assert_hostname": place.host, "ca_certs": requests.certs.where()}
            if len(self._pools) > POOLS:
                self._pools.clear()
            pool = self.poolmanager.connection_from_host(place.address, place.port, place.scheme, pool_kwargs=tls)
            self._pools[place] = pool
        return pool


def _read(response) -> Answer:
    """Read at most what the guard allows. The head has come, so a body that ends early is an answer that was cut."""
    try:
        body = response.read(ANSWER_BYTES + 1)
        cut = len(body) > ANSWER_BYTES or bool(response.length_remaining)
    except (urllib3.exceptions.HTTPError, OSError):
        body, cut = b"", True
    if cut:
        response.close()
    response.release_conn()
    return Answer(response.status, response.headers, body[:ANSWER_BYTES], cut)


def _reason(error: Exception) -> str:
    return str(error)[:200]
