"""The address of a server: which ones may be asked, and where a key may go."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from walras.core import UsageError

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_HOST: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_NUMBER_LIKE: Final = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*")
_METADATA_HOSTS: Final = ("metadata.google.internal", "metadata", "instance-data")
_METADATA_IPS: Final = (ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200"))
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Address:
    """Scheme, host, port and path of a server: all of its URL that is ever stored."""

    scheme: str
    host: str
    port: int
    path: str
    allow_plain_http: bool = False

    @property
    def url(self) -> str:
        """Return the address as a URL without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    @property
    def is_loopback(self) -> bool:
        """Say whether the server is this very machine."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        ip = _ip(self.host)
        return ip is not None and _plain(ip).is_loopback

    def same_origin(self, other: Address) -> bool:
        """Say whether scheme, host and port are equal: what a key is bound to."""
        return (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)

    def may_connect(self, ip: IpAddress) -> bool:
        """Say whether the host may resolve to `ip`: asked at connect time, of every answer."""
        plain = _plain(ip)
        if _is_forbidden(plain):
            return False
        if self.is_loopback or (self.scheme == "http" and not self.allow_plain_http):
            return plain.is_loopback
        return True


def parse_address(url: str, *, allow_plain_http: bool = False) -> Address:
    """Return the address that `url` names.

    Raises:
        UsageError: If it is not http or https, carries user, password, query or fragment, names no
            host in plain ASCII, a link-local or metadata address in any spelling, or is plain http
            to another machine while that is not allowed. The message never repeats what it refuses.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _refused("it holds characters that no address has")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("it cannot be read as a URL") from None
    if parts.scheme not in _PORTS:
        raise _refused("only http:// and https:// are allowed")
    if "@" in parts.netloc:
        raise _refused("it carries a user name or password", hint="Keys come from WALRAS_API_KEY.")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise _refused("it carries a query or a fragment")
    host = (parts.hostname or "").rstrip(".")
    ip = _ip(host)
    if ip is None and (not _HOST.fullmatch(host) or _NUMBER_LIKE.fullmatch(host.rsplit(".", 1)[-1])):
        raise _refused("its host is neither a name nor an address in its usual spelling")
    if host in _METADATA_HOSTS or (ip is not None and _is_forbidden(_plain(ip))):
        raise _refused("link-local, metadata and unspecified addresses are never asked")
    path = parts.path.rstrip("/")
    if not _PATH.fullmatch(path) or port == 0:
        raise _refused("its port or path is not valid")
    address = Address(parts.scheme, host, port or _PORTS[parts.scheme], path, allow_plain_http)
    if parts.scheme == "http" and not address.is_loopback and not allow_plain_http:
        raise _refused("plain http would send prompt and key unencrypted", hint="Use https://.")
    return address


def _refused(why: str, *, hint: str = "") -> UsageError:
    example = "Give something like https://api.example.com/v1 or http://127.0.0.1:8080/v1."
    return UsageError(f"--base-url is not allowed: {why}.", hint=f"{hint} {example}".strip())


def _ip(host: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _plain(ip: IpAddress) -> IpAddress:
    """Return the IPv4 address inside a mapped, translated or 6to4 IPv6 address, else `ip`."""
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        return inner or ip
    return ip


def _is_forbidden(ip: IpAddress) -> bool:
    return ip.is_link_local or ip.is_unspecified or ip.is_multicast or ip in _METADATA_IPS
