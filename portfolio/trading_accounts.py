"""Which accounts does a person have? Opening with a grant, starting over, freezing."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts import roles
from accounts.actors import SYSTEM, Actor
from accounts.models import User
from core import clock, database, push
from core.errors import Code, Refused
from core.money import Money
from portfolio import defaults, ledger, refusals
from portfolio.models import JournalEntry, Mode, TradingAccount

NAME_MAX = 60
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """A new account and the entry of its grant; `replayed` where the key was known already."""

    account: TradingAccount
    entry: JournalEntry
    replayed: bool


@dataclass(frozen=True, slots=True)
class _Request:
    """Whose request it is, and how it is told from any other."""

    user: User
    scope: str
    key: str
    request_hash: str
    actor: Actor


def scope_of(user: User) -> str:
    """Where the person's idempotency keys live; keys of different people never meet."""
    return f"user:{user.pk}"


def ensure_virtual(*, user: User) -> TradingAccount:
    """The person's first virtual account with its grant of play money, made once, ever."""
    request = _Request(user, ledger.SYSTEM_SCOPE, f"grant:{user.pk}:1", "first grant", SYSTEM)
    return _once(request, lambda: _open(request, defaults.VIRTUAL_NAME)).account


def open_virtual(
    *, user: User, name: str, key: str, request_hash: str, actor: Actor = SYSTEM
) -> Opening:
    """One more virtual account with its own grant.

    Raises Refused `malformed` for a bad name, `too_many` beyond 5 open ones and
    `idempotency_mismatch`; then nothing has changed.
    """
    roles.check_may_trade(user)
    request = _Request(user, scope_of(user), key, request_hash, actor)
    kept = _name(name)
    return _once(request, lambda: _open_one_more(request, kept))


def reset(
    *, user: User, account_id: UUID, key: str, request_hash: str, actor: Actor = SYSTEM
) -> Opening:
    """Close a virtual account, whatever is in it, and open a new one of the same name.

    Raises Refused `not_found`, `forbidden` for an account that is not virtual, `account_closed`,
    `account_frozen`, `too_many` beyond 3 resets in 24 hours and `idempotency_mismatch`.
    """
    roles.check_may_trade(user)
    request = _Request(user, scope_of(user), key, request_hash, actor)
    return _once(request, lambda: _replace(request, get(user, account_id)))


def of(user: User) -> QuerySet[TradingAccount]:
    """The person's open accounts, oldest first."""
    return TradingAccount.objects.filter(user=user, closed_at=None).order_by("pk")


def all_of(user: User) -> QuerySet[TradingAccount]:
    """The person's accounts, closed ones too."""
    return TradingAccount.objects.filter(user=user).order_by("pk")


def get(user: User, public_id: UUID) -> TradingAccount:
    """One account of the person, open or closed. Raises Refused `not_found`."""
    found = TradingAccount.objects.filter(user=user, public_id=public_id).first()
    if found is None:
        raise Refused(Code.NOT_FOUND, "There is no such account.")
    return found


def id_of(text: str) -> UUID:
    """The account's id in `text`, spelt as we write ids. Raises Refused `not_found` otherwise."""
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if str(found) != text:
        raise Refused(Code.NOT_FOUND, "There is no such account.")
    return cast(UUID, found)


def freeze(account: TradingAccount, *, reason: str) -> None:
    """Stop every movement of the account until `unfreeze`; running ones end first."""
    ledger.call("SELECT books_freeze(%s::bigint, %s::text)", [account.pk, reason])


def unfreeze(account: TradingAccount) -> None:
    """Let the account move again."""
    ledger.call("SELECT books_freeze(%s::bigint, NULL)", [account.pk])


def check_usable(account: TradingAccount) -> None:
    """Raises Refused `account_closed` or `account_frozen`."""
    if account.closed_at is not None:
        raise Refused(Code.ACCOUNT_CLOSED, "This account is closed.")
    if account.frozen_at is not None:
        raise Refused(Code.ACCOUNT_FROZEN, "This account is frozen; nothing in it moves for now.")


