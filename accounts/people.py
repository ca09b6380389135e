"""How many people are there, and which of them sent a request?"""

from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User
from core import clock
from core.errors import Code, Refused


@dataclass(frozen=True, slots=True)
class Headcount:
    """People who can sign in, and how many of them came or came back lately."""

    total: int
    joined_a_day: int
    seen_a_day: int
    staff: int


def count() -> Headcount:
    """The present numbers; a day is the last 24 hours."""
    since = clock.now() - timedelta(days=1)
    return Headcount(
        **User.objects.filter(is_active=True).aggregate(
            total=Count("pk"),
            joined_a_day=Count("pk", filter=Q(date_joined__gte=since)),
            seen_a_day=Count("pk", filter=Q(last_login__gte=since)),
            staff=Count("pk", filter=Q(is_staff=True)),
        )
    )


def staff_addresses() -> list[str]:
    """Where alarms go: the confirmed addresses of staff, in the order they joined."""
    owners = EmailAddress.objects.filter(
        verified=True, primary=True, user__is_staff=True, user__is_active=True
    )
    return list(owners.order_by("user_id").values_list("email", flat=True))


def lock(user: User) -> None:
    """Have others who open or end things for `user` wait until this transaction is over.

    Raises Refused `forbidden` for somebody who was locked out or has left meanwhile.
    """
    if not User.objects.select_for_update().get(pk=user.pk).is_active:
        raise Refused(Code.FORBIDDEN, "This account is deleted or locked.")


def person(request: HttpRequest | Request) -> User:
    """The signed-in person; PermissionDenied where a page forgot to ask for one."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
