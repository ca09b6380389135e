"""What exactly happened in one entry? Its lines, terms and sources, for its owner to keep."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import User
from core.errors import Code, Refused
from market import catalog, sources
from portfolio import costs, ledger, offer
from portfolio.models import ConversionQuote, JournalEntry, LedgerAccount, Posting, TradingAccount

NAMES = {
    LedgerAccount.Kind.AVAILABLE: "You, available",
    LedgerAccount.Kind.HELD: "You, held",
    LedgerAccount.Kind.EQUITY: "House, grants",
    LedgerAccount.Kind.LIQUIDITY: "House, liquidity",
    LedgerAccount.Kind.FEES: "House, fees",
    LedgerAccount.Kind.ROUNDING: "House, rounding",
}
TITLES: dict[str, str] = {
    JournalEntry.Kind.CONVERSION: "Conversion",
    JournalEntry.Kind.GRANT: "Virtual money granted",
    JournalEntry.Kind.HOLD: "Set aside",
    JournalEntry.Kind.RELEASE: "Given back",
    JournalEntry.Kind.REVERSAL: "Reversal",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One posting in words."""

    account: str
    currency: str
    amount: Decimal
    decimals: int  # written at least


@dataclass(frozen=True, slots=True)
class Source:
    """One contributor of the price, as kept on the quote."""

    name: str
    mid: str
    as_of: datetime
    used: bool
    note: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry with everything that explains it; `quote` and `costs` only for a conversion."""

    title: str
    account: TradingAccount
    entry: JournalEntry
    lines: tuple[Line, ...]
    quote: ConversionQuote | None
    costs: costs.Costs | None
    sources: tuple[Source, ...]

    @property
    def rate_kind(self) -> str:
        """How its rates are written."""
        return offer.rate_kind(self.quote) if self.quote else "fiat"


def of(user: User, public_id: UUID) -> Receipt:
    """The receipt of an entry in one of the person's accounts. Raises Refused `not_found`."""
    found = JournalEntry.objects.filter(account__user=user, public_id=public_id)
    own = found.select_related("account").first()
    if own is None or own.account is None:
        raise Refused(Code.NOT_FOUND, "There is no such entry.")
    return _receipt(own.account, ledger.entries(own.account).get(pk=own.pk))


def _receipt(account: TradingAccount, entry: JournalEntry) -> Receipt:
    quote = getattr(entry, "conversion_quote", None)
    return Receipt(
        title=TITLES.get(entry.kind, entry.kind.capitalize()),
        account=account,
        entry=entry,
        lines=tuple(_line(posting) for posting in entry.postings.all()),
        quote=quote,
        costs=costs.of(quote) if quote else None,
        sources=tuple(_source(kept) for kept in quote.sources) if quote else (),
    )


def _line(posting: Posting) -> Line:
    kind, currency = LedgerAccount.Kind(posting.account.kind), posting.account.currency
    return Line(NAMES[kind], currency.code, posting.amount, catalog.decimals_least(currency))


def _source(kept: dict[str, Any]) -> Source:
    return Source(
        name=f"{sources.title(kept['source'])} {kept['instrument'].replace('-', '/')}",
        mid=kept["price"],
        as_of=datetime.fromisoformat(kept["as_of"]),
        used=kept["used"],
        note=kept["note"],
    )
