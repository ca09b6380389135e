"""Who may do what? Four roles, told by three switches on the person.

| role | may |
|--|--|
| viewer | look at what is theirs |
| trader | that, and move their own money; everybody who signs up |
| support | that, look at the console, and propose and decide corrections |
| admin | that, change the console's switches, and read the letters that lie in the data folder |
"""

from enum import StrEnum

from accounts.models import User
from core.errors import Code, Refused


class Role(StrEnum):
    """What a person is here."""

    VIEWER = "viewer"
    TRADER = "trader"
    SUPPORT = "support"
    ADMIN = "admin"


def of(user: User) -> Role:
    """The role of `user`: the highest of those their switches give."""
    if user.is_superuser:
        return Role.ADMIN
    if user.is_staff:
        return Role.SUPPORT
    return Role.TRADER if user.may_trade else Role.VIEWER


def check_may_trade(user: User) -> None:
    """Raises Refused `forbidden` for somebody who may only look, of whatever role."""
    if not user.may_trade:
        raise Refused(Code.FORBIDDEN, "This account may look and not trade.")


def check_is_staff(user: User) -> None:
    """Raises Refused `forbidden` for anybody else."""
    if not (user.is_staff and user.is_active):
        raise Refused(Code.FORBIDDEN, "Only staff may do this.")
