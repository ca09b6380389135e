"""How is an address that somebody gave us fetched without harm? Everything of that kind goes here.

The name is resolved once, every address behind it has to be public, and the connection goes to
exactly the address that was judged: a name that means something else a moment later gets nothing.
Each redirect is judged anew. No proxy is used, because a proxy would resolve the name again.
What the operator set is asked as it stands (`ask`), within the same bounds.
FETCH_ALLOWED names networks the operator lets through although they are private.
"""

import asyncio
import re
import socket
import ssl
import zlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpx
from django.conf import settings

from core.errors import Code, Refused, Retryable

TIMEOUT_S = 10.0  # from the first look at the name to the last byte of the body
BYTES_MAX = 2_000_000
REDIRECTS_MAX = 3
ADDRESSES_TRIED = 3
PORTS = (80, 443, 8080, 8443)
PORT_MAX = 65_535
URL_MAX = 2000
AGENT = "Tradingsite/1 (+news and notices; contact the operator)"
SECRET_HEADERS = {"authorization", "x-api-key", "cookie"}
REDIRECTS = (301, 302, 303, 307, 308)
# Public by registry, yet doors to something private: what carries an IPv4 address inside (mapped,
# compatible, NAT64, Teredo, 6to4), old site-local, protocol assignments (one cloud's metadata lie
# there), documentation, and a cloud's host agent. Older Pythons do not know all of them.
TUNNELS = ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
OTHERS = ("fec0::/10", "192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "168.63.129.16/32")
REFUSED = tuple(ip_network(net) for net in (*TUNNELS, *OTHERS))
NUMBER = re.compile(r"(0x[0-9a-f]*|\d+)", re.ASCII | re.IGNORECASE)

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `body` is unpacked, `url` is where it came from in the end."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; `bytes_max` bounds the body as sent and as unpacked."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    timeout_s: float = TIMEOUT_S
    bytes_max: int = BYTES_MAX
    redirects: int = REDIRECTS_MAX


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was judged: the parsed URL and where its name leads, in order of trying."""

    url: httpx.URL
    addresses: tuple[Address, ...]


def fetch(request: Request) -> Answer:
    """Whatever the other side answers, any status; never called from within an event loop.

    Raises Refused `address_refused` for an address nobody may reach from here and `too_large` for
    a body beyond the limit; Retryable where the other side is away, too slow or unreadable.
    """
    return asyncio.run(_within_time(_follow(request), request.timeout_s))


def ask(
    request: Request, *, proxy: str | None = None, trust: ssl.SSLContext | None = None
) -> Answer:
    """One answer of an address the operator set: not judged, through their proxy if they have one.

    A redirect is an answer like any other; `request.redirects` counts for nothing. Raises Refused
    `too_large` and Retryable as `fetch` does.
    """
    return asyncio.run(_within_time(_ask_as_told(request, proxy, trust), request.timeout_s))


def judge(url: str) -> Target:
    """Where an address leads, if it may be fetched: for addresses that are kept for later.

    Raises Refused `address_refused`, Retryable where the name does not resolve now.
    """
    parsed = _parse(url)
    found = _resolve(parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80))
    for address in found:
        if not is_public(address) and not _is_allowed(address):
            raise _refused("leads into a private network")
    if parsed.port not in (None, *PORTS) and not all(map(_is_allowed, found)):
        raise _refused(f"names a port other than {', '.join(map(str, PORTS))}")
    return Target(parsed, found)


def is_public(address: Address) -> bool:
    """Whether an address means the same machine to everybody on the internet."""
    if any(address in network for network in REFUSED if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _parse(url: str) -> httpx.URL:
    if len(url) > URL_MAX or not url.isprintable() or "\\" in url or " " in url:
        raise _refused("is not a web address")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise _refused("is not a web address") from error
    if parsed.scheme not in ("http", "https") or not parsed.host or "%" in parsed.host:
        raise _refused("is not a web address (http or https)")
    if (parsed.port or 0) > PORT_MAX:
        raise _refused("names no port there is")
    if parsed.userinfo:
        raise _refused("carries a name or password")
    return parsed


def _resolve(host: str, port: int) -> tuple[Address, ...]:
    """Every address of a host; numbers only as four decimal bytes, or as IPv6."""
    try:
        return (ip_address(host),)
    except ValueError:
        if NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            raise _refused("writes a number in place of a name") from None
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Retryable(f"{host} was not found: {error}") from error
    return tuple(dict.fromkeys(ip_address(str(one[4][0]).partition("%")[0]) for one in found))


def _is_allowed(address: Address) -> bool:
    allowed = (ip_network(net) for net in settings.FETCH_ALLOWED)
    return any(address in network for network in allowed if network.version == address.version)


def _refused(why: str) -> Refused:
    return Refused(Code.ADDRESS_REFUSED, f"This address {why}; it is not fetched from here.")


async def _within_time(asking: Coroutine[Any, Any, Answer], timeout_s: float) -> Answer:
    try:
        async with asyncio.timeout(timeout_s):
            return await asking
    except TimeoutError as error:
        raise Retryable(f"no whole answer within {timeout_s:g} s") from error


async def _follow(request: Request) -> Answer:
    """The answer at the end of the redirects."""
    url, headers = request.url, dict(request.headers)
    for left in range(request.redirects, -1, -1):
        target = await asyncio.to_thread(judge, url)
        answer = await _ask(request, target, headers)
        if answer.status not in REDIRECTS or "location" not in answer.headers or not left:
            return answer
        following = _next(target.url, answer.headers["location"])
        if following.scheme == "http" and target.url.scheme == "https":
            raise _refused("leads from a sealed connection to an open one")
        if following.netloc != target.url.netloc:
            headers = {k: v for k, v in headers.items() if k.lower() not in SECRET_HEADERS}
        url = str(following)
    raise AssertionError("the last round returns")


def _next(url: httpx.URL, location: str) -> httpx.URL:
    try:
        return url.join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise _refused("redirects to something unreadable") from error


async def _ask(request: Request, target: Target, headers: Mapping[str, str]) -> Answer:
    """One answer of the first of the target's addresses that can be reached."""
    trouble: Exception | None = None
    async with httpx.AsyncClient(
        trust_env=False, verify=_trust(), timeout=request.timeout_s
    ) as client:
        for address in target.addresses[:ADDRESSES_TRIED]:
            pinned = client.build_request(
                request.method,
                target.url.copy_with(host=str(address), fragment=None),
                content=request.content,
                headers={
                    "User-Agent": AGENT,
                    "Accept-Encoding": "gzip",
                    **headers,
                    "Host": target.url.netloc.decode("ascii"),
                },
                extensions={"sni_hostname": target.url.host},
            )
            try:
                response = await client.send(pinned, stream=True)
                return await _read(response, str(target.url), request.bytes_max)
            except httpx.ConnectError as error:
                trouble = error
            except (httpx.HTTPError, OSError) as error:
                raise Retryable(f"{type(error).__name__}: {error}") from error
    raise Retryable(f"{type(trouble).__name__}: {trouble}") from trouble


async def _ask_as_told(request: Request, proxy: str | None, trust: ssl.SSLContext | None) -> Answer:
    async with httpx.AsyncClient(
        trust_env=False, verify=trust or _trust(), proxy=proxy, timeout=request.timeout_s
    ) as client:
        try:
            wanted = client.build_request(
                request.method, request.url, content=request.content, headers=request.headers
            )
            response = await client.send(wanted, stream=True)
            return await _read(response, request.url, request.bytes_max)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Retryable(f"{type(error).__name__}: {error}") from error


@cache
def _trust() -> ssl.SSLContext:
    """The certificates believed in; SSL_CERT_FILE and SSL_CERT_DIR may name others."""
    return httpx.create_ssl_context()


async def _read(response: httpx.Response, url: str, bytes_max: int) -> Answer:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > bytes_max:
            raise _too_large(bytes_max)
    packing = response.headers.get("content-encoding", "identity").lower()
    content = _unpack(bytes(body), packing, bytes_max)
    return Answer(response.status_code, response.headers, content, url)


def _unpack(body: bytes, packing: str, bytes_max: int) -> bytes:
    """The body without its gzip wrapping; a small one may hold a huge one."""
    if packing == "identity" or not body:
        return body
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise Retryable(f"the body is packed as {packing[:20]!r}, which was not asked for")
    unpacking = zlib.decompressobj(wbits=47)
    try:
        content = unpacking.decompress(body, bytes_max + 1)
    except zlib.error as error:
        raise Retryable(f"the body cannot be unpacked: {error}") from error
    if len(content) > bytes_max:
        raise _too_large(bytes_max)
    if not unpacking.eof or unpacking.unused_data:
        raise Retryable("the packed body is cut off, or something follows it")
    return content


def _too_large(bytes_max: int) -> Refused:
    return Refused(Code.TOO_LARGE, f"The answer is larger than {bytes_max} bytes.")
