"""Can the app's own database role break the books? Raw SQL tries; PostgreSQL refuses."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from accounts.models import User
from core.money import Money
from portfolio import conversion_quotes, ledger
from portfolio.models import ConversionQuote, JournalEntry, LedgerAccount, TradingAccount
from tests import cast
from tests.portfolio.stillness import nothing_moves

pytestmark = pytest.mark.django_db

POST = (
    "SELECT * FROM books_post('virtual', 'thief', NULL, ARRAY[{account}]::bigint[], ARRAY['t'],"
    " ARRAY['t'], ARRAY['t'], ARRAY['grant'], ARRAY[''], ARRAY[false], ARRAY[NULL]::bigint[],"
    " {legs})"
)


@pytest.fixture
def bob() -> TradingAccount:
    return cast.account_of(cast.bob())


def sql(statement: str, values: list[Any] | None = None) -> None:
    """Run one statement as the app's role; deferred rules are asked at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def is_refused(statement: str, *, saying: str) -> None:
    """The statement fails for that reason, and the books stay as they were."""
    with nothing_moves(), pytest.raises(DatabaseError, match=saying):
        sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE portfolio_ledgeraccount SET balance = 1e9",
        "UPDATE portfolio_ledgeraccount SET balance = -1",
        "UPDATE portfolio_posting SET amount = 1",
        "UPDATE portfolio_journalentry SET actor = 'nobody'",
        "UPDATE portfolio_tradingaccount SET mode = 'real'",
        "UPDATE portfolio_tradingaccount SET user_id = user_id",
        "UPDATE portfolio_tradingaccount SET closed_at = NULL",
        "UPDATE portfolio_tradingaccount SET frozen_at = NULL",
        "UPDATE portfolio_conversionquote SET rate = 1e6",
        "UPDATE portfolio_conversionquote SET accepted_entry_id = NULL",
        "DELETE FROM portfolio_posting",
        "DELETE FROM portfolio_journalentry",
        "DELETE FROM portfolio_ledgeraccount",
        "DELETE FROM portfolio_tradingaccount",
        "DELETE FROM portfolio_conversionquote",
        "TRUNCATE portfolio_posting",
        "TRUNCATE portfolio_journalentry CASCADE",
        "INSERT INTO portfolio_posting (entry_id, account_id, amount) VALUES (1, 1, 1)",
        "INSERT INTO portfolio_ledgeraccount (mode, currency, kind)"
        " VALUES ('virtual', 'USD', 'house:equity')",
        "SELECT books_open('virtual', ARRAY[1]::bigint[], ARRAY[1], ARRAY['available'],"
        " ARRAY['USD'])",
    ],
)
def test_the_role_may_not_write_the_books(bob: TradingAccount, statement: str) -> None:
    is_refused(statement, saying="permission denied")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE portfolio_posting DISABLE TRIGGER ALL",
        "ALTER TABLE portfolio_posting DISABLE TRIGGER postings_balanced",
        "ALTER TABLE portfolio_ledgeraccount DROP CONSTRAINT ledger_balance_never_negative",
        "DROP TRIGGER postings_balanced ON portfolio_posting",
        "DROP TABLE portfolio_posting CASCADE",
        "CREATE TRIGGER mine BEFORE INSERT ON portfolio_posting"
        " FOR EACH ROW EXECUTE FUNCTION books_append_only()",
        "CREATE OR REPLACE FUNCTION books_entry_balanced() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'",
        "DROP FUNCTION books_entry_balanced CASCADE",
        "CREATE TABLE portfolio_mine (id int)",
        "SET session_replication_role = replica",
        "SET ROLE site_owner",
    ],
)
def test_the_role_may_not_change_the_rules(bob: TradingAccount, statement: str) -> None:
    is_refused(statement, saying="permission denied|must be owner|no privileges|cannot")


def test_granting_itself_rights_changes_nothing(bob: TradingAccount) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('portfolio_posting', 'UPDATE'),"
            " has_table_privilege('portfolio_ledgeraccount', 'INSERT, UPDATE, DELETE, TRUNCATE')"
        )
        assert cursor.fetchone() == (False, False)


