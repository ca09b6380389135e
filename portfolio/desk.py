"""Which account is a person looking at? The one chosen last in this session, else the first."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from accounts.models import User
from core.errors import Code, Refused
from market import catalog, quotes
from market.quotes import PairPrice
from portfolio import trading_accounts
from portfolio.models import TradingAccount
from portfolio.valuation import Valuation

SESSION_KEY = "account"


def chosen(user: User, *wanted: str | None) -> TradingAccount:
    """The first of these public ids that is an open account of theirs, else their oldest one.

    One is opened for somebody who never had any.
    """
    accounts = list(trading_accounts.of(user))
    by_id = {str(account.public_id): account for account in accounts}
    for one in wanted:
        if one in by_id:
            return by_id[one]
    return accounts[0] if accounts else trading_accounts.ensure_virtual(user=user)


def choosable(user: User, public_id: UUID) -> TradingAccount:
    """An open account of the person to look at from now on; raises Refused otherwise."""
    account = trading_accounts.get(user, public_id)
    if account.closed_at is not None:
        raise Refused(Code.ACCOUNT_CLOSED, "This account is closed.")
    return account


def prices(from_code: str, to_code: str) -> PairPrice | None:
    """What the pair's price is like now; None while nothing is known."""
    try:
        return quotes.pair(from_code, to_code)
    except Refused:
        return None


@dataclass(frozen=True, slots=True)
class Choice:
    """A currency in the picker, with what the account has of it."""

    code: str
    name: str
    available: Decimal


def choices(worth: Valuation) -> tuple[Choice, ...]:
    """Every active currency: those the account holds first, then the catalog's order."""
    held = {line.currency: line.available for line in worth.lines}
    listed = [
        Choice(info.code, info.name, held.get(info.code, Decimal(0)))
        for info in catalog.currencies()
    ]
    return tuple(sorted(listed, key=lambda choice: choice.available == 0))


def most_held(worth: Valuation) -> str:
    """What there is to give: the currency people think in where they have it, else the largest."""
    held = {line.currency: line.value or 0 for line in worth.lines if line.available}
    return worth.currency if worth.currency in held or not held else max(held, key=held.__getitem__)
