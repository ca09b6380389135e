"""How do administrators come about, and how are people found for them?"""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import addresses, audit, sign_in
from accounts.models import User
from core.errors import Code, Refused


def create(*, username: str, email: str, password: str) -> User:
    """An administrator with a confirmed address.

    Raises Refused `malformed` where name, address or password will not do.
    """
    user = User(username=username, email=email.lower(), is_staff=True, is_superuser=True)
    try:
        validate_password(password, user)
        user.set_password(password)
        user.full_clean()
    except ValidationError as error:
        raise Refused(Code.MALFORMED, " ".join(error.messages)) from error
    if addresses.owner_of(user.email):
        raise Refused(Code.MALFORMED, "Another account uses that e-mail address.")
    with transaction.atomic():
        user.save()
        addresses.confirm(user, user.email)
        audit.note("administrator made", person=user, after={"username": user.username})
    return user


def check_still_admin(by: object) -> None:
    """Raises PermissionDenied for somebody who is no administrator any more.

    Who changes roles goes one after the other, to the end of the transaction: two who take each
    other's away at once leave one.
    """
    admins = User.objects.select_for_update().filter(is_superuser=True, is_active=True)
    if by not in list(admins.order_by("pk")):
        raise PermissionDenied


def find(login: str) -> User:
    """The account a username or e-mail address means. Raises Refused `not_found`."""
    user = sign_in.account_of(login)
    if user is None:
        raise Refused(Code.NOT_FOUND, f"There is no account {login!r}.")
    return user
