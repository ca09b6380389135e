"""Which keys of exchanges has a person entrusted to us, and what became of each?

A key is sealed when it is given. The worker alone opens it, told the row's number and nothing else.
It never may withdraw: one that can is refused and forgotten. An ended key leaves its row.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts import addresses, audit, letters, people, roles
from accounts.actors import SYSTEM, Actor
from accounts.models import User
from core import clock, push
from core.errors import Code, Refused
from core.secrets.field import Sealed
from portfolio.models import ExchangeKey, Mode

State = ExchangeKey.State

LIVE_MAX = 5
TEST = "portfolio.test_key"  # the task that asks the venue
TESTING = "testing"
TEST_LASTS = timedelta(seconds=60)  # a test that says nothing for so long has been lost
PURPOSE = "exchange key"
KEY_MAX, SECRET_MAX = 200, 4096
KRAKEN_SECRET_BYTES = 64


@dataclass(frozen=True, slots=True)
class Venue:
    """One exchange that takes keys."""

    name: str
    title: str
    has_sandbox: bool


VENUES: Mapping[str, Venue] = {
    venue.name: venue
    for venue in (
        Venue("kraken", "Kraken", has_sandbox=False),
        Venue("coinbase", "Coinbase", has_sandbox=False),
        Venue("binance", "Binance", has_sandbox=True),
    )
}


@dataclass(frozen=True, slots=True)
class Wish:
    """A key as a person gives it."""

    venue: str
    label: str
    mode: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A key with its secret, for the worker that talks to the venue."""

    venue: str
    mode: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


class Verdict(StrEnum):
    """What a venue's answer means for a key."""

    WORKS = "works"
    WITHDRAWS = "may withdraw"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, why in our own words, and what the key may do as far as the venue tells."""

    verdict: Verdict
    reason: str = ""
    permissions: tuple[str, ...] = ()


STATE_OF = {
    Verdict.WORKS: State.WORKS,
    Verdict.WITHDRAWS: State.REFUSED,
    Verdict.DENIED: State.PAUSED,
    Verdict.UNKNOWN: State.UNTESTED,
}


def of(user: User) -> QuerySet[ExchangeKey]:
    """Every key `user` ever gave, newest first."""
    return ExchangeKey.objects.filter(user=user)


def get(user: User, public_id: UUID) -> ExchangeKey:
    """One key. Raises Refused `not_found` for one that is not this person's."""
    row = of(user).filter(public_id=public_id).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, "There is no such exchange key.")
    return row


def shown_state(row: ExchangeKey) -> str:
    """The state as people read it: `testing` while an answer may still come."""
    waits = row.tested_at is None or row.tested_at < row.asked_at
    is_live = row.ended_at is None
    return TESTING if is_live and waits and clock.now() < row.asked_at + TEST_LASTS else row.state


def add(user: User, wish: Wish, *, by: Actor = SYSTEM) -> ExchangeKey:
    """Keep a key and have it tested.

    Raises Refused: `malformed` for what cannot be a key of that venue, `forbidden` for viewers and
    for real money without a confirmed e-mail address, `too_many` beyond 5 live keys.
    """
    roles.check_may_trade(user)
    _check_place(user, wish)
    wish = _checked(wish)
    text = json.dumps({"key": wish.key, "secret": wish.secret})
    with transaction.atomic():
        people.lock(user)  # two requests at once count in turn
        if of(user).filter(ended_at=None).count() >= LIVE_MAX:
            raise Refused(Code.TOO_MANY, f"You have {LIVE_MAX} exchange keys. Revoke one first.")
        row = ExchangeKey.objects.create(
            user=user,
            venue=wish.venue,
            label=wish.label,
            mode=wish.mode,
            key_end=wish.key[-4:],
            sealed=Sealed.of(text, purpose=PURPOSE, owner=user.pk),  # type: ignore[misc]
            asked_at=clock.now(),
        )
        audit.note("exchange key added", by=by, person=user, thing=_thing(row), after=_told(row))
        _send(row)
    return row


def retest(user: User, public_id: UUID, *, by: Actor = SYSTEM) -> ExchangeKey:
    """Have a key tested once more; until the venue has answered it counts as untested.

    Raises Refused: `not_found`, `malformed` for one that has ended.
    """
    with transaction.atomic():
        row = _locked(user, public_id)
        if row.ended_at is not None:
            raise Refused(Code.MALFORMED, "This key has ended. Add it again to test it.")
        if shown_state(row) == TESTING:
            return row
        before = _told(row)
        row.state, row.reason, row.asked_at = State.UNTESTED, "", clock.now()
        row.save(update_fields=["state", "reason", "asked_at"])
        audit.note("exchange key test wanted", by=by, person=user, thing=_thing(row), before=before)
        _send(row)
    return row


def revoke(user: User, public_id: UUID, *, by: Actor = SYSTEM) -> None:
    """Forget a key's secret at once and for good; its row stays. Raises Refused `not_found`."""
    with transaction.atomic():
        row = _locked(user, public_id)
        if row.ended_at is not None:
            return
        before = _told(row)
        row.state, row.reason, row.sealed, row.ended_at = State.REVOKED, "", None, clock.now()
        row.save(update_fields=["state", "reason", "sealed", "ended_at"])
        audit.note("exchange key revoked", by=by, person=user, thing=_thing(row), before=before)
        _tell(row)


