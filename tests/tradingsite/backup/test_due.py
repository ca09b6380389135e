"""Is an hourly backup that cannot reach its store ever silent?"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django.fixtures import Settings

from core import clock, objects
from core.errors import Broken
from tradingsite import alarms, examination
from tradingsite.backup import archive, making, report, server, strangers


def test_a_store_that_is_away_is_remembered(settings: Settings, tmp_path: Path) -> None:
    settings.BACKUP_REPORT = tmp_path / "backup.json"
    settings.BACKUP_URL = "s3://nobucket/x"
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:1"
    with pytest.raises(CommandError):
        call_command("backup", "--if-due")
    last = report.last(settings.BACKUP_REPORT)
    assert last
    assert last.trouble


def test_folders_of_somebody_else_are_no_backups_and_stay(
    settings: Settings, tmp_path: Path
) -> None:
    settings.BACKUP_URL = tmp_path.as_uri()
    store = objects.at(settings.BACKUP_URL)
    young = (clock.now() - timedelta(minutes=5)).strftime(archive.ID_FORMAT)
    for key in ("notes/manifest.json", "letters/one.txt", f"{young}/manifest.json"):
        store.put(key, b"{}")
    assert making.listing() == [young]
    assert making.make_if_due() is None
    assert archive.leftovers(store) == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_what_the_apps_role_left_behind_does_not_stop_the_backup() -> None:
    """Whoever stole that role may make large objects, which its owner alone may read."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT lo_create(0)")
        (thing,) = cursor.fetchone() or (0,)
        try:
            assert b"".join(server.dump()).startswith(b"PGDMP")
        finally:
            cursor.execute("SELECT lo_unlink(%s)", [thing])


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_dump_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "TABLES", "--table=there_is_none")
    with pytest.raises(Broken, match="no matching tables were found"):
        b"".join(server.dump())


@pytest.fixture
def strange_table() -> Iterator[None]:
    """A table among ours that is of a role ours has no part in."""
    with connections["owner"].cursor() as owner, connections["default"].cursor() as other:
        owner.execute("GRANT CREATE ON SCHEMA public TO site_app")
        other.execute("""CREATE TABLE public."Odd ""one"" $(*)" (id int)""")
        owner.execute("REVOKE CREATE ON SCHEMA public FROM site_app")
        yield
        other.execute("""DROP TABLE public."Odd ""one"" $(*)" """)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_strangers_table_is_left_out_of_the_backup_and_named(
    strange_table: None, settings: Settings, tmp_path: Path
) -> None:
    settings.BACKUP_REPORT = tmp_path / "backup.json"
    settings.BACKUP_URL = (tmp_path / "store").as_uri()
    settings.BACKUP_COPY_URL = ""
    assert making.verify(making.make().id).size > 10_000
    last = report.last(settings.BACKUP_REPORT)
    assert last
    assert (last.trouble, "Odd" in last.strangers, "site_app" in last.strangers) == ("", True, True)
    assert "Odd" in alarms.found(examination.examine())["backup"]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_database_of_our_own_holds_no_strangers() -> None:
    assert strangers.found() == ()
