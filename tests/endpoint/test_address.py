"""Which servers may be asked at all."""

import ipaddress

import pytest

from walras.core import UsageError
from walras.endpoint._address import parse_address

BAD = [
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "ftp://127.0.0.1/",
    "127.0.0.1:80",
    "",
    "http://",
    "http://169.254.169.254/latest",
    "https://169.254.169.254/",
    "https://2852039166/",
    "https://0xA9FEA9FE/",
    "https://0251.0376.0251.0376/",
    "https://169.254.43518/",
    "https://0x7f.1/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fd00:ec2::254]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:a9fe:a9fe::1]/",
    "https://100.100.100.200/",
    "https://[::]/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://metadata.google.internal/",
    "https://metadata.google.internal./",
    "http://127.0.0.1@evil.example/",
    "https://user:secret@llm.example/",
    "https://evil.example#@llm.example/",
    "https://llm.example/v1?key=secret",
    "https://llm.example/v1?",
    "https://llm.example/v1#x",
    "https:\\\\llm.example\\v1",
    "https://llm.example\r\nX-Evil: 1/",
    "https://llm.example/a b",
    "https://llm\u2024example/",
    "https://llm.example:99999/",
    "https://llm.example:0/",
    "https://llm.example:x/",
    "https://-llm.example/",
    "https://[::1/",
    "https://llm.example/<x>",
    "http://llm.example/v1",
    "http://10.0.0.1/v1",
]


@pytest.mark.parametrize("url", BAD)
def test_refuses_an_address(url: str) -> None:
    """It says why and what to give instead, and never repeats what it refuses."""
    with pytest.raises(UsageError, match="--base-url is not allowed") as caught:
        parse_address(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown", "loopback"),
    [
        ("https://api.openai.com/v1/", "https://api.openai.com/v1", False),
        ("https://LLM.example:8443", "https://llm.example:8443", False),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1", True),
        ("http://127.8.9.1/v1", "http://127.8.9.1/v1", True),
        ("http://localhost:11434/v1", "http://localhost:11434/v1", True),
        ("http://a.localhost", "http://a.localhost", True),
        ("http://[::1]:9/v1", "http://[::1]:9/v1", True),
        ("https://10.0.0.1/v1", "https://10.0.0.1/v1", False),
        ("https://localhost.example", "https://localhost.example", False),
    ],
)
def test_accepts_an_address(url: str, shown: str, *, loopback: bool) -> None:
    """What is stored is scheme, host, port and path."""
    address = parse_address(url)
    assert (address.url, address.is_loopback) == (shown, loopback)


def test_plain_http_can_be_allowed() -> None:
    """Another machine over plain http needs the operator's word."""
    address = parse_address("http://10.0.0.1/v1", allow_plain_http=True)
    assert address.may_connect(ipaddress.ip_address("10.0.0.1"))
    assert not address.may_connect(ipaddress.ip_address("169.254.1.1"))


def test_connecting_is_judged_again() -> None:
    """A public name may lead to a private address, a local one only to this machine."""
    public, local = parse_address("https://llm.example"), parse_address("http://localhost")
    assert public.may_connect(ipaddress.ip_address("10.0.0.1"))
    assert not public.may_connect(ipaddress.ip_address("fe80::1"))
    assert local.may_connect(ipaddress.ip_address("::1"))
    assert not local.may_connect(ipaddress.ip_address("10.0.0.1"))
