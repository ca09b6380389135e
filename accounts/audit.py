"""Who did what, when and from where? One row for each event, which nobody can change.

Also the only place that listens to signals of allauth and contrib.auth.
"""

import json
from collections.abc import Mapping
from typing import Any

import structlog
from allauth.account import signals as account
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.db import connection
from django.db.models import Model, QuerySet
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import actors, proof
from accounts.actors import SYSTEM, Actor
from accounts.models import AuditRecord, User
from core.push import end_sessions

NOTE = "SELECT audit_note(%s, %s, %s::inet, %s::uuid, %s, %s::jsonb, %s::jsonb)"
RECENT = 20
Values = Mapping[str, Any]  # what JSON can say

log = structlog.get_logger("accounts.audit")


def note(
    event: str,
    *,
    by: Actor = SYSTEM,
    person: User | None = None,
    thing: str = "",
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    """Write one row, in the transaction of what it tells of; and one log line.

    `person` is whom it concerns, `thing` what: "token:<uuid>". `before` and `after` hold what
    changed and never a secret: the trail is kept for ever and is read by staff.
    """
    concerned = person.public_id if person else None
    values = [event, by.name, by.address, concerned, thing, _json(before), _json(after)]
    with connection.cursor() as cursor:
        cursor.execute(NOTE, values)
    log.info(event, actor=by.name, person=str(concerned) if concerned else None)


def recent(person: User) -> QuerySet[AuditRecord]:
    """The newest rows that concern `person`."""
    return AuditRecord.objects.filter(person=person.public_id).order_by("-pk")[:RECENT]


def note_failure(event: str, request: HttpRequest, person: User | None) -> None:
    """A try that failed, without what was typed: people type passwords into the wrong field."""
    user = getattr(request, "user", None)
    note(event, by=actors.as_person(user if user == person else None, request), person=person)


def note_console(request: HttpRequest, row: Model, before: Values, after: Values) -> None:
    """A change that staff made in the console; see `core/console.py`."""
    person = row if isinstance(row, User) else None
    thing = f"{row._meta.label_lower}:{row.pk}"
    by = actors.of(request)
    note("changed in the console", by=by, person=person, thing=thing, before=before, after=after)


@receiver(account.user_signed_up)
@receiver(account.user_logged_in)
@receiver(account.password_changed)
@receiver(account.password_set)
@receiver(account.password_reset)
@receiver(auth.user_logged_out)
@receiver(mfa.authentication_failed)
def hear(
    signal: Any, request: HttpRequest | None = None, user: User | None = None, **_: Any
) -> None:
    """Something happened at the door; nobody's sign-out is nothing."""
    if user is None:
        return
    after = None
    if signal is account.user_logged_in and request:
        after = {"by": proof.said(request, user)}
    note(NAMES[signal], by=actors.as_person(user, request), person=user, after=after)


@receiver(account.authentication_step_completed)
def hear_of_proof(request: HttpRequest, *, reauthenticated: bool = False, **_: Any) -> None:
    """Who has shown again who they are may do more: the session gets a new id."""
    if reauthenticated:
        proof.renew(request)


@receiver(account.email_added)
@receiver(account.email_removed)
@receiver(account.email_confirmed)
def hear_of_address(
    signal: Any, request: HttpRequest, email_address: EmailAddress, **_: Any
) -> None:
    """An address came, went or was confirmed: by its owner, who followed the link."""
    owner: User = email_address.user
    after = {"address": veiled(email_address.email)}
    note(NAMES[signal], by=actors.as_person(owner, request), person=owner, after=after)


@receiver(account.email_changed)
def hear_of_change(
    request: HttpRequest,
    user: User,
    to_email_address: EmailAddress,
    from_email_address: EmailAddress | None = None,
    **_: Any,
) -> None:
    """Letters go to another address from now on; a first one that is confirmed is no change."""
    if from_email_address is None:
        return
    note(
        NAMES[account.email_changed],
        by=actors.as_person(user, request),
        person=user,
        before={"address": veiled(from_email_address.email)},
        after={"address": veiled(to_email_address.email)},
    )


@receiver(mfa.authenticator_added)
@receiver(mfa.authenticator_removed)
@receiver(mfa.authenticator_reset)
def hear_of_factor(
    signal: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any
) -> None:
    """A second factor came or went: the session gets a new id."""
    factor = {"factor": str(authenticator.type)}
    is_gone = signal is mfa.authenticator_removed
    note(
        NAMES[signal],
        by=actors.as_person(user, request),
        person=user,
        before=factor if is_gone else None,
        after=None if is_gone else factor,
    )
    if signal is mfa.authenticator_added:
        proof.enrolled(request, user, authenticator)
    if request.user.is_authenticated:
        proof.renew(request)


@receiver(auth.user_logged_out)
def close_sockets(user: User | None = None, **_: Any) -> None:
    """The browser's other pages hear that the session has ended."""
    if user is not None:
        end_sessions(user.public_id)


def veiled(address: str) -> str:
    """An e-mail address as the trail keeps it: told from others, but not given away."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def _json(values: Values | None) -> str | None:
    return None if values is None else json.dumps(values)


NAMES = {
    account.user_signed_up: "signed up",
    account.user_logged_in: "signed in",
    account.password_changed: "password changed",
    account.password_set: "password set",
    account.password_reset: "password reset",
    account.email_added: "e-mail address added",
    account.email_removed: "e-mail address removed",
    account.email_changed: "e-mail address changed",
    account.email_confirmed: "e-mail address confirmed",
    auth.user_logged_out: "signed out",
    mfa.authenticator_added: "second factor added",
    mfa.authenticator_removed: "second factor removed",
    mfa.authenticator_reset: "recovery codes renewed",
    mfa.authentication_failed: "second factor failed",
}
