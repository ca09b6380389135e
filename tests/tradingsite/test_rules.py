"""Do the rules load into a schema that holds a stranger's table, or an older version's guard?"""

import pytest
from django.db import connections

from portfolio import guards
from tradingsite import rules

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_a_table_of_somebody_else_stops_nothing_and_stays_theirs() -> None:
    with connections["owner"].cursor() as owner, connections["default"].cursor() as other:
        owner.execute("GRANT CREATE ON SCHEMA public TO site_app")
        try:
            other.execute("CREATE TABLE public.decoy (id int)")
            owner.execute("REVOKE CREATE ON SCHEMA public FROM site_app")
            rules.load()
            other.execute("SELECT has_table_privilege('accounts_auditrecord', 'SELECT')")
            assert other.fetchone() == (True,)
        finally:
            other.execute("DROP TABLE IF EXISTS public.decoy")
            owner.execute("REVOKE CREATE ON SCHEMA public FROM site_app")


def test_the_guard_of_an_older_version_leaves() -> None:
    with connections["owner"].cursor() as owner:
        owner.execute(
            "CREATE FUNCTION public.books_balanced() RETURNS trigger LANGUAGE plpgsql"
            " AS $$BEGIN RETURN NULL; END$$"
        )
        owner.execute(
            "CREATE CONSTRAINT TRIGGER posting_balanced AFTER INSERT ON portfolio_posting"
            " DEFERRABLE FOR EACH ROW EXECUTE FUNCTION public.books_balanced()"
        )
    assert guards.broken("owner") != ()
    rules.load()
    assert guards.broken("owner") == ()
