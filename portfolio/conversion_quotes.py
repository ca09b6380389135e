"""At which rate may this person convert, and did they? Quotes are made, kept and accepted once."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Case, DurationField, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.db.models.functions import Now

from accounts import preferences, roles
from accounts.actors import SYSTEM, Actor
from accounts.models import User
from core import clock, database, money, push
from core.errors import Code, Refused
from core.metrics import EXCHANGES
from market import catalog, quotes
from market.quotes import PairPrice
from portfolio import (
    answers,
    defaults,
    ledger,
    spreads,
    stopping,
    terms,
    tradable,
    trading_accounts,
)
from portfolio.models import ConversionQuote, JournalEntry, TradingAccount
from portfolio.refusals import mismatch

ACCEPT = "SELECT * FROM books_accept(%s::uuid, %s::bigint, %s, %s, %s, %s, %s::inet)"
SIDES = ConversionQuote.FixedSide
# By the database's clock; a quote made later than now was made before that clock was set back.
IN_TIME = Q(expires_at__gt=Now(), created_at__lte=Now() + Value(defaults.FUTURE_QUOTE_MAX))
LEFT = ExpressionWrapper(F("expires_at") - Now(), DurationField())
TIME = {"left": Case(When(IN_TIME, then=LEFT), default=Value(timedelta(0)))}
RELATED = ("account", "from_currency", "to_currency", "accepted_entry")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to convert: `amount` of the side that is fixed."""

    account: TradingAccount
    codes: terms.Currencies
    amount: Decimal
    fixed_side: str


@dataclass(frozen=True, slots=True)
class Made:
    """A quote, and whether it was made earlier under the same key."""

    quote: ConversionQuote
    replayed: bool


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What accepting did: the entry, its quote, and whether the key was known already."""

    entry: JournalEntry
    quote: ConversionQuote
    replayed: bool


def make(
    *,
    user: User,
    account_id: UUID,
    from_code: str,
    to_code: str,
    amount: object,
    fixed_side: str = SIDES.FROM,
) -> ConversionQuote:
    """A firm quote for `amount` (text) of the fixed side, kept for the person's quote time.

    Raises Refused: `unknown_currency`, `same_currency`, `amount_not_text`, `amount_invalid`,
    `too_many_decimals`, `amount_too_small`, `amount_too_large`, `not_found`, `account_closed`,
    `account_frozen`, `too_many`, `not_ready`, `price_stale`, `price_disputed`, `market_closed`,
    `insufficient_funds`, `forbidden` to viewers. Nothing is set aside: funds are looked at again
    when it is accepted.
    """
    wish = _wish(user, account_id, from_code, to_code, amount, fixed_side)
    return _make(user, wish, key=None, request_hash="")


def make_once(*, key: str, request_hash: str, user: User, **wanted: Any) -> Made:
    """`make` under a key: the second time it answers with the first quote, expired or not.

    Raises as `make` does, and Refused `idempotency_mismatch`.
    """
    known = _known(user, key, request_hash)
    if known:
        return Made(known, replayed=True)
    wish = _wish(user, **wanted)
    try:
        with database.undone_on_error():
            made = _make(user, wish, key=key, request_hash=request_hash)
    except IntegrityError:  # the same key in another request, at the same time
        known = _known(user, key, request_hash)
        if known is None:
            raise
        return Made(known, replayed=True)
    return Made(made, replayed=False)


def get(user: User, public_id: UUID) -> ConversionQuote:
    """One quote of the person. Raises Refused `not_found`."""
    found = database.retried(_all(user).filter(public_id=public_id).first)
    if found is None:
        raise Refused(Code.NOT_FOUND, "There is no such quote.")
    return found


def state(quote: ConversionQuote) -> str:
    """Was the quote open, accepted or expired when it was read, by the database's clock?"""
    if quote.accepted_entry_id:
        return "accepted"
    return "open" if quote.left > timedelta(0) else "expired"


