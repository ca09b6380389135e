"""Is a rule of the books missed whose name is still there?"""

import json
import os
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connections, transaction
from pytest_django.fixtures import Settings

from portfolio import guards

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
CHECKED = "ALTER TABLE portfolio_ledgeraccount DROP CONSTRAINT {0}, ADD CONSTRAINT {0} CHECK ({1})"
HOLLOW = "CREATE OR REPLACE FUNCTION public.{} RETURNS trigger LANGUAGE plpgsql AS $${}$$"
TAMPERING = {
    "a hollow function": (
        HOLLOW.format("books_postings_balanced()", "BEGIN RETURN NULL; END"),
        {"function books_postings_balanced", "trigger postings_balanced portfolio_posting"},
    ),
    "a function that looks elsewhere": (
        "ALTER FUNCTION public.books_close(bigint) RESET search_path",
        {"function books_close p_account bigint"},
    ),
    "a function of the same name": (
        "CREATE FUNCTION public.books_close(text) RETURNS void LANGUAGE sql AS ''",
        {"function books_close text"},
    ),
    "a check that checks nothing": (
        CHECKED.format("ledger_balance_never_negative", "true"),
        {"constraint ledger_balance_never_negative portfolio_ledgeraccount"},
    ),
    "a wider check under the same comment": (
        CHECKED.format("ledger_account_kind_known", "kind <> 'x'"),
        {"constraint ledger_account_kind_known portfolio_ledgeraccount"},
    ),
    "a check that was never asked": (
        CHECKED.format("ledger_balance_never_negative", "balance >= 0") + " NOT VALID",
        {"constraint ledger_balance_never_negative portfolio_ledgeraccount"},
    ),
    "a key that may come twice": (
        "ALTER TABLE portfolio_journalentry DROP CONSTRAINT journal_entry_key",
        {"unique journal_entry_key portfolio_journalentry"},
    ),
    "an amount that may be missing": (
        "ALTER TABLE portfolio_posting ALTER amount DROP NOT NULL",
        {"table portfolio_posting"},
    ),
    "a trigger that only sleeps": (
        "ALTER TABLE accounts_user DISABLE TRIGGER protection_kept",
        {"trigger protection_kept accounts_user"},
    ),
    "a trigger of a stranger": (
        "CREATE TRIGGER aside BEFORE INSERT ON portfolio_posting FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        {"trigger aside portfolio_posting"},
    ),
    "a rule that swallows": (
        "CREATE RULE aside AS ON INSERT TO portfolio_posting DO INSTEAD NOTHING",
        {"rule aside portfolio_posting"},
    ),
    "rows that hide": (
        "ALTER TABLE portfolio_posting ENABLE ROW LEVEL SECURITY",
        {"table portfolio_posting"},
    ),
    "a table the site may write to": (
        "GRANT UPDATE ON portfolio_posting TO site_app",
        {"rights of table portfolio_posting"},
    ),
    "a column the site may write to": (
        "GRANT UPDATE (amount) ON portfolio_posting TO site_app",
        {"rights of column portfolio_posting amount"},
    ),
    "a table another role may write to": (
        "GRANT INSERT ON portfolio_posting TO pg_monitor",
        {"rights of table portfolio_posting"},
    ),
    "a table everybody may read": (
        "GRANT SELECT ON accounts_auditrecord TO PUBLIC",
        {"rights of table accounts_auditrecord"},
    ),
    "a right that may be handed on": (
        "GRANT SELECT ON portfolio_posting TO site_app WITH GRANT OPTION",
        {"rights of table portfolio_posting"},
    ),
    "a function everybody may call": (
        "GRANT EXECUTE ON FUNCTION books_append_only() TO PUBLIC",
        {"rights of function books_append_only"},
    ),
    "a function nobody may call": (
        "REVOKE EXECUTE ON FUNCTION books_close(bigint) FROM site_app",
        {"rights of function books_close p_account bigint"},
    ),
}
OF_A_SUPERUSER = {
    "a function of another owner": (
        "ALTER FUNCTION public.books_close(bigint) OWNER TO site_app",
        {"rights of function books_close p_account bigint"},
    ),
    "a table of another owner": (
        "ALTER TABLE public.portfolio_posting OWNER TO site_app",
        {"rights of table portfolio_posting"},
    ),
    "everything of the site itself": (
        "REASSIGN OWNED BY {owner} TO site_app",
        {"role of the app"},
    ),
    "a role that is the owner too": ("GRANT {owner} TO site_app", {"role of the app"}),
    "a role that may do everything": ("ALTER ROLE site_app BYPASSRLS", {"role of the app"}),
}


def test_the_list_is_what_migrations_and_sql_files_make() -> None:
    """After a change of either: UPDATE_GUARDS=1, read the difference, commit it."""
    made = sorted([*vars_of(guard), digest] for guard, digest in guards.in_force().items())
    if os.environ.get("UPDATE_GUARDS"):
        lines = ",\n".join(json.dumps(line) for line in made)
        guards.MADE.write_text(f"[\n{lines}\n]\n")
    assert json.loads(guards.MADE.read_text()) == made


def vars_of(guard: guards.Guard) -> tuple[str, str, str]:
    return guard.kind, guard.name, guard.place


def test_a_new_database_is_guarded() -> None:
    assert guards.broken() == ()


@pytest.mark.parametrize("how", TAMPERING)
def test_what_an_owner_weakens_is_found(how: str) -> None:
    statement, due = TAMPERING[how]
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)
    assert set(map(str, guards.broken("owner"))) == due


def test_a_table_that_loses_its_only_guard_is_missed() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TRIGGER currency_kept ON market_currency")
    assert "trigger currency_kept market_currency" in set(map(str, guards.broken("owner")))


@pytest.fixture
def mighty() -> Iterator[str]:
    """The name of a connection as the server's superuser; what it changes is undone."""
    connection = connections["owner"].copy("mighty")
    connection.settings_dict = connection.settings_dict | {"USER": "postgres"}
    connections["mighty"] = connection
    try:
        with transaction.atomic("mighty"):
            yield "mighty"
            transaction.set_rollback(True, "mighty")
    except OperationalError as error:
        pytest.skip(f"The server's superuser cannot be reached: {error}")
    finally:
        connection.close()
        del connections["mighty"]


@pytest.mark.parametrize("how", OF_A_SUPERUSER)
def test_what_a_superuser_gives_away_is_found(how: str, mighty: str) -> None:
    statement, due = OF_A_SUPERUSER[how]
    owner = connections["owner"].settings_dict["USER"]
    with connections[mighty].cursor() as cursor:
        cursor.execute(statement.format(owner=owner))
    assert due <= set(map(str, guards.broken(mighty)))


def test_the_role_of_the_site_is_known_by_its_setting(settings: Settings) -> None:
    settings.APP_ROLE = "pg_monitor"
    wrong = {guard.kind for guard in guards.broken("owner")}
    assert {"rights of table", "rights of function"} <= wrong


def test_what_an_operator_adds_is_no_break() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("GRANT SELECT ON portfolio_posting TO pg_monitor")
        cursor.execute("CREATE INDEX of_theirs ON portfolio_posting (amount)")
        cursor.execute("CREATE TABLE portfolio_theirs (id bigint UNIQUE)")
        cursor.execute("CREATE FUNCTION public.theirs() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    assert guards.broken("owner") == ()
