"""Are the grants given although somebody else keeps a table in the schema?"""

import pytest
from django.db import connections

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
