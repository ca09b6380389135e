"""Does what strangers wrote beside our tables ever make a backup worthless?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from tradingsite.backup import contents, databases, making, restoring, strangers

NAME = "test_of_what_strangers_wrote"
LIST = """;
; Selected TOC Entries:
;
221; 1259 16388 TABLE public django_migrations site_owner
383; 1255 17945 FUNCTION public books_post(text) site_owner
384; 1255 17946 FUNCTION public total(bigint, a text) metabase
3515; 0 0 COMMENT public FUNCTION total(bigint, a text) metabase
385; 3466 17950 EVENT TRIGGER - watch postgres
386; 6104 17951 PUBLICATION - cdc postgres
2; 3079 48663 EXTENSION - pg_stat_statements\x20
3774; 0 0 COMMENT - EXTENSION pg_stat_statements\x20
2861; 2605 48994 CAST - CAST (text AS bytea)\x20
2644; 2328 48657 FOREIGN DATA WRAPPER - ferries postgres
3800; 0 0 USER MAPPING - USER MAPPING public SERVER far postgres
900; 1247 17990 TYPE public ours site_owner
387; 1259 17952 TABLE public kept of_a_group
"""


def test_functions_and_the_like_of_others_are_left_out() -> None:
    found = contents.without_strangers(LIST)
    assert [line.split(";")[0] for line in found.wanted.splitlines()[3:]] == [
        *("221", "383", "900", "387")
    ]
    assert found.left_out[0] == "FUNCTION public total(bigint, a text) of metabase"
    assert [name.split()[-1] for name in found.left_out[:4]] == ["metabase"] * 2 + ["postgres"] * 2
    assert found.left_out[4:6] == ("EXTENSION - pg_stat_statements", "EXTENSION pg_stat_statements")
    assert len(found.left_out) == 9


def test_a_list_without_our_tables_stays_whole() -> None:
    assert contents.without_strangers("1; 1255 2 FUNCTION public f() metabase\n").left_out == ()


@pytest.fixture
def strange_function() -> Iterator[None]:
    """A function that is bound to a view; both are of a role ours has no part in."""
    with connections["owner"].cursor() as owner, connections["default"].cursor() as other:
        owner.execute("GRANT CREATE ON SCHEMA public TO site_app")
        other.execute("CREATE VIEW public.odd_view AS SELECT 1 AS one")
        other.execute(
            "CREATE FUNCTION public.odd() RETURNS int LANGUAGE sql"
            " BEGIN ATOMIC SELECT one FROM public.odd_view; END"
        )
        owner.execute("REVOKE CREATE ON SCHEMA public FROM site_app")
        yield
        other.execute("DROP VIEW public.odd_view CASCADE")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_backup_comes_back_without_a_function_whose_view_was_left_out(
    strange_function: None, settings: Settings, tmp_path: Path
) -> None:
    settings.BACKUP_REPORT = tmp_path / "backup.json"
    settings.BACKUP_URL = (tmp_path / "store").as_uri()
    settings.BACKUP_COPY_URL = ""
    draft, left_out = restoring.loaded(making.make(), NAME)
    databases.drop(draft)
    assert left_out == ("FUNCTION public odd() of site_app",)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_each_stranger_is_called_what_it_is(strange_function: None) -> None:
    said = strangers.said(strangers.found())
    assert said == "the function 'odd' of site_app, the view 'odd_view' of site_app"
