"""Are the books found by name alone? The app's role puts tables of its own before them."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.utils import CursorWrapper

from portfolio import conversion_quotes, freezing, ledger, stopping
from portfolio.models import TradingAccount
from tests import cast
from tests.portfolio.stillness import nothing_moves

pytestmark = pytest.mark.django_db

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
FUNCTIONS = """
    SELECT p.proname, p.proconfig FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
POST = """
    SELECT * FROM public.books_post('virtual', 'thief', NULL, ARRAY[%s]::bigint[], ARRAY['t'],
    ARRAY['t'], ARRAY['t'], ARRAY['hold'], ARRAY[''], ARRAY[false], ARRAY[NULL]::bigint[],
    ARRAY[1, 1], ARRAY['available', 'held'], ARRAY['USD', 'USD'], ARRAY[-%s, %s]::numeric[])
"""
HELD = """
    SELECT balance FROM public.portfolio_ledgeraccount WHERE owner_id = %s AND kind = 'held'
"""


@pytest.fixture
def bob() -> TradingAccount:
    return cast.account_of(cast.bob())


@contextmanager
def shadows() -> Iterator[CursorWrapper]:
    """Each of our tables has an empty temporary one of its name, and names mean those."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TABLES)
        names = [name for (name,) in cursor.fetchall()]
        for name in names:
            cursor.execute(f'CREATE TEMP TABLE "{name}" (LIKE public."{name}")')
        cursor.execute("SET LOCAL search_path = pg_temp")
        yield cursor
        cursor.execute("SET LOCAL search_path = public, pg_temp")
        for name in names:
            cursor.execute(f'SELECT count(*) FROM pg_temp."{name}"')
            assert cursor.fetchone() == (0,), name
            cursor.execute(f'DROP TABLE pg_temp."{name}"')


def is_refused(cursor: CursorWrapper, statement: str, values: list[Any], code: str) -> None:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        cursor.execute(statement, values)
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.sqlstate == code


def test_every_function_of_ours_fixes_where_names_are_looked_for() -> None:
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        found = dict(cursor.fetchall())
    assert len(found) > 20
    for name, settings in found.items():
        (path,) = [one for one in settings or () if one.startswith("search_path=")]
        assert path.endswith("public, pg_temp"), name


def test_money_moves_in_the_books_and_not_in_their_shadows(bob: TradingAccount) -> None:
    with shadows() as cursor:
        cursor.execute(POST, [bob.pk, 3, 3])
        cursor.execute(HELD, [bob.pk])
        assert cursor.fetchone() == (Decimal(3),)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(("amount", "code"), [(Decimal(11), "23514"), (Decimal("0.001"), "23514")])
def test_shadows_lend_nothing_and_add_no_decimals(
    bob: TradingAccount, amount: Decimal, code: str
) -> None:
    with nothing_moves(), shadows() as cursor:
        is_refused(cursor, POST, [bob.pk, amount, amount], code)


def test_a_frozen_account_stays_frozen_behind_its_shadow(bob: TradingAccount) -> None:
    freezing.freeze(bob.user)
    with nothing_moves(), shadows() as cursor:
        is_refused(cursor, POST, [bob.pk, 1, 1], "TS010")


def test_a_stop_stays_in_force_behind_its_shadow(bob: TradingAccount) -> None:
    stopping.stop(reason="looked into", by=cast.dana())
    with nothing_moves(), shadows() as cursor:
        is_refused(cursor, POST, [bob.pk, 1, 1], "TS014")


def test_a_quote_is_accepted_at_its_terms_and_once_behind_its_shadow(market: None) -> None:
    alice = cast.alice()
    quote = conversion_quotes.make(
        user=alice,
        account_id=cast.account_of(alice).public_id,
        from_code="USD",
        to_code="EUR",
        amount="100.00",
    )
    accept = "SELECT * FROM public.books_accept(%s, %s, 'me', %s, %s, 'me', NULL)"
    with shadows() as cursor:
        cursor.execute(accept, [quote.public_id, alice.pk, "a", "a"])
        is_refused(cursor, accept, [quote.public_id, alice.pk, "b", "b"], "TS031")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_table_left_in_a_connection_hides_none_of_ours(bob: TradingAccount) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE portfolio_ledgeraccount (LIKE public.portfolio_ledgeraccount)"
        )
    assert ledger.available(bob, "USD") == cast.BOB_HAS


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_path_that_the_role_names_for_itself_leads_no_connection_astray() -> None:
    parameters = connections["default"].get_connection_params()
    with psycopg.connect(**parameters, autocommit=True) as thief:
        thief.execute("ALTER ROLE site_app SET search_path = pg_temp")
        try:
            with psycopg.connect(**parameters) as fresh:
                fresh.execute("SELECT FROM portfolio_posting")
        finally:
            thief.execute("ALTER ROLE site_app RESET search_path")
