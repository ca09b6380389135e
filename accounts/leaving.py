"""What is left of a person who leaves? A row without a name, which the books and the trail mean.

The row stays because entries, quotes and corrections point at it. Journal and audit trail name
people by their public id and are never rewritten; the new name of the row is that id too.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from accounts import addresses, sessions
from accounts.actors import SYSTEM, Actor
from accounts.models import Favourite, Preference, Takeout, Token, User
from core.errors import Code, Refused

PREFIX = "deleted-"  # nobody may sign up under such a name: see `entrance.py`
THEIRS = (EmailAddress, Authenticator, Token, Preference, Favourite, Takeout)


def name_of_gone(user: User) -> str:
    """What the row of `user` is called once they have left."""
    return f"{PREFIX}{user.public_id}"


def letters_go_to(user: User) -> str:
    """The address of a last letter; "" where there is none, or it is another person's by now."""
    email = addresses.confirmed(user) or addresses.unconfirmed(user) or user.email
    return "" if addresses.is_confirmed_elsewhere(email, user) else email


def lock(user: User) -> User:
    """The row as it is now, for the transaction that runs; whoever opens anything for them waits.

    Raises Refused `forbidden` for the last administrator, and for somebody who has left already.
    Administrators are locked together: two who leave at once go one after the other.
    """
    wanted = Q(pk=user.pk)
    if user.is_superuser:
        wanted |= Q(is_superuser=True, is_active=True)
    rows = {row.pk: row for row in User.objects.select_for_update().filter(wanted).order_by("pk")}
    row = rows[user.pk]
    if not row.is_active:
        raise Refused(Code.FORBIDDEN, "This account is deleted or locked.")
    if row.is_superuser and len(rows) == 1:
        words = "You are the last administrator here. Make another one first; then you can leave."
        raise Refused(Code.FORBIDDEN, words)
    return row


def forget(row: User, *, by: Actor = SYSTEM) -> None:
    """Take everything away that names `row` or lets anybody in; to be called under its lock."""
    sessions.end_others(row, this_key=None, by=by)
    for model in THEIRS:
        model._default_manager.filter(user=row).delete()
    row.groups.clear()
    row.user_permissions.clear()
    row.username = name_of_gone(row)
    row.email = row.first_name = row.last_name = ""
    row.is_active = row.is_staff = row.is_superuser = False
    row.last_login = None
    row.set_unusable_password()
    row.save()
    kind = ContentType.objects.get_for_model(User)
    about = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk))
    about.update(object_repr=row.username)  # the console's list of changes names what was changed
