"""Who has failed to sign in too often? Counted per account and per network, in Redis.

A try is counted before the password is looked at and taken back when it was right, so that tries
made at the same time count too. Raises `redis.RedisError` when Redis is away: sign-in is closed.
"""

from ipaddress import ip_address, ip_network

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

from accounts import browsers, defaults, sign_in


class Tries:
    """One try to sign in: allowed or not, and forgiven when the password was right."""

    def __init__(self, request: HttpRequest, login: str, *, address: str) -> None:
        account = sign_in.account_of(login)
        name = f"account:{account.pk}" if account else f"login:{login}"
        browser = browsers.known(request, account) if account else None
        from_where = network_of(address)
        network = _count(request, f"network:{from_where}", defaults.FAILURES_PER_NETWORK)
        everywhere = _count(request, name, defaults.FAILURES_PER_ACCOUNT)
        # Failures elsewhere must not shut a known browser out; its own count against everybody.
        own = f"{name}:{browser}"
        here = _count(request, own, defaults.FAILURES_PER_ACCOUNT) if browser else everywhere
        self.account = account
        self.allowed = network is not None and here is not None
        # Refusals are told once a network and pause: nobody fills the audit trail with them.
        self.is_news = not self.allowed and cache.add(f"paused:{from_where}", 1, defaults.PAUSE_S)
        self._taken = [network, everywhere, *([here] if browser else [])]

    def forgive(self) -> None:
        """Take the try back."""
        for count in self._taken:
            if count:
                count.rollback()


def forget(request: HttpRequest, account_id: int) -> None:
    """Let everybody try again: the person has proved by mail who they are."""
    ratelimit.clear(
        request,
        app="accounts",
        action="sign_in",
        config={"sign_in": defaults.FAILURES_PER_ACCOUNT},
        key=f"account:{account_id}",
    )


def may_write_to(request: HttpRequest, email: str) -> bool:
    """Whether one more letter may go this hour to an address nobody has confirmed.

    Nobody is flooded through us; who has confirmed an address is told everything, so that nobody
    can use up the count to hide a sign-in.
    """
    return _count(request, f"letter:{email.lower()}", defaults.LETTERS_PER_ADDRESS) is not None


def network_of(address: str) -> str:
    """The /24 (IPv4) or /64 (IPv6) an address belongs to."""
    size = 24 if ip_address(address).version == 4 else 64
    return str(ip_network(f"{address}/{size}", strict=False))


def _count(request: HttpRequest, key: str, rate: str) -> ratelimit.RateLimitUsage | None:
    return ratelimit.consume(
        request, app="accounts", action="sign_in", config={"sign_in": rate}, key=key, limit_get=True
    )
