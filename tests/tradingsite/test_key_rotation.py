"""Keys change while people sign in, and nobody notices."""

import os
import threading
from io import StringIO
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from accounts import second_factor
from accounts.models import User
from accounts.second_factor import SecondFactorAdapter
from core import secrets
from core.errors import Broken
from core.secrets import ring
from portfolio import credentials
from tests.accounts import people
from tests.portfolio import exchange_keys
from tradingsite import key_rotation

ROWS, LONG_ROWS = 1_000, 10_000
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def keys_file(settings: Settings, tmp_path: Path) -> Path:
    path = tmp_path / "encryption_key"
    path.write_text("the first key of this installation\n")
    settings.ENCRYPTION_KEYS, settings.ENCRYPTION_KEYS_FILE = [], path
    settings.KMS_KEY_ID = ""
    return path


def stored(count: int) -> list[Authenticator]:
    owners = User.objects.bulk_create(User(username=f"p{n}") for n in range(count))
    rows = (
        Authenticator(user=owner, type=Authenticator.Type.TOTP, data={"secret": sealed(owner.pk)})
        for owner in owners
    )
    return list(Authenticator.objects.bulk_create(rows))


def sealed(owner: int) -> str:
    return secrets.seal(SECRET, purpose=second_factor.PURPOSE, owner=owner)


def opens(row: Authenticator) -> bool:
    with second_factor.acting_for(row.user):
        return bool(SecondFactorAdapter().decrypt(row.data["secret"]) == SECRET)


def use(rows: list[Authenticator], over: threading.Event, looks: list[bool]) -> None:
    """Open one seed after the other and seal it anew, as people do who sign in and set up."""
    while not over.is_set():
        pk = rows[len(looks) % len(rows)].pk
        row = Authenticator.objects.select_related("user").get(pk=pk)
        looks.append(opens(row))
        Authenticator.objects.filter(pk=pk).update(data={"secret": sealed(row.user_id)})
    connection.close()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_every_secret_is_readable_at_every_moment_of_a_rotation(
    keys_file: Path, long: bool
) -> None:
    rows = stored(LONG_ROWS if long else ROWS)
    over = threading.Event()
    looks: list[bool] = []

    person = threading.Thread(target=use, args=(rows, over, looks))
    person.start()
    done = key_rotation.rotate()
    over.set()
    person.join()
    assert looks
    assert all(looks)
    assert done.rows >= len(rows) - len(looks)
    left = {secrets.key_id(row.data["secret"]) for row in Authenticator.objects.all()}
    assert left == {ring.current().id}
    assert len(ring.every_key()) == 2


def test_a_new_key_is_on_the_disk_name_and_all_before_it_seals_anything(
    keys_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Path] = []
    told = lambda descriptor: kept.append(Path(f"/proc/self/fd/{descriptor}").resolve())  # noqa: E731
    monkeypatch.setattr(os, "fsync", told)
    ring.add()
    assert kept[-1] == keys_file.parent
    assert len(kept) == 2


@pytest.mark.django_db
def test_the_old_key_goes_when_asked_and_people_still_sign_in(keys_file: Path) -> None:
    alice = people.make()
    people.enrol(alice)
    call_command("rotate_keys", stdout=StringIO())
    out = StringIO()
    call_command("rotate_keys", "--forget-old", stdout=out)
    assert "Forgotten" in out.getvalue()
    assert len(keys_file.read_text().splitlines()) == 1
    row = Authenticator.objects.get(user=alice, type=Authenticator.Type.TOTP)
    with second_factor.acting_for(alice):
        assert row.wrap().validate_code(people.code_now())


@pytest.mark.django_db
def test_a_seed_moved_to_another_person_does_not_open(keys_file: Path) -> None:
    alice, bob = people.make(), people.make("bob")
    people.enrol(alice)
    Authenticator.objects.filter(user=alice).update(user=bob)
    row = Authenticator.objects.get(user=bob, type=Authenticator.Type.TOTP)
    with second_factor.acting_for(bob), pytest.raises(Broken):
        row.wrap().validate_code("000000")


@pytest.mark.django_db
def test_a_rotation_stops_at_a_secret_nobody_can_open(keys_file: Path) -> None:
    row = stored(1)[0]
    Authenticator.objects.filter(pk=row.pk).update(data={"secret": "v1:lost:AAAA"})
    with pytest.raises(CommandError, match="lost"):
        call_command("rotate_keys", stdout=StringIO())
    assert Authenticator.objects.get(pk=row.pk).data == {"secret": "v1:lost:AAAA"}


@pytest.mark.django_db
def test_keys_of_exchanges_come_under_the_new_key_and_ended_ones_stay_empty(
    keys_file: Path,
) -> None:
    alice = people.make()
    kept, ended = exchange_keys.kept(alice), exchange_keys.kept(alice)
    credentials.revoke(alice, ended.public_id)
    call_command("rotate_keys", "--forget-old", stdout=StringIO())
    kept.refresh_from_db()
    assert kept.sealed
    assert secrets.key_id(kept.sealed.text) == ring.current().id
    assert len(ring.every_key()) == 1
    found = credentials.opened(kept.pk)
    assert found
    assert found.secret == exchange_keys.SECRETS["binance"]
    assert credentials.opened(ended.pk) is None
