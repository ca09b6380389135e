"""Whose is an e-mail address? Of the account that confirmed it, else of the first that gave it.

Several accounts may give the same address as long as none has confirmed it: to refuse the second
would tell a stranger that the first exists.
"""

from allauth.account import signals as account
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from django.db.models.functions import Lower

from accounts.models import User


def free_from_second_factors() -> None:
    """Let people with a second factor change their address.

    allauth refuses it, so that no unconfirmed address gets onto a protected account. Here a new
    one counts only once it is confirmed, and the old one holds until then.
    """
    account._add_email.disconnect(mfa.on_add_email)


def owner_of(email: str) -> User | None:
    """The one account that an e-mail address means at sign-in and when a password is reset."""
    email = email.strip().lower()
    given = EmailAddress.objects.filter(email=email).select_related("user")
    address = given.order_by("-verified", "user_id").first()
    # Asked in any case: the time an answer takes must not tell whether somebody was found.
    by_column = User.objects.annotate(key=Lower("email")).filter(key=email).order_by("pk").first()
    return address.user if address else by_column


def confirmed(user: User) -> str | None:
    """The address `user` has confirmed, if any."""
    address = EmailAddress.objects.filter(user=user, verified=True).first()
    return str(address.email) if address else None


def unconfirmed(user: User) -> str | None:
    """The address that still waits for its confirmation, if any."""
    address = EmailAddress.objects.filter(user=user, verified=False).order_by("pk").last()
    return str(address.email) if address else None


def is_confirmed(email: str) -> bool:
    """Has somebody confirmed this address?"""
    return bool(EmailAddress.objects.filter(email=email.lower(), verified=True).exists())


def is_confirmed_elsewhere(email: str, user: User) -> bool:
    """Has another account confirmed this address?"""
    others = EmailAddress.objects.filter(email=email.lower(), verified=True).exclude(user=user)
    return bool(others.exists())


def confirm(user: User, email: str) -> None:
    """Take `email` as confirmed without a letter: for accounts made on the command line."""
    EmailAddress.objects.update_or_create(
        user=user, email=email.lower(), defaults={"verified": True, "primary": True}
    )
