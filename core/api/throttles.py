"""Who asks too often? Sliding one-minute counters in Redis; open when Redis is away."""

import math
from ipaddress import ip_address, ip_network
from typing import Any, ClassVar, cast

from django.http import HttpRequest
from redis import RedisError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core import clock
from core.push import redis_client

WINDOW_S = 60
# The last window counts by the share of it that still lies within the past minute. A refused
# request is not counted, so who waits as told is let in.
SLIDE = """
local now = tonumber(redis.call('GET', KEYS[1]) or '0')
local before = tonumber(redis.call('GET', KEYS[2]) or '0')
if now + before * tonumber(ARGV[2]) >= tonumber(ARGV[1]) then return {now, before} end
redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], 130)
return {}
"""


class MinuteThrottle(BaseThrottle):
    """At most `limit` requests a minute of one caller."""

    scope: ClassVar[str]
    limit: ClassVar[int]

    def caller(self, request: Request) -> str | None:
        """Who is counted; None where this limit does not apply."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether the caller is within the limit; counts the request if so."""
        caller = self.caller(request)
        self.wait_s = 0 if caller is None else seconds_to_wait(f"{self.scope}:{caller}", self.limit)
        return self.wait_s == 0

    def wait(self) -> float:
        """Seconds until the caller is let in again."""
        return self.wait_s


class UserThrottle(MinuteThrottle):
    """600 requests a minute of a signed-in person or token."""

    scope = "user"
    limit = 600

    def caller(self, request: Request) -> str | None:
        """The token, or the person of the session."""
        return _signed_in(request)


class MoneyThrottle(MinuteThrottle):
    """300 requests a minute that move or quote money, of a signed-in person or token."""

    scope = "money"
    limit = 300

    def caller(self, request: Request) -> str | None:
        """The token or person; reading is not counted."""
        return None if request.method in SAFE_METHODS else _signed_in(request)


class AddressThrottle(MinuteThrottle):
    """120 requests a minute of one address, for callers who are not signed in."""

    scope = "address"
    limit = 120

    def caller(self, request: Request) -> str | None:
        """The address; one IPv6 customer counts as one (/64)."""
        return None if _signed_in(request) else network_of(request._request)


def seconds_to_wait(name: str, limit: int) -> int:
    """Count one request under `name`: 0 when it is within `limit` a minute, else when to return."""
    moment = clock.now().timestamp()
    window, passed_s = int(moment // WINDOW_S), moment % WINDOW_S
    keys = f"throttle:{name}:{window}", f"throttle:{name}:{window - 1}"
    try:
        counts = redis_client().eval(SLIDE, 2, *keys, str(limit), str(1 - passed_s / WINDOW_S))
    except RedisError:
        return 0
    if not counts:
        return 0
    now, before = cast(list[int], counts)
    if now >= limit:
        return math.ceil(WINDOW_S - passed_s)
    return max(1, math.ceil(WINDOW_S * (1 - (limit - now) / before) - passed_s))


def network_of(request: HttpRequest) -> str:
    """The address a request came from, an IPv6 one shortened to its /64."""
    return network(request.META.get("REMOTE_ADDR") or "unknown")


def network(address: str) -> str:
    """An IPv4 address as it is, the /64 of an IPv6 one."""
    try:
        is_v6 = ip_address(address).version == 6
    except ValueError:
        return address
    return str(ip_network(f"{address}/64", strict=False)) if is_v6 else address


def _signed_in(request: Request) -> str | None:
    token = getattr(request.auth, "pk", None)
    if token is not None:
        return f"token:{token}"
    return f"person:{request.user.pk}" if request.user.is_authenticated else None
