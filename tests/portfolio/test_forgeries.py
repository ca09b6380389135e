"""Can the app's own database role write what `check_books` would call broken? Raw SQL tries."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from core.money import Money
from portfolio import freezing, ledger
from portfolio.models import TradingAccount
from tests import cast
from tests.portfolio.stillness import nothing_moves

pytestmark = pytest.mark.django_db

POST = (
    "SELECT * FROM books_post('{mode}', 'thief', NULL, ARRAY[{account}]::bigint[], ARRAY['t'],"
    " ARRAY['t'], ARRAY['t'], ARRAY['{kind}'], ARRAY[''], ARRAY[false], ARRAY[{refers}]::bigint[],"
    " ARRAY[1, 1], ARRAY['{start}', '{end}'], ARRAY['USD', 'USD'],"
    " ARRAY[-{much}, {much}]::numeric[])"
)
OPEN = (
    "INSERT INTO portfolio_tradingaccount (public_id, user_id, mode, name, frozen_reason)"
    " VALUES (gen_random_uuid(), {user}, '{mode}', 'forged', '')"
)
FREE, HELD, HOUSE = "available", "held", "house:equity"


@pytest.fixture
def charlie() -> User:
    return cast.charlie()


@pytest.fixture
def account(charlie: User) -> TradingAccount:
    return cast.account_of(charlie)


@pytest.fixture
def hold(account: TradingAccount) -> ledger.Posted:
    return ledger.hold(account, Money(Decimal(50), "USD"), key="h")


def sql(statement: str) -> None:
    """Run one statement as the app's role; what a commit would ask is asked at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(statement: str, *, saying: str) -> None:
    """The statement fails for that reason, and the books stay as they were."""
    with nothing_moves(), pytest.raises(DatabaseError, match=saying):
        sql(statement)


@pytest.mark.parametrize(
    ("kind", "start", "end", "of_the_hold"),
    [
        ("release", HELD, FREE, False),
        ("reversal", HELD, FREE, False),
        ("hold", HELD, FREE, False),
        ("grant", HELD, HOUSE, False),
        ("grant", HOUSE, HELD, False),
        ("grant", FREE, HELD, True),
        ("release", FREE, HELD, True),
        ("release", FREE, HELD, False),
    ],
)
def test_only_a_hold_holds_and_only_what_names_it_gives_back(
    account: TradingAccount,
    hold: ledger.Posted,
    kind: str,
    start: str,
    end: str,
    of_the_hold: bool,
) -> None:
    refers = hold.id if of_the_hold else "NULL"
    told = {"account": account.pk, "kind": kind, "refers": refers, "start": start, "end": end}
    refused(POST.format(mode="virtual", much=20, **told), saying="held without a hold")


def test_a_release_names_a_hold_and_nothing_else(
    account: TradingAccount, hold: ledger.Posted
) -> None:
    gift = cast.give(account, "5", "USD")
    told = {"account": account.pk, "kind": "release", "refers": gift.id, "start": HELD, "end": FREE}
    refused(POST.format(mode="virtual", much=5, **told), saying="held without a hold")


def test_a_reversal_names_what_it_undoes(account: TradingAccount) -> None:
    told = {"account": account.pk, "kind": "reversal", "refers": "NULL"}
    statement = POST.format(mode="virtual", much=5, start=FREE, end=HOUSE, **told)
    refused(statement, saying="more is given back")


@pytest.mark.parametrize("much", [4, 6])
def test_a_reversal_is_the_whole_entrys_exact_opposite(account: TradingAccount, much: int) -> None:
    gift = cast.give(account, "5", "USD")
    told = {"account": account.pk, "kind": "reversal", "refers": gift.id, "much": much}
    refused(POST.format(mode="virtual", start=FREE, end=HOUSE, **told), saying="more is given back")
    exact = POST.format(mode="virtual", start=FREE, end=HOUSE, **told | {"much": 5})
    sql(exact)


def test_nobody_reverses_what_is_anothers(account: TradingAccount) -> None:
    bobs = cast.give(cast.account_of(cast.bob()), "5", "USD")
    told = {"account": account.pk, "kind": "reversal", "refers": bobs.id, "much": 5}
    refused(POST.format(mode="virtual", start=FREE, end=HOUSE, **told), saying="more is given back")


def test_there_is_no_conversion_without_a_quote(account: TradingAccount) -> None:
    told = {"account": account.pk, "kind": "conversion", "refers": "NULL"}
    statement = POST.format(mode="virtual", much=5, start=FREE, end="house:liquidity", **told)
    refused(statement, saying="has no quote")


def test_the_house_has_no_books_of_an_unknown_mode() -> None:
    told = {"account": "NULL", "kind": "grant", "refers": "NULL"}
    statement = POST.format(mode="evil", much=5, start=HOUSE, end="house:fees", **told)
    refused(statement, saying="ledger_account_mode_known")


def test_no_virtual_account_is_born_without_its_grant(charlie: User) -> None:
    refused(OPEN.format(user=charlie.pk, mode="virtual"), saying="has no grant")


def test_nobody_gets_round_their_freeze_by_a_new_account(
    charlie: User, account: TradingAccount
) -> None:
    freezing.freeze(charlie)
    refused(OPEN.format(user=charlie.pk, mode="real"), saying="account frozen")
    freezing.unfreeze(charlie)
    sql(OPEN.format(user=charlie.pk, mode="real"))
