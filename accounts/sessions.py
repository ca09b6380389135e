"""Where is a person signed in, for how long, and how is that ended?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from allauth.account.internal.flows.login import get_authentication_records
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest
from redis import RedisError

from accounts import audit, defaults, devices, proof
from accounts.actors import SYSTEM, Actor
from accounts.models import User
from core import clock
from core.errors import Code, Refused
from core.push import end_sessions

SEEN_EVERY_S = 60


@dataclass(frozen=True, slots=True)
class Place:
    """One browser in which the person is signed in."""

    id: int
    device: str
    is_handheld: bool
    address: str
    signed_in_at: datetime
    last_seen_at: datetime
    by: str
    is_this_one: bool


def begin(request: HttpRequest, user: User) -> None:
    """Set how long the new session lasts, from now, whatever is done in it."""
    lasts = defaults.STAFF_SESSION_LASTS if user.is_staff else defaults.SESSION_LASTS
    request.session.set_expiry(clock.now() + lasts)


def of(user: User, *, this_key: str | None) -> Sequence[Place]:
    """Where `user` is signed in, this browser first, then the latest seen."""
    rows = UserSession.objects.purge_and_list(user)
    places = [_place(row, this_key) for row in rows]
    return sorted(places, key=lambda place: (place.is_this_one, place.last_seen_at), reverse=True)


def end(user: User, place_id: int, *, by: Actor = SYSTEM) -> None:
    """Sign one browser out. Raises Refused `not_found` for one that is not this person's."""
    row = UserSession.objects.filter(user=user, pk=place_id).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, "That browser is not signed in any more.")
    row.end()
    audit.note("session ended", by=by, person=user, before={"address": row.ip})
    end_sessions(user.public_id)


def end_others(user: User, *, this_key: str | None, by: Actor = SYSTEM) -> int:
    """Sign out every browser but this one; returns how many there were."""
    others = list(UserSession.objects.filter(user=user).exclude(session_key=this_key or ""))
    for row in others:
        row.end()
    if others:
        audit.note("other sessions ended", by=by, person=user, before={"sessions": len(others)})
    end_sessions(user.public_id)
    return len(others)


def note_use(request: HttpRequest) -> None:
    """Note that the session is in use, once a minute; Redis being away only skips the note."""
    key = request.session.session_key
    if not key:
        return
    try:
        is_due = cache.add(f"seen:{sha256(key.encode()).hexdigest()}", 1, SEEN_EVERY_S)
    except RedisError:
        return
    if is_due:
        UserSession.objects.create_from_request(request)


def end_unused() -> int:
    """Sign out where nobody has asked for anything for too long; returns how many there were."""
    now = clock.now()
    people = Q(last_seen_at__lt=now - defaults.SESSION_UNUSED)
    staff = Q(last_seen_at__lt=now - defaults.STAFF_SESSION_UNUSED, user__is_staff=True)
    rows = list(UserSession.objects.filter(people | staff).select_related("user"))
    for row in rows:
        end(row.user, row.pk)
    return len(rows)


def forget_ended() -> int:
    """Delete the sessions that have run out, and what was noted of them; returns how many."""
    ended, _ = Session.objects.filter(expire_date__lt=clock.now()).delete()
    known = Session.objects.values("session_key")
    UserSession.objects.exclude(session_key__in=known).delete()
    return ended


def is_fresh(request: HttpRequest) -> bool:
    """Has the person shown within the last five minutes who they are?"""
    records = get_authentication_records(request, request.user)
    return any(clock.now().timestamp() - record["at"] < defaults.FRESH_S for record in records)


def has_second_factor(
    request: HttpRequest, *, within: timedelta = defaults.STAFF_SESSION_LASTS
) -> bool:
    """Was a code, a recovery code or a passkey used in this session, no longer ago than that?"""
    since = (clock.now() - within).timestamp()
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" and record["at"] > since for record in records)


def note_how(request: HttpRequest, user: User) -> None:
    """Keep with the session by what the person signed in."""
    rows = UserSession.objects.filter(session_key=request.session.session_key)
    rows.update(data={"by": proof.said(request, user)})


def _place(row: UserSession, this_key: str | None) -> Place:
    return Place(
        id=row.pk,
        device=devices.name(row.user_agent),
        is_handheld=devices.is_handheld(row.user_agent),
        address=row.ip,
        signed_in_at=row.created_at,
        last_seen_at=row.last_seen_at,
        by=row.data.get("by", "password"),
        is_this_one=row.session_key == this_key,
    )
