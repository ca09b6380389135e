"""What stands in the form of a conversion? Two currencies, two amounts, and which one is exact."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.datastructures import MultiValueDict

from core.errors import Code, Refused
from market import catalog, quotes
from market.quotes import PairPrice
from portfolio import trading_accounts
from portfolio.valuation import Valuation

SPACES = re.compile(r"[\s\u00a0\u2009\u202f]")
SUGGESTED = ("EUR", "USD")


@dataclass(frozen=True, slots=True)
class Ticket:
    """`amount_from` and `amount_to` as typed; `fixed_side` (from, to) is the one that counts."""

    from_code: str
    to_code: str
    fixed_side: str = "from"
    amount_from: str = ""
    amount_to: str = ""

    @property
    def amount(self) -> str:
        """What was typed on the side that counts, without the spaces people group digits with."""
        typed = self.amount_to if self.fixed_side == "to" else self.amount_from
        return SPACES.sub("", typed)


def read(fields: Mapping[str, str], *, base: str, held: str) -> Ticket:
    """The ticket that a form or an address describes; what it leaves out or garbles is suggested.

    A currency we do not list gives way to what is `held`, the second one to the person's `base`.
    """
    start = _listed(fields.get("from", "")) or held
    end = _listed(fields.get("to", ""))
    if end in (None, start):
        end = next(code for code in (base, *SUGGESTED) if code != start)
    return Ticket(
        from_code=start,
        to_code=end,
        fixed_side="to" if fields.get("side") == "to" else "from",
        amount_from=fields.get("amount_from", ""),
        amount_to=fields.get("amount_to", ""),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A filled-in ticket somebody sent, and the account it was shown for."""

    account_id: UUID
    ticket: Ticket


def asked(fields: MultiValueDict[str, str]) -> Asked:
    """The ticket word for word: other terms than those asked for are never put in their place.

    Raises Refused `malformed` where a field is missing or there twice, `not_found` for an account
    that cannot be one; what the currencies and the amount are worth is judged with the quote.
    """
    side = _only(fields, "side")
    if side not in ("from", "to"):
        raise _garbled()
    wish = Ticket(
        from_code=_only(fields, "from"),
        to_code=_only(fields, "to"),
        fixed_side=side,
        **{f"amount_{side}": _only(fields, f"amount_{side}")},
    )
    return Asked(trading_accounts.id_of(_only(fields, "account")), wish)


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


def _only(fields: MultiValueDict[str, str], name: str) -> str:
    values = fields.getlist(name)
    if len(values) != 1 or "\0" in values[0]:
        raise _garbled()
    return values[0]


def _garbled() -> Refused:
    return Refused(Code.MALFORMED, "The form did not arrive whole; reload the page and try again.")


def _listed(code: str) -> str | None:
    wanted = code.upper()
    return wanted if any(one.code == wanted for one in catalog.currencies()) else None