def forget_all(user: User, *, by: Actor = SYSTEM) -> None:
    """End every key of somebody who leaves, and forget that there were any, but in the trail."""
    for row in of(user).filter(ended_at=None):
        revoke(user, row.public_id, by=by)
    of(user).delete()


def opened(pk: int) -> Opened | None:
    """A live key with its secret; None where it has ended. Raises Broken where it does not open."""
    row = ExchangeKey.objects.filter(pk=pk, ended_at=None).first()
    if row is None or row.sealed is None:
        return None
    pair = json.loads(row.sealed.open(purpose=PURPOSE, owner=row.user_id))
    return Opened(row.venue, row.mode, pair["key"], pair["secret"])


def learn(pk: int, finding: Finding) -> None:
    """Keep what a venue said of a key: after a test, and wherever it turns the key down later.

    A key that may withdraw is forgotten, one that is denied rests; its owner hears of both.
    """
    with transaction.atomic():
        rows = ExchangeKey.objects.select_for_update(of=("self",)).select_related("user")
        row = rows.filter(pk=pk, ended_at=None).first()
        if row is None:
            return
        before = _told(row)
        row.state, row.reason = STATE_OF[finding.verdict], finding.reason
        row.permissions, row.tested_at = list(finding.permissions), clock.now()
        if row.state == State.REFUSED:
            row.sealed, row.ended_at = None, row.tested_at
        row.save()
        event, after = f"exchange key {row.state}", _told(row)
        audit.note(event, person=row.user, thing=_thing(row), before=before, after=after)
        _tell(row)
        if row.state in (State.REFUSED, State.PAUSED):
            transaction.on_commit(partial(_write, row), robust=True)


def _locked(user: User, public_id: UUID) -> ExchangeKey:
    row = of(user).select_for_update().filter(public_id=public_id).first()
    if row is None:
        raise Refused(Code.NOT_FOUND, "There is no such exchange key.")
    return row


def _checked(wish: Wish) -> Wish:
    """The wish without the spaces that copying leaves. Raises Refused `malformed`."""
    label, key, secret = wish.label.strip(), wish.key.strip(), wish.secret.strip()
    if not 1 <= len(label) <= 60 or not label.isprintable():
        raise Refused(Code.MALFORMED, "Give the key a label of 1 to 60 characters.", field="label")
    if not 8 <= len(key) <= KEY_MAX or not (key.isascii() and key.isprintable()):
        raise Refused(Code.MALFORMED, "That cannot be an API key.", field="key")
    secret = secret.replace("\r\n", "\n").replace("\\n", "\n")  # JSON files escape line ends
    if not _can_be_secret(wish.venue, secret):
        title = VENUES[wish.venue].title
        raise Refused(
            Code.MALFORMED, f"That is no secret of {title}: copy it whole.", field="secret"
        )
    return Wish(wish.venue, label, wish.mode, key, secret)


def _can_be_secret(venue: str, secret: str) -> bool:
    if not 16 <= len(secret) <= SECRET_MAX or not secret.isascii():
        return False
    if not secret.replace("\n", "").isprintable():
        return False
    if venue != "kraken":
        return True
    try:
        return len(base64.b64decode(secret, validate=True)) == KRAKEN_SECRET_BYTES
    except binascii.Error:
        return False


def _check_place(user: User, wish: Wish) -> None:
    """Raises Refused where the venue, the operator or the person's address stands against it."""
    if wish.venue not in VENUES:
        raise Refused(Code.MALFORMED, "Choose one of the exchanges listed.", field="venue")
    venue, address = VENUES[wish.venue], settings.EXCHANGES.get(wish.venue)
    if wish.mode not in (Mode.SANDBOX, Mode.REAL):
        raise Refused(Code.MALFORMED, "The mode is sandbox or real.", field="mode")
    if wish.mode == Mode.SANDBOX:
        if not venue.has_sandbox:
            words = f"{venue.title} has no sandbox: only keys for real money exist there."
            raise Refused(Code.MALFORMED, words, field="mode")
        return
    if address is not None and address.sandbox:
        words = f"This site is set up for the sandbox of {venue.title} only."
        raise Refused(Code.FORBIDDEN, words, field="mode")
    if addresses.confirmed(user) is None:
        words = "Confirm your e-mail address first; then keys for real money can be added."
        raise Refused(Code.FORBIDDEN, words, field="mode")


def _send(row: ExchangeKey) -> None:
    send = partial(current_app.send_task, TEST, args=[row.pk])
    transaction.on_commit(send, robust=True)  # the broker being away costs the test, not the key


def _tell(row: ExchangeKey) -> None:
    push.tell_user(row.user.public_id, {"type": "exchange_keys", "id": str(row.public_id)})


def _write(row: ExchangeKey) -> None:
    address = addresses.confirmed(row.user)
    if address:
        values = {
            "username": row.user.username,
            "label": row.label,
            "venue": VENUES[row.venue].title,
            "became": row.state,
            "reason": row.reason,
        }
        letters.send(letters.write("exchange_key_stopped", to=address, **values))


def _thing(row: ExchangeKey) -> str:
    return f"exchange-key:{row.public_id}"


def _told(row: ExchangeKey) -> dict[str, Any]:
    names = ("venue", "label", "mode", "key_end", "state", "permissions")
    return {name: getattr(row, name) for name in names}
