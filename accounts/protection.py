"""Does real trading rest? For 24 hours after a password or second factor was reset.

Whoever reads somebody's letters should not be able to move their real money the same day. The hold
stands on the person's row; `books.sql` reads it where real money would move.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from accounts import audit
from accounts.actors import SYSTEM, Actor
from accounts.models import User
from core import clock


@dataclass(frozen=True, slots=True)
class Rest:
    """Since when all money rests by the person's own wish, and until when real trading does."""

    frozen_at: datetime | None
    real_held_until: datetime | None


def hold_real(user: User, *, by: Actor = SYSTEM) -> None:
    """Let real trading rest for 24 hours from now."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT protection_hold_real(%s)", [user.pk])
            (until,) = cursor.fetchone() or (None,)
        user.real_held_until = until
        after = {"until": clock.iso(until)} if until else None
        audit.note("real trading held", by=by, person=user, after=after)


def of(user: User) -> Rest:
    """What rests, as the database says now."""
    frozen_at, held = User.objects.values_list("frozen_at", "real_held_until").get(pk=user.pk)
    return Rest(frozen_at, held if held and clock.now() < held else None)


def is_real_held(user: User) -> bool:
    """Whether real trading rests now."""
    return user.real_held_until is not None and clock.now() < user.real_held_until
