"""Who did what at the door? One log line for each event, and a new session id where rights change.

The only place that listens to signals of allauth and contrib.auth.
"""

from typing import Any

import structlog
from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import sessions
from accounts.models import User
from core.push import end_sessions

log = structlog.get_logger("accounts.audit")


@receiver(account.user_signed_up)
@receiver(account.user_logged_in)
@receiver(account.password_changed)
@receiver(account.password_reset)
@receiver(account.email_changed)
@receiver(account.email_confirmed)
@receiver(auth.user_logged_out)
def note(signal: Any, user: User | None = None, **_: Any) -> None:
    """Log the event with the person it concerns."""
    log.info(NAMES[signal], person=str(user.public_id) if user else None)


@receiver(auth.user_logged_out)
def close_sockets(user: User | None = None, **_: Any) -> None:
    """The browser's other pages hear that the session has ended."""
    if user is not None:
        end_sessions(user.public_id)


@receiver(auth.user_login_failed)
def note_failure(request: HttpRequest | None = None, **_: Any) -> None:
    """Log a failed try, without what was typed: people type passwords into the wrong field."""
    log.warning("sign-in failed", address=request.META.get("REMOTE_ADDR") if request else None)


@receiver(mfa.authenticator_added)
@receiver(mfa.authenticator_removed)
@receiver(mfa.authenticator_reset)
def change_id(signal: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    """A second factor came or went: log it and give the session a new id."""
    log.info(NAMES[signal], person=str(user.public_id), factor=str(authenticator.type))
    if request.user.is_authenticated:
        sessions.rotate(request)


NAMES = {
    account.user_signed_up: "signed up",
    account.user_logged_in: "signed in",
    account.password_changed: "password changed",
    account.password_reset: "password reset",
    account.email_changed: "e-mail address changed",
    account.email_confirmed: "e-mail address confirmed",
    auth.user_logged_out: "signed out",
    mfa.authenticator_added: "second factor added",
    mfa.authenticator_removed: "second factor removed",
    mfa.authenticator_reset: "recovery codes renewed",
}
