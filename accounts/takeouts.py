"""Which file of their data has a person asked for, and is it ready?

The worker makes it (`tradingsite/takeout.py`) and any web process hands it out: it lies in
PostgreSQL, in pieces, for a day. A person has one; a new one takes the place of the last.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from celery import current_app
from django.db import transaction

from accounts import audit, people
from accounts.actors import SYSTEM, Actor
from accounts.models import Takeout, TakeoutPiece, User
from core import clock
from core.errors import Code, Refused

KEPT = timedelta(days=1)
MADE_WITHIN = timedelta(minutes=15)  # a worker that has died by then says no more
PACK = "tradingsite.pack_takeout"
State = Takeout.State


@dataclass(frozen=True, slots=True)
class File:
    """What is told of a file."""

    id: UUID
    state: str
    asked_at: datetime
    expires_at: datetime
    size: int | None


def told(row: Takeout) -> File:
    """Its state as people read it, and until when it is kept."""
    return File(row.public_id, state(row), row.asked_at, row.asked_at + KEPT, row.size)


def begin(user: User, *, by: Actor = SYSTEM) -> Takeout:
    """Ask for a file, or for the one that is being made. Raises Refused `forbidden` to the gone."""
    with transaction.atomic():
        people.lock(user)  # two requests at once ask for one file
        made = user.takeouts.first()
        if made and state(made) == State.MAKING:
            return made
        user.takeouts.all().delete()
        row = Takeout.objects.create(user=user, asked_at=clock.now())
        audit.note("data asked for", by=by, person=user, thing=_thing(row))
        send = partial(current_app.send_task, PACK, args=[row.pk])
        transaction.on_commit(send, robust=True)
    return row


def latest(user: User) -> Takeout | None:
    """The person's file, in whatever state; None where they asked for none within a day."""
    return user.takeouts.filter(asked_at__gt=clock.now() - KEPT).first()


def get(user: User, public_id: UUID) -> Takeout:
    """The person's own. Raises Refused `not_found` for any other, and for one kept long enough."""
    row = user.takeouts.filter(public_id=public_id, asked_at__gt=clock.now() - KEPT).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, "There is no such file; ask for a new one.")
    return row


def state(row: Takeout) -> str:
    """The state as people read it: what nobody has made in time has failed."""
    is_late = clock.now() > row.asked_at + MADE_WITHIN
    return State.FAILED if row.state == State.MAKING and is_late else row.state


def hand_out(row: Takeout, *, by: Actor = SYSTEM) -> Iterator[bytes]:
    """The file bit by bit. Raises Refused `not_ready` while there is none."""
    if row.state != State.READY:
        raise Refused(Code.NOT_READY, "The file is not ready.", state=state(row))
    audit.note("data taken out", by=by, person=row.user, thing=_thing(row))
    return _contents(row)


def asked_by(takeout_id: int) -> User | None:
    """Whose file is to be made; None where it is made, or nobody wants it any more."""
    rows = Takeout.objects.select_related("user").filter(pk=takeout_id, state=State.MAKING)
    row = rows.first()
    return row.user if row else None


def keep(takeout_id: int, contents: Iterable[bytes]) -> None:
    """Store what was made, all of it or nothing; nothing for somebody who has left meanwhile."""
    with transaction.atomic():
        rows = Takeout.objects.select_for_update().filter(pk=takeout_id, state=State.MAKING)
        row = rows.first()
        if row is None:
            return
        row.size = 0
        for number, content in enumerate(contents):
            TakeoutPiece.objects.create(takeout=row, number=number, content=content)
            row.size += len(content)
        row.state = State.READY
        row.save(update_fields=["state", "size"])


def fail(takeout_id: int) -> None:
    """Say that there will be no file."""
    Takeout.objects.filter(pk=takeout_id, state=State.MAKING).update(state=State.FAILED)


def forget_old() -> int:
    """Delete the files that were kept long enough; returns how many."""
    old = Takeout.objects.filter(asked_at__lte=clock.now() - KEPT)
    count = old.count()
    old.delete()
    return count


def _contents(row: Takeout) -> Iterator[bytes]:
    numbers = TakeoutPiece.objects.filter(takeout=row).order_by("number")
    for number in numbers.values_list("number", flat=True):
        yield bytes(TakeoutPiece.objects.get(takeout=row, number=number).content)


def _thing(row: Takeout) -> str:
    return f"takeout:{row.public_id}"
