"""Staff hear of what breaks: once, and once more when it is well."""

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.cache import cache
from pytest_django.fixtures import Settings

from accounts import audit
from accounts.models import User
from core import clock
from core.errors import Broken
from core.push import heartbeats, redis_client
from portfolio import seals, tasks, witness
from tests.accounts import people
from tradingsite import alarms, examination
from tradingsite.backup import report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def silence(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No part has given a sign of life, nothing was told yet, no backup was made."""
    settings.BACKUP_REPORT = tmp_path_factory.mktemp("report") / "backup.json"
    cache.clear()
    redis_client().delete("alive:beat", "alive:publisher")
    yield
    cache.clear()


@pytest.fixture
def dana() -> User:
    return people.make("dana", is_staff=True)


def look() -> alarms.Turn:
    examination._last.clear()  # it is remembered for a second
    return alarms.look()


def test_one_red_look_is_a_hiccup(dana: User) -> None:
    assert look().red == {}
    assert mail.outbox == []


def test_staff_hear_once_of_what_stays_red(dana: User) -> None:
    people.make("alice")
    look()
    assert {"beat", "publisher"} <= look().red.keys()
    letter = mail.outbox[0]
    assert letter.to == [dana.email]
    assert "beat" in letter.subject
    assert "was never heard of" in letter.body
    assert "/admin/operations/" in letter.body
    assert look().red == {}
    assert len(mail.outbox) == 1


def test_staff_hear_that_it_is_well_again(dana: User) -> None:
    look()
    look()
    heartbeats.sign("beat")
    turn = look()
    assert turn.well == ("beat",)
    assert "Well again" in mail.outbox[-1].subject
    assert look().well == ()


def test_a_backup_that_failed_is_an_alarm(settings: Settings) -> None:
    failed = report.Outcome("2026-11-20T14:00:00+00:00", trouble="No space left on device.")
    report.remember(settings.BACKUP_REPORT, failed)
    assert "No space left" in alarms.found(examination.examine())["backup"]


def test_a_backup_that_left_something_out_is_an_alarm(settings: Settings) -> None:
    now = clock.now().isoformat()
    partial = report.Outcome(now, now, strangers="public.notes")
    report.remember(settings.BACKUP_REPORT, partial)
    assert "public.notes" in alarms.found(examination.examine())["backup"]


def test_no_backup_for_two_hours_is_an_alarm(settings: Settings) -> None:
    now = clock.now()
    report.remember(settings.BACKUP_REPORT, report.Outcome(now.isoformat(), now.isoformat()))
    with clock.frozen(now + timedelta(minutes=119)):
        assert "backup" not in alarms.found(examination.examine())
    with clock.frozen(now + timedelta(minutes=121)):
        assert f"since {now:%d %b %H:%M}" in alarms.found(examination.examine())["backup"]


def test_a_worker_that_starts_again_does_not_make_an_old_backup_young(
    dana: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = clock.now() - timedelta(hours=3)
    report.remember(settings.BACKUP_REPORT, report.Outcome(made.isoformat(), made.isoformat()))
    monkeypatch.setattr(alarms, "_began", clock.now())
    look()
    assert "backup" not in look().red  # its first backup may be under way
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert "backup" in look().red
        monkeypatch.setattr(alarms, "_began", clock.now())
        assert look().well == ()


def test_a_house_without_any_backup_owes_one_since_it_was_installed() -> None:
    with clock.frozen(clock.now() + timedelta(hours=3)):
        assert "No backup was made yet" in alarms.found(examination.examine())["backup"]


def test_seals_that_prove_nothing_are_an_alarm() -> None:
    audit.note("one")
    seals.seal()
    cache.clear()
    witness.forget()  # as if the newest seal were unknown outside
    tasks.check_audit()
    assert "Nobody outside" in alarms.found(examination.examine())["seals"]


def test_copies_that_do_not_go_with_the_seals_are_an_alarm(
    settings: Settings, tmp_path: Path
) -> None:
    settings.LAKE_URL = tmp_path.as_uri()
    audit.note("one")
    seals.seal()
    tasks.export_audit()
    (copy,) = (tmp_path / "audit").rglob("*.gz")
    told = gzip.decompress(copy.read_bytes()).replace(b'"number": 1', b'"number": 9')
    copy.write_bytes(gzip.compress(told))
    with pytest.raises(Broken):
        tasks.export_audit()
    assert "was copied" in alarms.found(examination.examine())["seals"]


def test_rows_that_wait_long_for_a_seal_are_an_alarm() -> None:
    audit.note("one")
    assert "seals" not in alarms.found(examination.examine())
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        assert "wait for their seal" in alarms.found(examination.examine())["seals"]


def test_an_address_nobody_confirmed_gets_no_alarm() -> None:
    people.make("dana", confirmed=False, is_staff=True)
    look()
    look()
    assert mail.outbox == []
