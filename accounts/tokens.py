"""How does a program act for a person? By personal tokens: shown once, kept as a digest."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import addresses, audit, defaults, people, roles
from accounts.actors import SYSTEM, Actor
from accounts.models import Token, User
from core import clock
from core.errors import Code, Refused
from core.push import end_sessions

USE_NOTED_EVERY = timedelta(minutes=1)  # a write per request would cost more than the request
SHOWN_CHARACTERS = 9


def issue(
    user: User,
    *,
    name: str,
    scopes: Iterable[str],
    days: int = defaults.TOKEN_LASTS_DAYS,
    by: Actor = SYSTEM,
) -> tuple[Token, str]:
    """A new token and its text, which nobody can see again.

    Raises Refused: `forbidden` without a verified e-mail address, `malformed` for a bad name,
    scope or lifetime, `too_many` beyond 10 valid tokens.
    """
    name, kept = name.strip(), sorted(set(scopes))
    _check(name, kept, days)
    if Token.Scope.TRADE_VIRTUAL in kept:
        roles.check_may_trade(user)
    if not addresses.confirmed(user):
        raise Refused(Code.FORBIDDEN, "Confirm your e-mail address first; then tokens are yours.")
    text = _new_text(kept)
    now = clock.now()
    with transaction.atomic():
        people.lock(user)  # two requests at once count in turn
        if _valid(user, now).count() >= defaults.TOKENS_MAX:
            raise Refused(
                Code.TOO_MANY, f"You have {defaults.TOKENS_MAX} tokens. Revoke one first."
            )
        token = Token.objects.create(
            user=user,
            name=name,
            start=text[:SHOWN_CHARACTERS],
            digest=digest(text),
            scopes=kept,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        audit.note("token issued", by=by, person=user, thing=_thing(token), after=_told(token))
    return token, text


def of(user: User) -> list[Token]:
    """The tokens of `user` that still work, newest first."""
    return list(_valid(user, clock.now()))


def revoke(user: User, public_id: UUID, *, by: Actor = SYSTEM) -> None:
    """End a token at once. Raises Refused `not_found` for one that is not this person's."""
    owned = Token.objects.filter(user=user, public_id=public_id, revoked_at=None)
    with transaction.atomic():
        token = owned.select_for_update().first()
        if token is None:
            raise Refused(Code.NOT_FOUND, "There is no such token.")
        owned.update(revoked_at=clock.now())
        audit.note("token revoked", by=by, person=user, thing=_thing(token), before=_told(token))
    end_sessions(user.public_id)  # its sockets close too


def find(text: str) -> Token:
    """The valid token with that text, its use noted. Raises Refused `not_signed_in`."""
    now = clock.now()
    token = (
        Token.objects.select_related("user")
        .filter(digest=digest(text), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None:
        raise Refused(Code.NOT_SIGNED_IN, "This token is unknown, expired or revoked.")
    _note_use(token, now)
    return token


def digest(text: str) -> str:
    """What is stored of a token. One round is enough: the token has 256 random bits."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """The person and the token; None without the header; AuthenticationFailed for a bad one."""
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        try:
            token = find(text.strip())
        except Refused as refusal:
            raise AuthenticationFailed(refusal.message) from refusal
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return "Bearer"


class HasScope(BasePermission):
    """A token may do what its scopes say; a session may do everything its person may.

    Safe methods need `read`, others the view's `write_scope` (`trade-virtual` unless it says so).
    """

    def has_permission(self, request: Request, view: object) -> bool:
        """True, or Refused `scope_missing`."""
        if not isinstance(request.auth, Token):
            return True
        needed = Token.Scope.READ.value
        if request.method not in SAFE_METHODS:
            needed = getattr(view, "write_scope", Token.Scope.TRADE_VIRTUAL.value)
        if needed not in request.auth.scopes:
            raise Refused(
                Code.SCOPE_MISSING, f"This token lacks the scope “{needed}”.", scope=needed
            )
        return True


class SessionOnly(BasePermission):
    """For what no token may do: tokens cannot make, see or end tokens."""

    def has_permission(self, request: Request, view: object) -> bool:
        """True, or Refused `forbidden`."""
        if isinstance(request.auth, Token):
            raise Refused(Code.FORBIDDEN, "Sign in on the site for this; tokens may not do it.")
        return True


def _check(name: str, scopes: list[str], days: int) -> None:
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise Refused(Code.MALFORMED, "Give the token a name of 1 to 60 characters.", field="name")
    if not scopes or not set(scopes) <= set(Token.Scope.values):
        raise Refused(
            Code.MALFORMED, "Choose from the scopes read and trade-virtual.", field="scopes"
        )
    if isinstance(days, bool) or not 1 <= days <= defaults.TOKEN_LASTS_DAYS_MAX:
        words = f"A token lasts 1 to {defaults.TOKEN_LASTS_DAYS_MAX} days."
        raise Refused(Code.MALFORMED, words, field="days")


def _thing(token: Token) -> str:
    return f"token:{token.public_id}"


def _told(token: Token) -> dict[str, Any]:
    return {"name": token.name, "scopes": token.scopes, "expires_at": clock.iso(token.expires_at)}


def _new_text(scopes: list[str]) -> str:
    kind = "v" if Token.Scope.TRADE_VIRTUAL in scopes else "r"
    return f"ts_{kind}_{secrets.token_urlsafe(32)}"


def _valid(user: User, now: datetime) -> QuerySet[Token]:
    return Token.objects.filter(user=user, revoked_at=None, expires_at__gt=now)


def _note_use(token: Token, now: datetime) -> None:
    due = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - USE_NOTED_EVERY:
        Token.objects.filter(due, pk=token.pk).update(last_used_at=now)
