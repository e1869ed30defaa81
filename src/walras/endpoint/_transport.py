"""Send one HTTP request and read the whole answer, within a deadline and a size, to one server only.

A connection is opened for each request: a model's latency dwarfs the handshake, and no state can leak
from one attempt into the next. The system's name resolution is the one step without a time limit.
"""

from __future__ import annotations

import contextlib
import ipaddress
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Final

import httpcore2
import httpx2

from walras.endpoint._address import Address
from walras.endpoint._failure import MALFORMED, NETWORK, REDIRECT, TIMEOUT, TOO_LARGE, CallFailed

BODY_LIMIT: Final = 1_000_000
_OVERHEAD_LIMIT: Final = 256_000
_WRITE_CHUNK: Final = 65_536
_SENT_HEADERS: Final = ("accept", "content-length", "content-type", "host", "user-agent")


class Deadline:
    """A moment, and how long it is until then."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            CallFailed: If there are none.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise CallFailed(TIMEOUT, "The server did not finish its answer before the deadline.")
        return left


class GuardedTransport(httpx2.BaseTransport):
    """The only way to a model server.

    Follows no redirect, uses no proxy and no environment, sends few headers, and sends the key to
    the configured origin and nowhere else: the SDK above never holds it.
    """

    def __init__(self, address: Address, *, api_key: str | None) -> None:
        self._address = address
        self._api_key = api_key
        self.deadline_s = 60.0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the whole answer to `request`.

        Raises:
            CallFailed: If there is no whole answer; the code says why.
        """
        origin = (request.url.scheme, request.url.host, request.url.port or self._address.port)
        if origin != (self._address.scheme, self._address.host, self._address.port):
            raise CallFailed(NETWORK, "The request was addressed to another server than the configured one.")
        deadline = Deadline(self.deadline_s)
        backend = _Backend(self._address, deadline)
        with (
            _translated(),
            httpcore2.ConnectionPool(
                ssl_context=self._tls if self._address.scheme == "https" else None, network_backend=backend
            ) as pool,
        ):
            answer = pool.handle_request(self._outgoing(request))
            try:
                return _whole(answer, deadline)
            finally:
                answer.close()

    def _outgoing(self, request: httpx2.Request) -> httpcore2.Request:
        kept = [(k, v) for k, v in request.headers.raw if k.decode().lower() in _SENT_HEADERS]
        kept += [(b"accept-encoding", b"identity"), (b"connection", b"close")]
        if self._api_key is not None:
            kept.append((b"authorization", f"Bearer {self._api_key}".encode()))
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        return httpcore2.Request(method=request.method, url=url, headers=kept, content=request.read())

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx2.create_ssl_context()


class _Backend(httpcore2.NetworkBackend):
    """Opens sockets to allowed addresses only, and keeps every step inside the deadline."""

    def __init__(self, address: Address, deadline: Deadline) -> None:
        self._address = address
        self._deadline = deadline
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  # the deadline rules
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        last: Exception = httpcore2.ConnectError("no address")
        for ip in _resolve(host, port):
            if not self._address.may_connect(ip):
                raise CallFailed(NETWORK, "The server's name leads to an address that is never asked.")
            try:
                stream = self._plain.connect_tcp(
                    str(ip), port, self._deadline.left(), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
            else:
                return _Stream(stream, self._deadline)
        raise last


class _Stream(httpcore2.NetworkStream):
    """Counts time and bytes around a socket."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline
        self._received = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        got = self._inner.read(max_bytes, self._deadline.left())
        self._received += len(got)
        if self._received > BODY_LIMIT + _OVERHEAD_LIMIT:
            raise _too_large(self._received)
        return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        for start in range(0, len(buffer), _WRITE_CHUNK):
            self._inner.write(buffer[start : start + _WRITE_CHUNK], self._deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _resolve(host: str, port: int) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    import socket

    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError("name resolution failed") from error
    found = dict.fromkeys(str(row[4][0]).split("%", 1)[0] for row in rows)
    return [ipaddress.ip_address(text) for text in found]


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn the library's errors into ours; none of their texts is kept."""
    try:
        yield
    except httpcore2.TimeoutException:
        raise CallFailed(TIMEOUT, "The server did not finish its answer before the deadline.") from None
    except httpcore2.RemoteProtocolError as error:
        said = str(error).lower()
        if "too long" in said:
            raise _too_large(0) from None
        if "incomplete" in said or "closed connection without" in said:
            raise CallFailed(MALFORMED, "The connection closed before the answer was whole.") from None
        if "disconnected" in said:
            raise CallFailed(NETWORK, "The server hung up without an answer.", may_retry=True) from None
        raise CallFailed(MALFORMED, "What the server sent is not HTTP.") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        chain: list[BaseException] = []
        link: BaseException | None = error
        while link is not None and link not in chain:
            chain.append(link)
            link = link.__cause__ or link.__context__
        if any(isinstance(part, ssl.SSLError) for part in chain):
            raise CallFailed(NETWORK, "The server's TLS certificate or handshake is not valid.") from None
        told = (part.strerror for part in chain if isinstance(part, OSError) and part.strerror)
        why = next(told, type(error).__name__)
        raise CallFailed(NETWORK, f"The server cannot be reached ({why}).", may_retry=True) from None


def _whole(answer: httpcore2.Response, deadline: Deadline) -> httpx2.Response:
    """Read the whole body of `answer`, decoded and counted."""
    if 300 <= answer.status < 400:
        raise CallFailed(
            REDIRECT,
            f"The server answered {answer.status}: redirects are not followed.",
            status=answer.status,
        )
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in answer.headers}
    inflate = _decoder(headers.get("content-encoding", "identity").strip().lower())
    body = bytearray()
    stream = answer.stream
    assert isinstance(stream, Iterable)  # noqa: S101  # a sync pool gives sync streams
    for chunk in stream:
        deadline.left()
        body += chunk if inflate is None else _inflated(inflate, chunk, BODY_LIMIT + 1 - len(body))
        if len(body) > BODY_LIMIT:
            raise _too_large(len(body))
    kept = {k: v for k, v in headers.items() if k in ("content-type", "retry-after", "date")}
    return httpx2.Response(answer.status, headers=kept, content=bytes(body))


def _decoder(encoding: str) -> Any | None:
    if encoding in ("identity", ""):
        return None
    if encoding in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(zlib.MAX_WBITS | 32)
    raise CallFailed(MALFORMED, "The server used a content encoding that was not asked for.")


def _inflated(inflate: Any, chunk: bytes, room: int) -> bytes:
    try:
        return bytes(inflate.decompress(chunk, max(room, 1)))
    except zlib.error:
        raise CallFailed(MALFORMED, "The server's compressed answer is corrupt.") from None


def _too_large(size: int) -> CallFailed:
    return CallFailed(TOO_LARGE, f"The answer is larger than {BODY_LIMIT} bytes.", size=size)
