"""How are all accounts of a person closed? Only while nothing but play money is in them."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef

from accounts.models import User
from core.errors import Code, Refused
from portfolio import freezing, ledger, refusals
from portfolio.models import LedgerAccount, Mode, TradingAccount

CLOSED_NAME = "Closed account"  # people write their own names into those of accounts


def holding(user: User) -> Sequence[TradingAccount]:
    """The person's accounts, real or on a venue's test system, with money in them, held or not."""
    money = LedgerAccount.objects.filter(owner=OuterRef("pk"), balance__gt=0)
    theirs = TradingAccount.objects.filter(user=user).exclude(mode=Mode.VIRTUAL)
    return list(theirs.filter(Exists(money)).order_by("pk"))


def close_all(user: User) -> int:
    """Close every account and call it by no name of theirs; how many were open.

    Runs in the caller's transaction, under the lock of the person's row, so that none is opened
    meanwhile. Raises Refused `account_not_empty` where other than play money is left,
    `account_frozen` where the house has frozen one, and Retryable for a lock that does not come
    free. What the person froze themselves does not keep them.
    """
    theirs = TradingAccount.objects.filter(user=user)
    with refusals.in_words():
        # The lock of whoever moves money, in the order of all: what comes later finds them closed.
        rows = list(theirs.select_for_update(no_key=True).order_by("pk"))
        if full := holding(user):
            names = ", ".join(f"“{account.name}”" for account in full)
            words = f"There is money in {names}. Take it out first; then you can leave."
            raise Refused(Code.ACCOUNT_NOT_EMPTY, words)
        ledger.call(freezing.FREEZE, [user.pk, False])
        still_open = [row for row in rows if row.closed_at is None]
        for row in still_open:
            ledger.call("SELECT books_close(%s::bigint)", [row.pk])
        theirs.update(name=CLOSED_NAME)
    return len(still_open)