LEGS: dict[str, tuple[str, str]] = {
    "one leg": ("ARRAY[1], ARRAY['available'], ARRAY['USD'], ARRAY[5]::numeric[]", "sum to zero"),
    "more than was there": (
        "ARRAY[1, 1], ARRAY['available', 'house:equity'], ARRAY['USD', 'USD'],"
        " ARRAY[5, -4.99]::numeric[]",
        "sum to zero",
    ),
    "two currencies": (
        "ARRAY[1, 1], ARRAY['available', 'house:equity'], ARRAY['USD', 'EUR'],"
        " ARRAY[5, -5]::numeric[]",
        "sum to zero",
    ),
    "not a number": (
        "ARRAY[1, 1], ARRAY['available', 'house:equity'], ARRAY['USD', 'USD'],"
        " ARRAY['NaN', 'NaN']::numeric[]",
        "_is_a_number",
    ),
    "infinity": (
        "ARRAY[1, 1], ARRAY['available', 'house:equity'], ARRAY['USD', 'USD'],"
        " ARRAY['Infinity', '-Infinity']::numeric[]",
        "infinite|overflow",
    ),
    "below zero": (
        "ARRAY[1, 1], ARRAY['available', 'house:equity'], ARRAY['USD', 'USD'],"
        " ARRAY[-10.01, 10.01]::numeric[]",
        "ledger_balance_never_negative",
    ),
    "an unknown kind": (
        "ARRAY[1, 1], ARRAY['loan', 'house:equity'], ARRAY['USD', 'USD'], ARRAY[5, -5]::numeric[]",
        "ledger_account_owned_or_house|kind_known",
    ),
    "an unknown currency": (
        "ARRAY[1, 1], ARRAY['available', 'house:equity'], ARRAY['XXX', 'XXX'],"
        " ARRAY[5, -5]::numeric[]",
        "foreign key|null value",
    ),
    "no legs": (
        "ARRAY[]::int[], ARRAY[]::text[], ARRAY[]::text[], ARRAY[]::numeric[]",
        "no postings",
    ),
    "a leg without an amount": (
        "ARRAY[1, 1], ARRAY['available', 'house:equity'], ARRAY['USD', 'USD'], ARRAY[5]::numeric[]",
        "null value",
    ),
    "a split grain": (
        "ARRAY[1, 1, 1], ARRAY['house:fees', 'house:fees', 'house:equity'],"
        " ARRAY['USD', 'USD', 'USD'], ARRAY[1e-18, 4e-19, -1.4e-18]::numeric[]",
        "sum to zero|moves_something",
    ),
    "finer than a cent": (
        "ARRAY[1, 1], ARRAY['available', 'house:equity'], ARRAY['USD', 'USD'],"
        " ARRAY[0.001, -0.001]::numeric[]",
        "finer than its currency",
    ),
    "finer than a cent, twice": (
        "ARRAY[1, 1, 1], ARRAY['available', 'available', 'house:equity'],"
        " ARRAY['USD', 'USD', 'USD'], ARRAY[1.001, -0.001, -1]::numeric[]",
        "finer than its currency",
    ),
    "finer than a yen, never held before": (
        "ARRAY[1, 1], ARRAY['available', 'house:equity'], ARRAY['JPY', 'JPY'],"
        " ARRAY[1.5, -1.5]::numeric[]",
        "finer than its currency",
    ),
    "an unknown kind of the house": (
        "ARRAY[1, 1], ARRAY['available', 'house:evil'], ARRAY['USD', 'USD'],"
        " ARRAY[5, -5]::numeric[]",
        "ledger_account_kind_known",
    ),
}


@pytest.mark.parametrize("case", LEGS)
def test_the_function_writes_nothing_that_breaks_a_rule(bob: TradingAccount, case: str) -> None:
    legs, saying = LEGS[case]
    is_refused(POST.format(account=bob.pk, legs=legs), saying=saying)


def test_the_function_writes_no_entry_of_an_unknown_kind(bob: TradingAccount) -> None:
    legs = "ARRAY[1, 1], ARRAY['available', 'house:equity'], ARRAY['USD', 'USD'],"
    statement = POST.format(account=bob.pk, legs=f"{legs} ARRAY[5, -5]::numeric[]")
    is_refused(statement.replace("'grant'", "'gift'"), saying="journal_entry_kind_known")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("journal_entry_kind_known", JournalEntry.Kind),
        ("ledger_account_kind_known", LedgerAccount.Kind),
    ],
)
def test_the_database_knows_exactly_the_kinds_of_the_models(name: str, kinds: type) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(oid, 'pg_constraint')::text[] FROM pg_constraint"
            " WHERE conname = %s",
            [name],
        )
        assert cursor.fetchone() == (kinds.values,)  # type: ignore[attr-defined]


def test_what_the_house_rounds_away_may_be_finer_than_a_cent(bob: TradingAccount) -> None:
    legs = "ARRAY[1, 1], ARRAY['house:rounding', 'house:liquidity'], ARRAY['USD', 'USD'],"
    sql(POST.format(account=bob.pk, legs=f"{legs} ARRAY[0.001, -0.001]::numeric[]"))


@pytest.mark.parametrize("change", ["decimals = 0", "decimals = 8", "code = 'USX'"])
def test_a_currency_keeps_its_decimals(bob: TradingAccount, change: str) -> None:
    statement = f"UPDATE market_currency SET {change} WHERE code = 'USD'"
    is_refused(statement, saying="keeps its code and decimals")


def test_a_currency_that_is_in_no_books_keeps_them_from_the_role(bob: TradingAccount) -> None:
    statement = "UPDATE market_currency SET decimals = 3 WHERE code = 'SGD'"
    is_refused(statement, saying="keeps its code and decimals")
    sql("UPDATE market_currency SET name = name, decimals = decimals, is_active = is_active")


