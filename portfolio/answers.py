"""What goes over the wire about accounts, balances, entries and quotes? Text for every amount.

Nothing here is computed at answer time, so that a repeated request gets the same bytes.
"""

from decimal import Decimal
from typing import Any

from core import clock, money
from market.quotes import Contributor, Leg
from portfolio.models import ConversionQuote, JournalEntry, Posting, TradingAccount
from portfolio.valuation import Line, Valuation

Answer = dict[str, Any]


def account(row: TradingAccount) -> Answer:
    """A trading account as it is now."""
    return {
        **opening(row),
        "closed_at": clock.iso(row.closed_at) if row.closed_at else None,
        "frozen_at": clock.iso(row.frozen_at) if row.frozen_at else None,
    }


def opening(row: TradingAccount) -> Answer:
    """A trading account as it was opened: the part that never changes."""
    return {
        "id": str(row.public_id),
        "mode": row.mode,
        "name": row.name,
        "opened_at": clock.iso(row.opened_at),
        "closed_at": None,
        "frozen_at": None,
    }


def quote(row: ConversionQuote, *, state: str) -> Answer:
    """A quote with every term; `state` is open, accepted or expired."""
    start, end, taken = row.from_currency, row.to_currency, state == "accepted"
    return {
        "id": str(row.public_id),
        "account": str(row.account.public_id),
        "state": state,
        "from": start.code,
        "to": end.code,
        "fixed_side": row.fixed_side,
        "amount_from": amount(row.amount_from, start.decimals),
        "amount_to": amount(row.amount_to, end.decimals),
        "mid": money.plain(row.mid),
        "rate": f"{row.rate:.12f}",
        "all_in_rate": money.plain(money.significant(row.amount_to / row.amount_from, 12)),
        "spread_bps": money.plain(row.spread_bps),
        "fee": amount(row.fee, start.decimals),
        "fee_rate": money.plain(row.fee_rate),
        "residue": money.plain(row.residue),
        "path": row.path,
        "sources": row.sources,
        "price_state": row.price_state,
        "price_reason": row.price_reason,
        "price_as_of": clock.iso(row.price_as_of),
        "simulated": row.simulated,
        "session": row.session,
        "table_version": row.table_version,
        "created_at": clock.iso(row.created_at),
        "expires_at": clock.iso(row.expires_at),
        "entry": str(row.accepted_entry.public_id) if taken and row.accepted_entry else None,
    }


def source(leg: Leg, one: Contributor) -> Answer:
    """One contributor of a price, as it is kept on a quote's row."""
    return {
        "instrument": leg.price.symbol,
        "source": one.source,
        "price": money.plain(one.mid),
        "as_of": clock.iso(one.as_of),
        "used": one.used,
        "note": one.note,
    }


def entry(row: JournalEntry) -> Answer:
    """A journal entry with its postings; `quote` is the whole quote behind a conversion."""
    behind = getattr(row, "conversion_quote", None)
    return {
        "id": str(row.public_id),
        "time": clock.iso(row.created_at),
        "kind": row.kind,
        "key": row.key,
        "actor": row.actor,
        "reason": row.reason,
        "simulated": row.simulated,
        "postings": [_posting(line) for line in row.postings.all()],
        "quote": quote(behind, state="accepted") if behind else None,
    }


def balance(line: Line) -> Answer:
    """One currency of an account, with its worth where it has a price."""
    return {
        "currency": line.currency,
        "available": amount(line.available, line.decimals),
        "held": amount(line.held, line.decimals),
        "total": amount(line.total, line.decimals),
        "value": None if line.value is None else money.wire(line.value),
        "value_currency": line.value_currency,
        "rate": None if line.rate is None else money.plain(money.significant(line.rate)),
        "as_of": clock.iso(line.as_of) if line.as_of else None,
    }


def valuation(whole: Valuation) -> Answer:
    """Every balance of an account, and what they are worth together."""
    return {
        "value_currency": whole.currency,
        "total": money.wire(whole.total),
        "complete": whole.complete,
        "as_of": clock.iso(whole.as_of) if whole.as_of else None,
        "results": [balance(line) for line in whole.lines],
    }


def amount(number: Decimal, decimals: int) -> str:
    """An amount with its currency's decimals; more where it really has more (rounding legs)."""
    return f"{number:.{max(decimals, money.decimals_of(number))}f}"


def _posting(line: Posting) -> Answer:
    currency = line.account.currency
    return {
        "currency": currency.code,
        "amount": amount(line.amount, currency.decimals),
        "account": line.account.kind,
    }
