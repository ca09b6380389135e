"""Which account is a person looking at? The one chosen last in this session, else the first."""

from collections.abc import Iterable
from uuid import UUID

from accounts.models import User
from core.errors import Code, Refused
from portfolio import trading_accounts
from portfolio.models import TradingAccount

SESSION_KEY = "account"


def chosen(user: User, *wanted: str | None) -> TradingAccount:
    """The first of these public ids that is an open account of theirs, else their oldest one.

    One is opened for somebody who never had any.
    """
    shown = among(trading_accounts.of(user), *wanted)
    return shown or trading_accounts.ensure_virtual(user=user)


def among(accounts: Iterable[TradingAccount], *wanted: str | None) -> TradingAccount | None:
    """The first of these public ids that is one of the accounts, else the first account."""
    by_id = {str(account.public_id): account for account in accounts}
    found = (by_id[one] for one in wanted if one in by_id)
    return next(found, next(iter(by_id.values()), None))


def choosable(user: User, public_id: UUID) -> TradingAccount:
    """An open account of the person to look at from now on; raises Refused otherwise."""
    account = trading_accounts.get(user, public_id)
    if account.closed_at is not None:
        raise Refused(Code.ACCOUNT_CLOSED, "This account is closed.")
    return account
