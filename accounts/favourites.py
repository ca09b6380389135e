"""Which rows of the board does a person keep at hand?"""

from django.contrib.auth.models import AnonymousUser

from accounts.models import Favourite, User
from market import catalog


def codes(user: User | AnonymousUser) -> frozenset[str]:
    """The codes `user` has marked; none for somebody who is not signed in."""
    if not isinstance(user, User):
        return frozenset()
    return frozenset(Favourite.objects.filter(user=user).values_list("code", flat=True))


def add(user: User, code: str) -> None:
    """Mark `code`; marking twice is the same as once. Raises Refused `unknown_currency`."""
    known = catalog.currency(code)
    Favourite.objects.bulk_create([Favourite(user=user, code=known.code)], ignore_conflicts=True)


def remove(user: User, code: str) -> None:
    """Take the mark off `code`, if there was one."""
    Favourite.objects.filter(user=user, code=code.upper()).delete()
