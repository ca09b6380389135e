"""What happened in an account, as a table for a spreadsheet? One row per posting, as CSV."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from core import clock, money
from portfolio import answers, ledger
from portfolio.models import ConversionQuote, JournalEntry, Posting, TradingAccount

HEADINGS = (
    "time",
    "entry",
    "kind",
    "account",
    "currency",
    "amount",
    "rate",
    "mid",
    "spread_bps",
    "fee",
    "fee_currency",
    "simulated",
    "reason",
)
ENTRIES_AT_ONCE = 500
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def pieces(
    account: TradingAccount,
    *,
    kind: str = "",
    currency: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[str]:
    """The CSV, some hundred entries at a time, newest first; no more than those are in memory."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(HEADINGS)
    history = ledger.entries(account, kind=kind, currency=currency, since=since, until=until)
    older = history
    while True:
        page = list(older[:ENTRIES_AT_ONCE])
        writer.writerows(row for entry in page for row in _rows(entry))
        yield table.getvalue()
        if len(page) < ENTRIES_AT_ONCE:
            return
        older = history.filter(pk__lt=page[-1].pk)
        table.seek(0)
        table.truncate()


def name(account: TradingAccount) -> str:
    """What the file is called: mode and account, no day, so that it is the same every time."""
    return f"statement-{account.mode}-{str(account.public_id)[:8]}.csv"


def text_cell(text: str) -> str:
    """`text` as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text


def _rows(entry: JournalEntry) -> Iterator[list[str]]:
    """The postings in the person's own ledger accounts; the house's lines are not theirs."""
    quote = getattr(entry, "conversion_quote", None)
    for posting in entry.postings.all():
        if posting.account.owner_id is not None:
            yield [*_what(entry, posting), *_terms(quote), *_notes(entry)]


def _what(entry: JournalEntry, posting: Posting) -> list[str]:
    currency = posting.account.currency
    return [
        clock.iso(entry.created_at),
        str(entry.public_id),
        text_cell(entry.kind),
        posting.account.kind,
        currency.code,
        answers.amount(posting.amount, currency.decimals),
    ]


def _terms(quote: ConversionQuote | None) -> list[str]:
    if quote is None:
        return [""] * 5
    return [
        money.plain(quote.rate),
        money.plain(quote.mid),
        money.plain(quote.spread_bps),
        answers.amount(quote.fee, quote.from_currency.decimals),
        quote.from_currency.code,
    ]


def _notes(entry: JournalEntry) -> list[str]:
    return ["simulated" if entry.simulated else "", text_cell(entry.reason)]