def test_the_function_takes_nobody_elses_money(bob: TradingAccount) -> None:
    """An entry's legs can only mean its own trading account and the house."""
    legs = "ARRAY[2], ARRAY['available'], ARRAY['USD'], ARRAY[5]::numeric[]"
    is_refused(POST.format(account=bob.pk, legs=legs), saying="owned_or_house|null value")


def test_putting_the_rules_off_does_not_switch_them_off(bob: TradingAccount) -> None:
    legs, saying = LEGS["more than was there"]
    statement = POST.format(account=bob.pk, legs=legs)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        is_refused(statement, saying=saying)


def test_a_temporary_table_of_the_same_name_is_not_taken_for_the_books(bob: TradingAccount) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT has_database_privilege(current_database(), 'TEMP')")
        if cursor.fetchone() == (True,):
            columns = "id int, entry_id bigint, account_id bigint, amount numeric"
            cursor.execute(f"CREATE TEMP TABLE portfolio_posting ({columns})")
            cursor.execute("GRANT ALL ON portfolio_posting TO PUBLIC")
        cursor.execute("SET LOCAL search_path = pg_temp, public")
        posted = ledger.hold(bob, Money(Decimal(1), "USD"), key="h")
        real = "SELECT count(*) FROM public.portfolio_posting WHERE entry_id = %s"
        cursor.execute(real, [posted.id])
        assert cursor.fetchone() == (2,)
        with pytest.raises(DatabaseError, match="sum to zero"):
            sql(POST.format(account=bob.pk, legs=LEGS["more than was there"][0]))
        transaction.set_rollback(True)


def test_a_quote_is_born_open_and_in_the_databases_time(market: None) -> None:
    alice = cast.alice()
    quote = conversion_quotes.make(
        user=alice,
        account_id=cast.account_of(alice).public_id,
        from_code="USD",
        to_code="EUR",
        amount="100.00",
    )
    gift = cast.give(cast.account_of(alice), "1", "USD")
    quote.pk, quote.public_id, quote.lifetime_s = None, cast.account_of(alice).public_id, 60
    quote.accepted_entry_id = gift.id
    quote.save(force_insert=True)
    born = ConversionQuote.objects.get(pk=quote.pk)
    assert born.accepted_entry is None
    assert (born.expires_at - born.created_at).total_seconds() == 60


def test_a_quote_for_somebody_elses_account_is_not_born(market: None) -> None:
    alice, charlie = cast.alice(), cast.charlie()
    quote = conversion_quotes.make(
        user=alice,
        account_id=cast.account_of(alice).public_id,
        from_code="USD",
        to_code="EUR",
        amount="100.00",
    )
    quote.pk, quote.public_id, quote.user = None, cast.account_of(alice).public_id, charlie
    with pytest.raises(DatabaseError, match="owner of its account"), transaction.atomic():
        quote.save(force_insert=True)


OWNER: dict[str, Callable[[int], str]] = {
    "append-only": lambda _: "UPDATE portfolio_posting SET amount = amount",
    "keeps its code and decimals": lambda _: "UPDATE market_currency SET decimals = decimals + 1",
    "append-only: DELETE": lambda _: "DELETE FROM portfolio_journalentry",
    "keeps its owner": lambda _: "UPDATE portfolio_tradingaccount SET mode = 'real'",
    "kept as it was opened": lambda _: "UPDATE portfolio_ledgeraccount SET mode = 'real'",
    "never_negative": lambda _: "UPDATE portfolio_ledgeraccount SET balance = balance - 1e6",
    "is_a_number": lambda _: (
        "UPDATE portfolio_ledgeraccount SET balance = 'NaN' WHERE owner_id > 0"
    ),
    "sum to zero: nowhere": lambda entry: (
        "INSERT INTO portfolio_posting (entry_id, account_id, amount)"
        f" VALUES ({entry}, 0, 1), ({entry}, 0, -1)"
    ),
    "sum to zero: no entry": lambda _: (
        "INSERT INTO portfolio_posting (entry_id, account_id, amount)"
        " SELECT 0, min(id), unnest(ARRAY[1, -1]) FROM portfolio_ledgeraccount"
    ),
    "sum to zero": lambda entry: (
        "INSERT INTO portfolio_posting (entry_id, account_id, amount)"
        f" SELECT {entry}, min(id), 1 FROM portfolio_ledgeraccount"
    ),
}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("saying", OWNER)
def test_even_the_tables_owner_meets_the_rules(saying: str) -> None:
    user: User = cast.bob()
    entry = JournalEntry.objects.filter(account__user=user).latest("pk")
    with (
        nothing_moves(),
        pytest.raises(DatabaseError, match=saying.split(":")[0]),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute(OWNER[saying](entry.pk))