def accept(
    *, user: User, quote_id: UUID, key: str, request_hash: str, actor: Actor = SYSTEM
) -> Acceptance:
    """Convert at exactly the quote's terms: once, in time, in one transaction.

    Raises Refused `not_found`, `quote_used` (details: its entry), `quote_expired` (details: a
    fresh quote where one can be given), `insufficient_funds`, `account_closed`, `account_frozen`,
    `idempotency_mismatch`; Retryable on a lock that does not come free. Then nothing has moved.
    """
    roles.check_may_trade(user)
    scope = trading_accounts.scope_of(user)
    values = [quote_id, user.pk, scope, key, request_hash, actor.name, actor.address]
    try:
        entry_id, *_, replayed = ledger.call(ACCEPT, values)[0]
    except Refused as refusal:
        raise _explained(refusal, user, quote_id) from refusal
    quote = get(user, quote_id)
    if not replayed:
        EXCHANGES.inc()
        told = {"type": "balances", "account": str(quote.account.public_id)}
        push.tell_user(user.public_id, told)
    entry = database.retried(partial(ledger.entries(quote.account).get, pk=entry_id))
    return Acceptance(entry, quote, replayed)


def renew(quote: ConversionQuote) -> ConversionQuote:
    """The same wish at today's price, one open quote for each that is renewed.

    Raises as `make` does.
    """
    renews = f"renews {quote.public_id}"
    open_now = _all(quote.user).filter(request_hash=renews, accepted_entry=None)
    if again := open_now.filter(IN_TIME).first():
        trading_accounts.check_usable(quote.account)
        return again
    is_from = quote.fixed_side == SIDES.FROM
    codes = _currencies(quote.from_currency.code, quote.to_currency.code)
    amount = quote.amount_from if is_from else quote.amount_to
    wish = Wish(quote.account, codes, amount, quote.fixed_side)
    return _make(quote.user, wish, key=None, request_hash=renews)


def forget_old() -> int:
    """Delete the quotes nobody took in 30 days; how many."""
    return int(ledger.call("SELECT books_forget_quotes()", [])[0][0])


def _all(user: User) -> QuerySet[ConversionQuote]:
    return ConversionQuote.objects.filter(user=user).select_related(*RELATED).annotate(**TIME)


def _known(user: User, key: str, request_hash: str) -> ConversionQuote | None:
    known = _all(user).filter(key=key).first()
    if known and known.request_hash != request_hash:
        raise mismatch()
    return known


def _wish(
    user: User, account_id: UUID, from_code: str, to_code: str, amount: object, fixed_side: str
) -> Wish:
    codes = _currencies(from_code, to_code)
    if fixed_side not in SIDES.values:
        raise Refused(Code.MALFORMED, "`fixed_side` is from or to.")
    wanted = money.parse(amount)
    is_from = fixed_side == SIDES.FROM
    decimals = codes.from_decimals if is_from else codes.to_decimals
    if money.decimals_of(wanted) > decimals:
        code = codes.from_code if is_from else codes.to_code
        message = f"{code} has {decimals} decimals at most."
        raise Refused(Code.TOO_MANY_DECIMALS, message, currency=code, decimals=decimals)
    return Wish(trading_accounts.get(user, account_id), codes, wanted, fixed_side)


def _currencies(from_code: str, to_code: str) -> terms.Currencies:
    start, end = catalog.currency(from_code), catalog.currency(to_code)
    if start.code == end.code:
        raise Refused(Code.SAME_CURRENCY, "Choose two different currencies.")
    return terms.Currencies(start.code, start.decimals, end.code, end.decimals)


def _make(user: User, wish: Wish, *, key: str | None, request_hash: str) -> ConversionQuote:
    roles.check_may_trade(user)
    trading_accounts.check_usable(wish.account)
    stopping.check()
    _check_open(user)
    price = quotes.pair(wish.codes.from_code, wish.codes.to_code)
    tradable.check(price, mode=wish.account.mode)
    spread = spreads.of(price, at=clock.now())
    agreed = _terms(wish, price, spread)
    _check_worth(agreed, price)
    _check_funds(wish.account, wish.codes.from_code, agreed.amount_from)
    create = partial(
        ConversionQuote.objects.create,
        user=user,
        account=wish.account,
        fixed_side=wish.fixed_side,
        fee_rate=defaults.FEE_RATE,
        lifetime_s=preferences.of(user).quote_seconds,
        key=key,
        request_hash=request_hash,
        **_agreed(wish, agreed),
        **_evidence(price, spread),
    )
    made = database.retried(create)  # a migration may hold what it touches
    return get(user, made.public_id)


