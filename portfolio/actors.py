"""Who is acting, and from where? Written beside every entry of the journal."""

from dataclasses import dataclass
from ipaddress import ip_address

from django.http import HttpRequest

from accounts.models import Token, User


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: `user:<uuid>`, `token:<uuid>` or `system`; `address` as seen."""

    name: str
    address: str | None = None


SYSTEM = Actor("system")


def of(request: HttpRequest) -> Actor:
    """The person behind a page's or an API call's request, or the token they sent it with."""
    address = _address(request.META.get("REMOTE_ADDR", ""))
    token = getattr(request, "auth", None)
    if isinstance(token, Token):
        return Actor(f"token:{token.public_id}", address)
    name = f"user:{request.user.public_id}" if isinstance(request.user, User) else "nobody"
    return Actor(name, address)


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:  # a Unix socket has none
        return None
