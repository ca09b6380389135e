"""How does a person leave for good? Their accounts close and their name goes, or nothing happens.

What has to be kept for the books stays as it was written and means a row without a name.
"""

import re
from dataclasses import dataclass

from django.db import transaction
from django_celery_results.models import TaskResult

from accounts import audit, mailbox
from accounts import leaving as person_leaving
from accounts.actors import SYSTEM, Actor
from accounts.models import User
from core import database
from portfolio import closing, credentials


@dataclass(frozen=True, slots=True)
class Farewell:
    """Who left, and where the last letter goes ("" for nowhere)."""

    username: str
    address: str


def leave(user: User, *, by: Actor = SYSTEM) -> Farewell:
    """Delete the account of `user`, all of it or nothing; sockets close after the commit.

    Raises Refused `account_not_empty` while a real or sandbox account holds money, `forbidden` for
    the last administrator, `account_frozen` where the house froze an account, and Retryable for a
    lock that does not come free.
    """

    def unit() -> Farewell:
        with transaction.atomic():
            row = person_leaving.lock(user)
            farewell = Farewell(row.username, person_leaving.letters_go_to(row))
            closed = closing.close_all(row)
            credentials.forget_all(row, by=by)
            _forget_letters(row.email, farewell.address)
            person_leaving.forget(row, by=by)
            after = {"accounts_closed": closed}
            audit.note("account deleted", by=by, person=row, after=after)
        return farewell

    return database.retried(unit)


def _forget_letters(*to: str) -> None:
    """Letters that could not be sent are kept for staff to try again; others lie in a folder."""
    for address in {address for address in to if address}:
        quoted = rf"""['"]{re.escape(address)}\\*['"]"""
        failed = TaskResult.objects.filter(task_name="accounts.deliver")
        failed.filter(task_kwargs__iregex=quoted).delete()
    transaction.on_commit(lambda: mailbox.forget(*filter(None, to)), robust=True)
