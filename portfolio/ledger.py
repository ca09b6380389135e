"""How does money move, and what is there? Entries with postings that sum to zero, and balances."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from accounts.actors import SYSTEM, Actor
from core import database
from core.errors import Broken
from core.metrics import LEDGER_SECONDS
from core.money import EXACT, Money
from market.models import Currency
from portfolio import refusals
from portfolio.models import JournalEntry, LedgerAccount, Posting, TradingAccount

Kind = LedgerAccount.Kind
ZERO = Decimal(0)
SYSTEM_SCOPE = "system"
POST = (
    "SELECT * FROM books_post(%s, %s, %s::inet, %s::bigint[], %s::text[], %s::text[], %s::text[],"
    " %s::text[], %s::text[], %s::boolean[], %s::bigint[], %s::int[], %s::text[], %s::text[],"
    " %s::numeric[])"
)


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of an entry: so much more (or, negative, less) in that kind of ledger account."""

    kind: LedgerAccount.Kind
    money: Money


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be written: legs that sum to zero per currency, under a key used once.

    `account` is the trading account in whose history it stands and whose `available` and `held`
    its legs mean; without one only house legs are possible. `request_hash` tells a repeated
    request from another one under the same key; left out, it is made of the draft itself.
    """

    account: int | None
    kind: str
    legs: tuple[Leg, ...]
    key: str
    scope: str = SYSTEM_SCOPE
    request_hash: str = ""
    reason: str = ""
    simulated: bool = False
    refers_to: int | None = None

    def fingerprint(self) -> str:
        """What has to be equal when the key comes again."""
        asked = (self.account, self.kind, self.legs, self.simulated, self.refers_to)
        return self.request_hash or hashlib.sha256(repr(asked).encode()).hexdigest()

    def is_balanced(self) -> bool:
        """Whether something moves, and the legs sum to zero per currency."""
        sums: dict[str, Decimal] = {}
        for leg in self.legs:
            money = leg.money
            sums[money.currency] = EXACT.add(sums.get(money.currency, ZERO), money.amount)
        moves = any(leg.money.amount for leg in self.legs)
        return moves and not any(sums.values())


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry as the books hold it; `replayed` where the key was known already."""

    id: int
    public_id: UUID
    time: datetime
    replayed: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has of one currency."""

    currency: str
    decimals: int
    available: Decimal
    held: Decimal

    @property
    def total(self) -> Decimal:
        """Available and held together."""
        return self.available + self.held


def post(draft: Draft, *, mode: str, by: Actor = SYSTEM) -> Posted:
    """Write one entry, in one round trip; or answer with the earlier one of that key.

    Raises Refused `insufficient_funds`, `account_frozen`, `account_closed` or
    `idempotency_mismatch`, Retryable on a lock that does not come free, Broken on legs that do not
    balance or accounts that do not exist. Then nothing has moved.
    """
    return post_many([draft], mode=mode, by=by)[0]


def post_many(drafts: Sequence[Draft], *, mode: str, by: Actor = SYSTEM) -> list[Posted]:
    """Write many entries of one mode in one round trip: all or none; raises as `post` does.

    Funds are judged on the sum of the call: an entry may spend what a later one brings.
    """
    if not drafts:
        return []
    if not all(draft.is_balanced() for draft in drafts):
        raise Broken("the legs of an entry do not sum to zero")
    values = _columns(drafts, mode, by)
    return [Posted(*row) for row in call(POST, values)]


def call(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Call a function of the books; retried where PostgreSQL asks for it; raises as `post` does."""

    def once() -> list[tuple[Any, ...]]:
        with database.undone_on_error(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    with refusals.in_words(), LEDGER_SECONDS.time():
        return database.retried(once)


def hold(
    account: TradingAccount, money: Money, *, key: str, by: Actor = SYSTEM, reason: str = ""
) -> Posted:
    """Set money aside: from available to held. Raises as `post` does."""
    legs = (Leg(Kind.AVAILABLE, _minus(money)), Leg(Kind.HELD, money))
    draft = Draft(account.pk, JournalEntry.Kind.HOLD, legs, key, reason=reason)
    return post(draft, mode=account.mode, by=by)


def release(
    held: Posted, *, key: str, money: Money | None = None, by: Actor = SYSTEM, reason: str = ""
) -> Posted:
    """Give held money back, the whole hold unless `money` says how much.

    Raises Broken where that is more than the hold still has.
    """
    entry = _entry(held.id)
    given = money or next(leg.money for leg in _legs(entry) if leg.kind == Kind.HELD)
    legs = (Leg(Kind.HELD, _minus(given)), Leg(Kind.AVAILABLE, given))
    draft = Draft(
        entry.account_id, JournalEntry.Kind.RELEASE, legs, key, reason=reason, refers_to=entry.pk
    )
    return post(draft, mode=_mode(entry), by=by)


def reverse(posted: Posted, *, key: str, reason: str, by: Actor = SYSTEM) -> Posted:
    """Undo an entry by its opposite, once; raises as `post` does, Broken for a second time."""
    entry = _entry(posted.id)
    legs = tuple(Leg(leg.kind, _minus(leg.money)) for leg in _legs(entry))
    draft = Draft(
        entry.account_id,
        JournalEntry.Kind.REVERSAL,
        legs,
        key,
        reason=reason,
        simulated=entry.simulated,
        refers_to=entry.pk,
    )
    return post(draft, mode=_mode(entry), by=by)


def balances(account: TradingAccount) -> list[Balance]:
    """One balance per currency the account ever held, in the catalog's order."""
    rows = LedgerAccount.objects.filter(owner=account).select_related("currency")
    found: dict[Currency, dict[str, Decimal]] = {}
    for row in rows.order_by("currency__position", "currency__code"):
        found.setdefault(row.currency, {})[row.kind] = row.balance or ZERO
    return [
        Balance(
            currency=currency.code,
            decimals=currency.decimals,
            available=kinds.get(Kind.AVAILABLE, ZERO),
            held=kinds.get(Kind.HELD, ZERO),
        )
        for currency, kinds in found.items()
    ]


def available(account: TradingAccount, currency: str) -> Decimal:
    """What may be spent of one currency; zero where it was never held."""
    row = LedgerAccount.objects.filter(owner=account, kind=Kind.AVAILABLE, currency__code=currency)
    return row.values_list("balance", flat=True).first() or ZERO


def entries(
    account: TradingAccount,
    *,
    kind: str = "",
    currency: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[JournalEntry]:
    """The account's history, newest first, with postings and the quote behind a conversion.

    Narrowed to one kind, one currency the account gained or lost, or a time (`until` excluded).
    """
    found = JournalEntry.objects.filter(account=account)
    if kind:
        found = found.filter(kind=kind)
    if since:
        found = found.filter(created_at__gte=since)
    if until:
        found = found.filter(created_at__lt=until)
    if currency:
        own = LedgerAccount.objects.filter(owner=account, currency__code=currency)
        moved = Posting.objects.filter(entry=OuterRef("pk"), account__in=own)
        found = found.filter(Exists(moved))
    quote = "conversion_quote"
    return (
        found.select_related(f"{quote}__account", f"{quote}__accepted_entry")
        .select_related(f"{quote}__from_currency", f"{quote}__to_currency")
        .prefetch_related("postings__account__currency")
        .order_by("-pk")
    )


def _columns(drafts: Sequence[Draft], mode: str, by: Actor) -> list[Any]:
    """The call's arguments: entries and legs turned into one array per column."""
    legs = [(place, leg) for place, draft in enumerate(drafts, 1) for leg in draft.legs]
    columns: tuple[list[Any], ...] = (
        [draft.account for draft in drafts],
        [draft.scope for draft in drafts],
        [draft.key for draft in drafts],
        [draft.fingerprint() for draft in drafts],
        [draft.kind for draft in drafts],
        [draft.reason for draft in drafts],
        [draft.simulated for draft in drafts],
        [draft.refers_to for draft in drafts],
        [place for place, _ in legs],
        [leg.kind for _, leg in legs],
        [leg.money.currency for _, leg in legs],
        [leg.money.amount for _, leg in legs],
    )
    return [mode, by.name, by.address, *map(_array, columns)]


def _array(values: Sequence[object]) -> str:
    """`values` as PostgreSQL writes an array; psycopg takes ten times as long for a list."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _entry(pk: int) -> JournalEntry:
    return JournalEntry.objects.select_related("account").get(pk=pk)


def _legs(entry: JournalEntry) -> tuple[Leg, ...]:
    lines = Posting.objects.filter(entry=entry).select_related("account").order_by("pk")
    return tuple(
        Leg(Kind(line.account.kind), Money(line.amount, line.account.currency_id)) for line in lines
    )


def _mode(entry: JournalEntry) -> str:
    if entry.account is None:
        raise Broken("an entry of the house alone is not undone this way")
    return entry.account.mode


def _minus(money: Money) -> Money:
    return Money(-money.amount, money.currency)
