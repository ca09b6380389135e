"""Has this browser signed in to this account before? A signed cookie remembers.

A known browser has its own count of failed tries, so nobody can shut a person out from afar, and
its sign-ins are no news to be told by mail. A new password makes every browser unknown again.
"""

import json
import re
import secrets

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

KEPT_S = 365 * 24 * 3600
ACCOUNTS_MAX = 5
ENTRY = re.compile(r"(?P<nonce>[0-9a-f]{32})(?P<seal>[0-9a-f]{64})")


def known(request: HttpRequest, user: User) -> str | None:
    """The name by which this browser is known to `user`; None for a new one."""
    entry = ENTRY.fullmatch(_read(request).get(user.public_id.hex, ""))
    if entry and constant_time_compare(entry["seal"], _seal(user, entry["nonce"])):
        return entry["nonce"]
    return None


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Make this browser known to `user` for a year."""
    nonce = known(request, user) or secrets.token_hex(16)
    newest = dict(list(_others(request, user).items())[-ACCOUNTS_MAX + 1 :])
    _write(response, newest | {user.public_id.hex: nonce + _seal(user, nonce)})


def forget(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Take the mark of `user` off this browser, where it has one; others' stay."""
    if user.public_id.hex not in _read(request):
        return
    if others := _others(request, user):
        _write(response, others)
    else:
        response.delete_cookie(settings.KNOWN_BROWSER_COOKIE, samesite="Lax")


def _others(request: HttpRequest, user: User) -> dict[str, str]:
    own = user.public_id.hex
    return {key: entry for key, entry in _read(request).items() if key != own}


def _write(response: HttpResponseBase, entries: dict[str, str]) -> None:
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE,
        json.dumps(entries, separators=(",", ":")),
        max_age=KEPT_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, str]:
    try:
        entries = json.loads(request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE, "{}"))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(entries, dict):
        return {}
    return {key: entry for key, entry in entries.items() if isinstance(entry, str)}


def _seal(user: User, nonce: str) -> str:
    value = f"{user.pk}:{nonce}:{user.password}"
    return salted_hmac("accounts.browsers", value, algorithm="sha256").hexdigest()
