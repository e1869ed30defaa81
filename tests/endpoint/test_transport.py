"""The deadline, the size limits and the one allowed server, against a real socket on loopback."""

import gzip
import socket
import ssl
import subprocess
import time
import zlib
from pathlib import Path

import httpx2
import pytest
from tests.endpoint._prompts import KEY, PROMPT, Clock, completion_bytes, live
from tests.endpoint._server import Script, http, read_request, say, serve

from walras.core import Reply
from walras.endpoint._address import parse_address
from walras.endpoint._failure import CallFailed
from walras.endpoint._transport import GuardedTransport


def ask(*scripts: Script, deadline_s: float = 3.0, key: str | None = KEY) -> tuple[Reply, float, list[bytes]]:
    """Return the reply, how long it took, and what the server was sent."""
    with serve(*scripts) as server:
        endpoint = live(server.url, Clock(), deadline_s=deadline_s, key=key)
        started = time.monotonic()
        reply, _ = endpoint.answer(PROMPT, key=(0, 0))
        took = time.monotonic() - started
        endpoint.close()
    return reply, took, server.requests


def drip(head: bytes, unit: bytes, pause_s: float) -> Script:
    def script(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(int(8 / pause_s)):
            connection.sendall(unit)
            time.sleep(pause_s)

    return script


def hang(head: bytes = b"") -> Script:
    def script(connection: socket.socket) -> None:
        connection.sendall(head)
        connection.settimeout(8)
        connection.recv(1)

    return script


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def test_a_plain_answer_arrives() -> None:
    """The whole path works on a real socket; the key stands in one header."""
    reply, _, requests = ask(say(http(completion_bytes("hello"))))
    assert reply.text == "hello"
    assert requests[0].count(KEY.encode()) == 1
    assert b"authorization: bearer" in requests[0].lower()
    assert b"accept-encoding: identity" in requests[0].lower()


def test_without_a_key_no_authorization_is_sent() -> None:
    """A local server needs no key, and gets no placeholder."""
    _, _, requests = ask(say(http(completion_bytes())), key=None)
    assert b"authorization" not in requests[0].lower()


@pytest.mark.parametrize(
    "script",
    [
        hang(),
        hang(HEAD + b"Content-Length: 50\r\n\r\n"),
        drip(HEAD + b"Content-Length: 5000\r\n\r\n", b" ", 0.1),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", 0.1),
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a", 0.1),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.1),
    ],
    ids=["header hang", "body hang", "body drip", "chunk drip", "header drip", "endless 100"],
)
def test_every_slow_server_ends_at_the_deadline(script: Script) -> None:
    """Hanging or dripping, in headers or body, the call ends at the deadline within a second."""
    reply, took, _ = ask(script, deadline_s=1.0)
    assert reply.error == "LLM_TIMEOUT"
    assert 0.9 <= took <= 2.0


def endless(head: bytes, unit: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(4000):
            connection.sendall(unit)

    return script


BOMB = gzip.compress(b"0" * 50_000_000)


@pytest.mark.parametrize(
    "script",
    [
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"2000\r\n" + b"x" * 8192 + b"\r\n"),
        endless(b"", b"HTTP/1.1 100 Continue\r\nX: " + b"a" * 4000 + b"\r\n\r\n"),
        say(http(b"x" * 3_000_000)),
        say(http(BOMB, headers="Content-Encoding: gzip\r\n")),
        say(http(zlib.compress(b"0" * 5_000_000), headers="Content-Encoding: deflate\r\n")),
        say(HEAD + b"X-Big: " + b"a" * 1_000_000 + b"\r\n\r\n{}"),
        say(HEAD + b"X-A: b\r\n" * 100_000 + b"\r\n{}"),
    ],
    ids=["endless", "endless 100", "3 MB", "gzip bomb", "deflate bomb", "1 MB header", "100000 headers"],
)
def test_every_large_answer_ends_at_the_cap(script: Script) -> None:
    """Raw or compressed, in headers or body, reading stops at the cap."""
    reply, took, _ = ask(script)
    assert reply.error == "LLM_TOO_LARGE"
    assert took <= 2.0


def test_a_bomb_takes_little_memory() -> None:
    """A gzip bomb of 50 MB is cut after one megabyte."""
    import tracemalloc

    with serve(say(http(BOMB, headers="Content-Encoding: gzip\r\n"))) as server:
        endpoint = live(server.url, Clock())
        endpoint._connected()
        tracemalloc.start()
        endpoint.answer(PROMPT, key=(0, 0))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        endpoint.close()
    assert peak < 20_000_000


def test_a_small_compressed_answer_is_read() -> None:
    """A server that compresses unasked is still understood."""
    body = gzip.compress(completion_bytes("zipped"))
    reply, _, _ = ask(say(http(body, headers="Content-Encoding: gzip\r\n")))
    assert reply.text == "zipped"


@pytest.mark.parametrize(
    "answer",
    [
        http(b"not gzip", headers="Content-Encoding: gzip\r\n"),
        http(b"{}", headers="Content-Encoding: br\r\n"),
        HEAD + b"Content-Length: 900\r\n\r\n{}",
        HEAD + b"Content-Length: 2\r\n\r\n" + completion_bytes(),
        b"SSH-2.0-OpenSSH\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["corrupt gzip", "brotli", "length too long", "length too short", "no HTTP", "bad chunk"],
)
def test_what_is_not_a_whole_answer_is_malformed(answer: bytes) -> None:
    """Wrong lengths, encodings and protocols are failed attempts."""
    reply, _, _ = ask(say(answer))
    assert reply.error == "LLM_MALFORMED"


def reset(connection: socket.socket) -> None:
    import struct

    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def reset_in_body(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 900\r\n\r\n{")
    time.sleep(0.1)
    reset(connection)


@pytest.mark.parametrize(
    "script", [say(b""), reset, reset_in_body], ids=["hang up", "reset", "reset in body"]
)
def test_a_broken_connection_is_retried(script: Script) -> None:
    """A connection that breaks is tried again."""
    reply, _, requests = ask(script, say(http(completion_bytes("second"))))
    assert reply.text == "second"
    assert len(requests) == 2


def test_a_closed_port_is_a_network_failure() -> None:
    """Nobody listening: four attempts, then LLM_NETWORK."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    clock = Clock()
    endpoint = live(f"http://127.0.0.1:{port}/v1", clock)
    reply, meta = endpoint.answer(PROMPT, key=(0, 0))
    endpoint.close()
    assert (reply.error, meta["calls"], len(clock.waits)) == ("LLM_NETWORK", 4, 3)


def test_an_invalid_certificate_is_final() -> None:
    """TLS against a server that speaks none is never retried without verification."""
    with serve(say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), read=False) as server:
        endpoint = live(f"https://127.0.0.1:{server.port}/v1", Clock())
        reply, meta = endpoint.answer(PROMPT, key=(0, 0))
        endpoint.close()
    assert (reply.error, meta["calls"]) == ("LLM_NETWORK", 1)
    assert "TLS" in (reply.error_text or "")


def test_a_valid_certificate_is_accepted_and_an_unknown_one_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS works where the certificate is trusted, and fails for good where it is not."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    options = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x -addext subjectAltName=IP:127.0.0.1"
    command = ["openssl", *options.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def secure(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as stream:
            read_request(stream)
            stream.sendall(http(completion_bytes("over TLS")))

    with serve(secure, read=False) as server:
        url = f"https://127.0.0.1:{server.port}/v1"
        stranger = live(url, Clock())
        reply, meta = stranger.answer(PROMPT, key=(0, 0))
        stranger.close()
        assert (reply.error, meta["calls"]) == ("LLM_NETWORK", 1)
        trusted = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(httpx2, "create_ssl_context", lambda: trusted)
        friend = live(url, Clock())
        reply, _ = friend.answer(PROMPT, key=(0, 0))
        friend.close()
        assert reply.text == "over TLS"


@pytest.mark.parametrize("place", ["/v1", "other"])
def test_a_redirect_is_not_followed_on_a_real_socket(place: str) -> None:
    """The log of the other server stays empty."""
    with serve(say(http(completion_bytes()))) as other:
        target = place if place == "/v1" else other.url
        reply, _, requests = ask(
            say(http(b"", status="307 Temporary Redirect", headers=f"Location: {target}\r\n"))
        )
        assert reply.error == "LLM_REDIRECT"
        assert len(requests) == 1
    assert other.requests == []


def test_the_transport_serves_one_origin() -> None:
    """A request to another origin is refused before a socket opens, and the key stays here."""
    transport = GuardedTransport(parse_address("https://llm.example/v1"), api_key=KEY)
    for url in ("https://other.example/v1", "http://llm.example/v1", "https://llm.example:444/v1"):
        with pytest.raises(CallFailed, match="another server"):
            transport.handle_request(httpx2.Request("POST", url))


@pytest.mark.parametrize(
    "addresses",
    [
        ["169.254.169.254"],
        ["fe80::1%eth0"],
        ["::ffff:169.254.169.254"],
        ["0.0.0.0"],
        ["127.0.0.1", "169.254.0.1"],
    ],
)
def test_a_name_that_leads_to_a_metadata_address_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    """The resolved address is checked at connect time, every one of them."""
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 9)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    endpoint = live("https://llm.example/v1", Clock(), deadline_s=1.0)
    reply, _ = endpoint.answer(PROMPT, key=(0, 0))
    endpoint.close()
    assert reply.error == "LLM_NETWORK"


def test_a_name_that_does_not_resolve_is_a_network_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name resolution that fails, or finds nothing, is retried and then reported."""

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror("no such name")

    for resolver in (fail, lambda *_, **__: []):
        monkeypatch.setattr(socket, "getaddrinfo", resolver)
        endpoint = live("https://llm.example/v1", Clock())
        reply, meta = endpoint.answer(PROMPT, key=(0, 0))
        endpoint.close()
        assert (reply.error, meta["calls"]) == ("LLM_NETWORK", 4)


def test_localhost_must_stay_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A poisoned localhost does not take plain http elsewhere."""
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 9))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    endpoint = live("http://localhost:9/v1", Clock())
    reply, _ = endpoint.answer(PROMPT, key=(0, 0))
    endpoint.close()
    assert reply.error == "LLM_NETWORK"


def test_a_spent_deadline_ends_before_connecting() -> None:
    """With no time left, nothing is opened."""
    reply, _, requests = ask(say(http(completion_bytes())), deadline_s=0.0)
    assert reply.error == "LLM_TIMEOUT"
    assert requests == []


def test_a_refused_connection_says_where_and_why() -> None:
    """Scheme, host, port and path, and the system's reason."""
    from walras.endpoint import build_endpoint

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        closed = build_endpoint("live", base_url=url, model="m", environ={})
        reply, _ = closed.answer(PROMPT, key=(0, 0), most_calls=1)
        closed.close()
    assert reply.error == "LLM_NETWORK"
    assert reply.error_text == f"{url}: The server cannot be reached (Connection refused)."