def _once(request: _Request, work: Callable[[], Opening]) -> Opening:
    """Do `work` for a key that was never seen; else answer with what it made the first time."""

    def unit() -> Opening:
        with transaction.atomic():
            known = _known(request)
            if known:
                return known
            # Two requests of one person wait for each other here, so that limits count right.
            User.objects.select_for_update(no_key=True).get(pk=request.user.pk)
            return _known(request) or work()

    with refusals.in_words():
        return database.retried(unit)


def _known(request: _Request) -> Opening | None:
    entry = (
        JournalEntry.objects.select_related("account")
        .filter(scope=request.scope, key=request.key)
        .first()
    )
    if entry is None:
        return None
    if entry.request_hash != request.request_hash or entry.account is None:
        raise refusals.mismatch()
    return Opening(entry.account, entry, replayed=True)


def _open_one_more(request: _Request, name: str) -> Opening:
    # Read under the person's lock, which a freeze holds too, and whoever deletes their account.
    if not User.objects.filter(pk=request.user.pk, is_active=True).exists():
        raise Refused(Code.FORBIDDEN, "This account is deleted or locked.")
    if User.objects.filter(pk=request.user.pk, frozen_at__isnull=False).exists():
        raise Refused(*refusals.REFUSED["TS010"])
    if of(request.user).filter(mode=Mode.VIRTUAL).count() >= defaults.VIRTUAL_ACCOUNTS_MAX:
        raise Refused(
            Code.TOO_MANY,
            f"You have {defaults.VIRTUAL_ACCOUNTS_MAX} open virtual accounts; reset one instead.",
        )
    return _open(request, name)


def _replace(request: _Request, old: TradingAccount) -> Opening:
    if old.mode != Mode.VIRTUAL:
        raise Refused(Code.FORBIDDEN, "Only a virtual account can start over.")
    check_usable(old)
    _check_resets(request.user)
    # Closed or frozen since, by somebody who waits for nobody here: the books ask again.
    ledger.call("SELECT books_close(%s::bigint)", [old.pk])
    return _open(request, old.name, replaces=old)


def _check_resets(user: User) -> None:
    since = clock.now() - DAY
    recent = TradingAccount.objects.filter(user=user, replaces__isnull=False, opened_at__gt=since)
    times = recent.order_by("-opened_at").values_list("opened_at", flat=True)
    if len(times) >= defaults.RESETS_PER_DAY_MAX:
        again = times[defaults.RESETS_PER_DAY_MAX - 1] - since
        raise Refused(
            Code.TOO_MANY,
            f"You started over {defaults.RESETS_PER_DAY_MAX} times in 24 hours; wait a little.",
            wait_s=max(1, math.ceil(again.total_seconds())),
        )


def _open(request: _Request, name: str, *, replaces: TradingAccount | None = None) -> Opening:
    """The account and its grant, in the transaction that runs."""
    account = TradingAccount.objects.create(
        user=request.user, mode=Mode.VIRTUAL, name=name, replaces=replaces
    )
    posted = ledger.post(_grant(account, request), mode=account.mode, by=request.actor)
    push.tell_user(request.user.public_id, {"type": "accounts", "account": str(account.public_id)})
    return Opening(account, JournalEntry.objects.get(pk=posted.id), replayed=False)


def _grant(account: TradingAccount, request: _Request) -> ledger.Draft:
    amount, currency = defaults.GRANT.amount, defaults.GRANT.currency
    return ledger.Draft(
        account=account.pk,
        kind=JournalEntry.Kind.GRANT,
        legs=(
            ledger.Leg(ledger.Kind.EQUITY, Money(-amount, currency)),
            ledger.Leg(ledger.Kind.AVAILABLE, Money(amount, currency)),
        ),
        scope=request.scope,
        key=request.key,
        request_hash=request.request_hash,
        reason="Play money of a new virtual account",
    )


def _name(text: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        raise Refused(Code.MALFORMED, f"Give the account a name of 1 to {NAME_MAX} characters.")
    return name
