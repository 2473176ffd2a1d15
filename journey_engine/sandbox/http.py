"""A small HTTP/1.1 server on asyncio: kept-open connections, bodies with a length, nothing else.

A general web framework answers a few hundred calls a second on one core; measuring deliveries needs a provider that is
faster than what is measured.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson

BODY_BYTES = 5_000_000
HEAD_BYTES = 64_000
PIECE_BYTES = 1_000_000


@dataclass(slots=True)
class Request:
    """One call. Header names are lower case; the query is as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Response:
    """An answer, from memory or files; `hang_up_after_s` means none: the line stays silent that long and closes."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    hang_up_after_s: float | None = None
    files: tuple[Path, ...] = ()


Handler = Callable[[Request], Awaitable[Response]]


def json_response(value: Any, status: int = 200, **headers: str) -> Response:
    return Response(status, orjson.dumps(value), headers=tuple(headers.items()))


class HttpServer:
    """Answers calls with a handler until closed."""

    def __init__(self, handler: Handler):
        self.handler = handler
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; answers the port, which is a free one when 0 was asked for."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=HEAD_BYTES)
        return self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the client went away, or the sandbox is closing
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read one call and answer it; False ends the connection."""
        try:
            request = await _read(reader)
        except ValueError as error:
            writer.write(_wire(json_response({"error": str(error)}, 400), closing=True))
            await writer.drain()
            return False
        if request is None:
            return False
        response = await self.handler(request)
        if response.hang_up_after_s is not None:
            await asyncio.sleep(response.hang_up_after_s)
            return False
        closing = request.headers.get("connection", "").lower() == "close"
        sizes = [path.stat().st_size for path in response.files]
        writer.write(_wire(response, closing, sum(sizes)))
        for path, size in zip(response.files, sizes, strict=True):
            await _pour(path, size, writer)
        await writer.drain()
        return not closing


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head[:-4].split("\r\n")
    method, target, _version = first.split(" ")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if "transfer-encoding" in headers:
        raise ValueError("send the body with a content-length")
    length = int(headers.get("content-length") or 0)
    if not 0 <= length <= BODY_BYTES:
        raise ValueError("the body is too long")
    body = await reader.readexactly(length) if length else b""
    path, _, query = target.partition("?")
    return Request(method, path, query, headers, body)


async def _pour(path: Path, size: int, writer: asyncio.StreamWriter) -> None:
    """Write the first `size` bytes of a file that may still grow, a piece at a time."""
    with path.open("rb") as file:
        while size and (piece := file.read(min(size, PIECE_BYTES))):
            size -= len(piece)
            writer.write(piece)
            await writer.drain()


def _wire(response: Response, closing: bool, more_bytes: int = 0) -> bytes:
    head = (
        f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}\r\n"
        f"Content-Type: {response.content_type}\r\nContent-Length: {len(response.body) + more_bytes}\r\n"
    )
    for name, value in response.headers:
        head += f"{name}: {value}\r\n"
    if closing:
        head += "Connection: close\r\n"
    return head.encode("latin-1") + b"\r\n" + response.body