def _terms(wish: Wish, price: PairPrice, spread: spreads.Spread) -> terms.Terms:
    work = terms.fixed_from if wish.fixed_side == SIDES.FROM else terms.fixed_to
    return work(
        wish.amount,
        mid=terms.stored(price.mid),
        spread_bps=spread.bps,
        fee_rate=defaults.FEE_RATE,
        codes=wish.codes,
    )


def _agreed(wish: Wish, agreed: terms.Terms) -> dict[str, Any]:
    return {
        "from_currency_id": wish.codes.from_code,
        "to_currency_id": wish.codes.to_code,
        "mid": agreed.mid,
        "rate": agreed.rate,
        "fee": agreed.fee,
        "amount_from": agreed.amount_from,
        "amount_to": agreed.amount_to,
        "residue": agreed.residue,
    }


def _evidence(price: PairPrice, spread: spreads.Spread) -> dict[str, Any]:
    """Why the terms are what they are, kept on the row for ever."""
    return {
        "spread_bps": spread.bps,
        "session": spread.session,
        "table_version": spread.version,
        "sources": [
            answers.source(leg, one) for leg in price.legs for one in leg.price.contributors
        ],
        "path": list(price.path),
        "price_state": price.state,
        "price_as_of": price.as_of,
        "price_reason": price.reason,
        "simulated": price.simulated,
    }


def _check_open(user: User) -> None:
    open_now = ConversionQuote.objects.filter(IN_TIME, user=user, accepted_entry=None).count()
    if open_now >= defaults.OPEN_QUOTES_MAX:
        message = f"You have {defaults.OPEN_QUOTES_MAX} open quotes; use one or let them expire."
        raise Refused(Code.TOO_MANY, message, wait_s=preferences.of(user).quote_seconds)


def _check_worth(agreed: terms.Terms, price: PairPrice) -> None:
    per_unit = Decimal(1) if price.path[0] == catalog.HUB else price.legs[0].mid
    worth = agreed.amount_from * per_unit
    least, most = defaults.AMOUNT_USD_MIN, defaults.AMOUNT_USD_MAX
    details = {"min_usd": money.wire(least), "max_usd": money.wire(most)}
    if worth < least:
        raise Refused(Code.AMOUNT_TOO_SMALL, f"Convert {least} USD's worth or more.", **details)
    if worth > most:
        raise Refused(Code.AMOUNT_TOO_LARGE, f"Convert {most} USD's worth or less.", **details)


def _check_funds(account: TradingAccount, currency: str, needed: Decimal) -> None:
    available = ledger.available(account, currency)
    if available < needed:
        raise _short(currency, needed, available)


def _short(currency: str, needed: Decimal, available: Decimal) -> Refused:
    decimals = catalog.currency(currency).decimals
    have = money.wire(money.floor_to(available, decimals))
    need = money.wire(money.ceil_to(needed, decimals))
    return Refused(
        Code.INSUFFICIENT_FUNDS,
        f"This needs {need} {currency}; {have} {currency} are available.",
        currency=currency,
        needed=need,
        available=have,
    )


def _explained(refusal: Refused, user: User, quote_id: UUID) -> Refused:
    """The refusal of an acceptance, with what the person needs to go on."""
    if refusal.code is Code.INSUFFICIENT_FUNDS:
        quote = get(user, quote_id)
        currency = quote.from_currency.code
        return _short(currency, quote.amount_from, ledger.available(quote.account, currency))
    if refusal.code is Code.QUOTE_EXPIRED:
        refusal.details = _fresh(get(user, quote_id))
    return refusal


def _fresh(expired: ConversionQuote) -> dict[str, Any]:
    """A fresh quote for the details of `quote_expired`, or why there is none."""
    try:
        return {"quote": answers.quote(renew(expired), state="open")}
    except Refused as refusal:
        return {"quote": None, "why": refusal.code, "message": refusal.message}
