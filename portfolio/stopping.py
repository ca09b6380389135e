"""How does the house stop everything? No money moves in any account until it says otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.actors import SYSTEM, Actor
from accounts.models import User
from core import push
from core.errors import Code, Refused
from portfolio import ledger, reasons, refusals
from portfolio.models import Stop

SHOWN = 10
BY_PERSON = "user:"
STOP = "SELECT books_stop(%s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Stopped:
    """A time in which no money moved; `ended_at` is None while it lasts."""

    began_at: datetime
    by: str
    reason: str
    told: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What everybody is told while no money moves; `why` is empty where staff keeps it."""

    since: datetime
    why: str


def stop(*, reason: str, by: User, actor: Actor = SYSTEM, told: str = "") -> bool:
    """Stop every movement of everybody's money; False where it had stopped already.

    People read `told`, staff `reason`. Movements that run end first. Raises Refused `forbidden`
    to others than superusers and `malformed` without a good reason or for words people cannot
    read, Retryable where a movement that runs does not end.
    """
    said = reasons.checked(told, field="told") if told.strip() else ""
    return _turn(reasons.checked(reason), by, actor, event="all money stopped", told=said)


def resume(*, reason: str, by: User, actor: Actor = SYSTEM) -> bool:
    """Let money move again, but for accounts frozen one by one; raises as `stop` does."""
    return _turn(reasons.checked(reason), by, actor, event="all money moves again")


def current() -> Stopped | None:
    """The stop that lasts; None while money moves."""
    return next(iter(_told(Stop.objects.filter(ended_at=None))), None)


def notice() -> Notice | None:
    """What to tell people now, in one query; None while money moves."""
    row = Stop.objects.filter(ended_at=None).first()
    return Notice(row.began_at, row.told) if row else None


def recent() -> list[Stopped]:
    """The newest stops, also those that are over."""
    return _told(Stop.objects.order_by("-pk")[:SHOWN])


def check() -> None:
    """Raises Refused `account_frozen` while nothing moves; the books ask it again by themselves."""
    if Stop.objects.filter(ended_at=None).exists():
        raise Refused(*refusals.REFUSED["TS014"])


def _turn(reason: str, by: User, actor: Actor, *, event: str, told: str = "") -> bool:
    if not (by.is_superuser and by.is_active):
        raise Refused(Code.FORBIDDEN, "Only administrators may do this.")
    stops = event == "all money stopped"
    with transaction.atomic():
        ((turned,),) = ledger.call(STOP, [reason if stops else None, actor.name, told])
        if turned:
            said = {"reason": reason} | ({"told": told} if told else {})
            audit.note(event, by=actor, thing="house", after=said)
            push.tell_everybody({"type": "stop", "stopped": stops})
    return bool(turned)


def _told(rows: Iterable[Stop]) -> list[Stopped]:
    found = list(rows)
    ids = [row.began_by.removeprefix(BY_PERSON) for row in found if BY_PERSON in row.began_by]
    people = User.objects.filter(public_id__in=ids) if ids else ()
    names = {f"{BY_PERSON}{one.public_id}": one.username for one in people}
    return [
        Stopped(
            began_at=row.began_at,
            by=names.get(row.began_by, row.began_by),
            reason=row.reason,
            told=row.told,
            ended_at=row.ended_at,
        )
        for row in found
    ]
