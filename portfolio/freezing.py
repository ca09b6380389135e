"""How does a person stop everything? Sign-in stays, money rests until they say otherwise."""

from collections.abc import Callable

from django.db import transaction

from accounts import audit
from accounts.actors import SYSTEM, Actor
from accounts.models import User
from core import push
from portfolio import ledger

FREEZE = "SELECT books_freeze_person(%s::bigint, %s::boolean)"

# What a freeze ends beside stopping money: working orders are cancelled here once there are any.
# Each is called after the freeze has been committed; what it gives back are releases of holds,
# which the books let pass in a frozen account, and nothing else.
CANCEL_WORKING_ORDERS: tuple[Callable[[User], None], ...] = ()


def freeze(user: User, *, by: Actor = SYSTEM) -> bool:
    """Stop every movement of all accounts of `user`; False where they had stopped already.

    Movements that run end first. Raises Retryable on a lock that does not come free.
    """
    return _turn(user, by, frozen=True)


def unfreeze(user: User, *, by: Actor = SYSTEM) -> bool:
    """Let the accounts of `user` move again, but for those the house has frozen."""
    return _turn(user, by, frozen=False)


def _turn(user: User, by: Actor, *, frozen: bool) -> bool:
    with transaction.atomic():
        ((turned,),) = ledger.call(FREEZE, [user.pk, frozen])
        if not turned:
            return False
        audit.note("account frozen" if frozen else "account unfrozen", by=by, person=user)
        push.tell_user(user.public_id, {"type": "accounts", "frozen": frozen})
    if frozen:
        for cancel in CANCEL_WORKING_ORDERS:
            cancel(user)
    return True
