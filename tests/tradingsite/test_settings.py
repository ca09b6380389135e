"""Do the settings hold together?"""

import os
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import connections
from pytest_django.fixtures import Settings

from tests.tradingsite.test_services import manage
from tradingsite.datafolder import DataFolder
from tradingsite.settings.database import parse


@pytest.mark.django_db
def test_tests_run_as_the_app_role_not_the_owner() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("site_app",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "65536"),
        ("DEBUG", "perhaps"),
        ("SIGNUP_OPEN", "never"),
        ("DATABASE_STATEMENT_TIMEOUT_MS", "-1"),
        ("EMAIL_URL", "post://host"),
        ("EMAIL_URL", "smtp://host:99999"),
        ("BACKUP_URL", "ftp://host/backups"),
        ("BACKUP_COPY_URL", "backups"),
        ("COINS_URL", "coins"),
        ("AWS_ENDPOINT_URL", "localhost:4566"),
        ("TRUSTED_PROXIES", "nowhere"),
        ("FETCH_ALLOWED", "10.0.0.1/8"),
        ("LAKE_RAW_EXPIRY_DAYS", "soon"),
        ("LAKE_URL", "ftp://host/lake"),
        ("PUBLIC_URL", "example.org"),
        ("PUBLIC_URL", "https://[::1"),
        ("DATABASE_URL", "mysql://a@b/c"),
        ("DATABASE_URL", "postgresql://a@b:c/d"),
        ("DATABASE_OWNER_URL", "postgresql://a@b/d"),
        ("REDIS_URL", "localhost"),
        ("EXCHANGES", "{}}"),
        ("EXCHANGES", '{"kraken": {"sandbox": "no"}}'),
        ("EXCHANGES", '{"kraken": {"adress": "https://a"}}'),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line_by_its_name(
    tmp_path: Path, name: str, value: str
) -> None:
    done = manage(tmp_path, "check", **{name: value})
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert done.stderr.startswith(f"Tradingsite: {name} ")


@pytest.mark.parametrize(("role", "is_warned_of"), [("boss", True), ("site_app", False)])
def test_a_check_warns_of_a_site_that_signs_in_as_the_owner(
    tmp_path: Path, role: str, is_warned_of: bool
) -> None:
    done = manage(tmp_path, "check", DATABASE_URL=f"postgresql://{role}@nowhere/site")
    assert ("tradingsite.W001" in done.stderr) == is_warned_of


@pytest.mark.parametrize(
    ("statement_ms", "answer_ms", "is_warned_of"),
    [(5000, 7000, False), (7000, 7000, True), (0, 7000, True), (15000, 0, False)],
)
def test_a_check_warns_of_waiting_shorter_than_a_statement_may_take(
    settings: Settings, statement_ms: int, answer_ms: int, is_warned_of: bool
) -> None:
    settings.STATEMENT_TIMEOUT_MS, settings.DATABASE_ANSWER_TIMEOUT_MS = statement_ms, answer_ms
    assert ("tradingsite.W003" in {one.id for one in run_checks()}) == is_warned_of


@pytest.mark.parametrize("name", ["secret_key", "encryption_key"])
def test_an_emptied_key_is_refused_by_its_file(tmp_path: Path, name: str) -> None:
    emptied = tmp_path / "keys" / name
    emptied.parent.mkdir()
    emptied.touch()
    done = manage(tmp_path, "check", SECRET_KEY="", ENCRYPTION_KEYS="")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert done.stderr.startswith(f"Tradingsite: {emptied} is empty: put back")
    assert emptied.read_text() == ""


def test_a_key_is_on_the_disk_name_and_all_before_anybody_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[tuple[str, ...]] = []

    def keep(descriptor: int) -> None:
        place = Path(f"/proc/self/fd/{descriptor}").resolve()
        kept.append((place.name, *sorted(one.name for one in place.glob("*"))))

    monkeypatch.setattr(os, "fsync", keep)
    DataFolder(tmp_path).key("secret_key")
    assert kept == [(f".secret_key.{os.getpid()}",), ("keys", "secret_key")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_a_key_that_finds_no_room_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = os.open("/dev/full", os.O_WRONLY)

    def touched(path: Path, *_: int) -> int:
        path.write_bytes(b"")
        return full

    monkeypatch.setattr(os, "open", touched)
    with pytest.raises(OSError, match="No space left"):
        DataFolder(tmp_path).key("secret_key")
    assert list((tmp_path / "keys").iterdir()) == []


@pytest.mark.parametrize(
    ("given", "is_open"), [("", True), ("YES", True), ("1", True), ("off", False), ("No", False)]
)
def test_yes_and_no_are_read_as_people_write_them(
    tmp_path: Path, given: str, is_open: bool
) -> None:
    done = manage(tmp_path, "diffsettings", SIGNUP_OPEN=given)
    assert f"SIGNUP_OPEN = {is_open} " in done.stdout


def test_an_empty_list_of_venues_is_none(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", EXCHANGES="")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("told", "port"),
    [('{"port": "8744"}', 8744), ('{"port": null}', 8000), ("{}", 8000), ("", 8000)],
)
def test_a_command_names_the_address_where_the_site_answered_last(
    tmp_path: Path, told: str, port: int
) -> None:
    data = DataFolder(tmp_path)
    assert data.port == 8000
    data.supervisor_state.write_text(told)
    assert data.port == port


def test_an_emptied_address_is_that_of_this_machine(tmp_path: Path) -> None:
    done = manage(tmp_path, "diffsettings", PORT="8745", PUBLIC_URL="", DEFAULT_FROM_EMAIL="")
    assert "PUBLIC_URL = 'http://127.0.0.1:8745'" in done.stdout
    assert "DEFAULT_FROM_EMAIL = 'Tradingsite <no-reply@localhost>'" in done.stdout


def test_letters_of_a_command_lead_to_the_site_beside_it(tmp_path: Path) -> None:
    DataFolder(tmp_path).supervisor_state.write_text('{"port": "8744"}')
    done = manage(tmp_path, "diffsettings")
    assert "PUBLIC_URL = 'http://127.0.0.1:8744'" in done.stdout
    done = manage(tmp_path, "diffsettings", PORT="8745")
    assert "PUBLIC_URL = 'http://127.0.0.1:8745'" in done.stdout


@pytest.mark.parametrize(
    ("written", "host", "port"),
    [
        ("a:b%40c@%2Fvar%2FRun%2Fpg/my%20site", "/var/Run/pg", ""),
        ("a:b%40c@%2Fvar%2FRun%2Fpg:5433/my%20site", "/var/Run/pg", "5433"),
        ("a:b%40c@/my%20site?host=/var/Run/pg", "/var/Run/pg", ""),
        ("a:b%40c@db.example:5433/my%20site", "db.example", "5433"),
        ("a:b%40c@[::1]:5433/my%20site", "::1", "5433"),
    ],
)
def test_an_address_of_postgresql_is_read_as_libpq_reads_it(
    written: str, host: str, port: str
) -> None:
    read = parse(f"postgresql://{written}")
    assert (read["HOST"], read["PORT"]) == (host, port)
    assert (read["USER"], read["PASSWORD"], read["NAME"]) == ("a", "b@c", "my site")
