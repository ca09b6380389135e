"""Who is acting, and from where? Written beside every entry of the journal and the audit trail."""

from dataclasses import dataclass
from ipaddress import ip_address

from django.http import HttpRequest

from accounts.models import Token, User


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: `user:<uuid>`, `token:<uuid>`, `system` or `nobody`; `address` as seen."""

    name: str
    address: str | None = None


SYSTEM = Actor("system")


def of(request: HttpRequest) -> Actor:
    """The person behind a page's or an API call's request, or the token they sent it with."""
    token = getattr(request, "auth", None)
    if isinstance(token, Token):
        return Actor(f"token:{token.public_id}", _address(request))
    user = getattr(request, "user", None)
    return as_person(user if isinstance(user, User) else None, request)


def as_person(user: User | None, request: HttpRequest | None) -> Actor:
    """`user` at the address of the request, also where the request does not know them yet."""
    return Actor(f"user:{user.public_id}" if user else "nobody", _address(request))


def _address(request: HttpRequest | None) -> str | None:
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", ""))) if request else None
    except ValueError:  # a Unix socket has none
        return None
