"""Are recovery codes shown once, and kept as hashes that nobody can turn back?"""

import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth, flows
from django.apps import apps
from django.contrib.auth import hashers
from django.core import mail
from django.db import connection, connections
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import recovery_codes, second_factor
from accounts.models import AuditRecord, User
from accounts.recovery_codes import HashedCodes
from core import secrets
from tests.accounts.people import (
    code_now,
    codes_of,
    enrol,
    enter_as_staff,
    is_signed_in,
    make,
    sign_in,
)
from tradingsite import takeout

pytestmark = pytest.mark.django_db
PAGE = "/accounts/2fa/recovery-codes/"
CODE = "/accounts/2fa/authenticate/"
KIND = Authenticator.Type.RECOVERY_CODES
SEED = "5eed" * 20
MIGRATION = "accounts.migrations.0008_hash_recovery_codes"


@pytest.fixture
def alice() -> User:
    return make("alice")


def row_of(user: User) -> Authenticator:
    return Authenticator.objects.get(user=user, type=KIND)


def by_seed(user: User, *, used: int = 0) -> list[str]:
    """Give `user` codes as they were kept before, and name them."""
    enrol(user)
    sealed = secrets.seal(SEED, purpose=second_factor.PURPOSE, owner=user.pk)
    row = row_of(user)
    row.data = {"seed": sealed, "used_mask": used}
    row.save()
    with second_factor.acting_for(user):
        return list(HashedCodes(row).generate_codes())


def migrate() -> None:
    import_module(MIGRATION).hash_them(apps, SimpleNamespace(connection=connection))


def opens(user: User, code: str) -> bool:
    """Does this code open the account from a browser of its own?"""
    client = Client()
    sign_in(client, user.username)
    client.post(CODE, {"code": code})
    return is_signed_in(client)


def shown(client: Client) -> list[str]:
    return re.findall(r"data-code>([^<]+)<", client.post(PAGE).content.decode())


def test_allauth_makes_and_checks_codes_with_ours(alice: User) -> None:
    assert auth.RecoveryCodes is flows.RecoveryCodes is HashedCodes
    enrol(alice)
    assert isinstance(row_of(alice).wrap(), HashedCodes)


def test_the_page_shows_them_once(client: Client, alice: User) -> None:
    enter_as_staff(client, alice)
    codes = shown(client)
    assert len({*codes}) == recovery_codes.COUNT
    again = client.get(PAGE).content.decode()
    assert "10 of 10 left" in again
    assert not any(code in again for code in codes)
    assert client.get(f"{PAGE}download/")["Location"] == PAGE


def test_they_are_random_and_begin_with_their_place(alice: User) -> None:
    enrol(alice)
    codes = codes_of(alice)
    form = r"[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){2}"
    assert all(re.fullmatch(form, code) for code in codes)
    assert "".join(code[0] for code in codes) == "0123456789"


def test_no_code_lies_in_row_audit_session_letter_or_export(client: Client, alice: User) -> None:
    enter_as_staff(client, alice)
    client.post(f"{PAGE}generate/")
    codes = shown(client)
    assert opens(alice, codes[0])
    with zipfile.ZipFile(takeout.pack(alice)) as archive:
        kept = b"".join(archive.read(name) for name in archive.namelist()).decode()
    kept += str(row_of(alice).data) + str(dict(client.session))
    kept += str([(one.before, one.after) for one in AuditRecord.objects.all()])
    kept += "".join(str(letter.body) for letter in mail.outbox)
    assert not any(word in kept for code in codes for word in (code, code.replace("-", "")))


def test_they_are_hashed_as_passwords_are(alice: User, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["accounts.passwords.Argon2id"]
    enrol(alice)
    codes_of(alice)
    hashes = row_of(alice).data["hashes"]
    assert [one.startswith("argon2$argon2id$") for one in hashes] == [True] * 10


@pytest.mark.parametrize("typed", [str.upper, lambda code: f" {code.replace('-', ' ')} "])
def test_it_takes_them_however_they_are_typed(alice: User, typed: object) -> None:
    assert callable(typed)
    enrol(alice)
    assert opens(alice, typed(codes_of(alice)[3]))
    assert second_factor.of(alice).codes_left == 9


def test_letters_taken_for_digits_count_as_these() -> None:
    assert recovery_codes._plain("O-il") == "011"


def test_a_try_costs_one_hash_and_a_used_code_none(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(alice)
    codes = codes_of(alice)
    tried: list[str] = []

    def counted(code: str, kept: str) -> bool:
        tried.append(code)
        return hashers.check_password(code, kept)

    monkeypatch.setattr(recovery_codes, "check_password", counted)
    wrap = row_of(alice).wrap()
    assert [wrap.validate_code(code) for code in (codes[4], codes[4], "000000")] == [1, 0, 0]
    assert len(tried) == 1


def test_it_refuses_a_code_of_another_person(alice: User) -> None:
    enrol(alice)
    codes_of(alice)
    bob = make("bob")
    enrol(bob)
    assert not row_of(alice).wrap().validate_code(codes_of(bob)[0])
    assert second_factor.of(alice).codes_left == 10


def test_it_refuses_everything_before_they_are_shown(alice: User) -> None:
    enrol(alice)
    assert not row_of(alice).wrap().validate_code("0" * recovery_codes.LENGTH)
    assert (second_factor.of(alice).codes_left, second_factor.of(alice).codes_since) == (0, None)
    assert not second_factor.of(alice).few_codes  # none is left, because none was ever shown


def test_new_codes_end_the_old(client: Client, alice: User) -> None:
    enter_as_staff(client, alice)
    old = shown(client)
    client.post(f"{PAGE}generate/")
    new = shown(client)
    assert (opens(alice, old[0]), opens(alice, new[0])) == (False, True)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_parallel_tries_with_one_code_one_succeeds(alice: User) -> None:
    enrol(alice)
    code = codes_of(alice)[0]

    def attempt(_: int) -> bool:
        try:
            return bool(row_of(alice).wrap().validate_code(code))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_parallel_looks_one_sees_them(alice: User) -> None:
    enrol(alice)
    looks = [HashedCodes(row_of(alice)) for _ in range(2)]
    for look in looks:
        look.mark_as_viewed()
    assert [bool(look.get_unused_codes()[0]) for look in looks] == [True, False]


def test_codes_by_seed_become_hashes_and_go_on_to_work(alice: User) -> None:
    codes = by_seed(alice, used=0b1)
    migrate()
    data = row_of(alice).data
    assert {*data} == {"hashes", "digits"}
    assert not any(code in str(data) for code in codes)
    assert second_factor.of(alice).codes_left == 9
    assert [opens(alice, code) for code in (codes[0], codes[7], codes[7])] == [False, True, False]


def test_a_seed_whose_key_is_missing_stays_and_works_when_it_is_back(
    alice: User, settings: Settings
) -> None:
    codes, keys = by_seed(alice), settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = ["another key that never sealed anything here"]
    migrate()
    assert "seed" in row_of(alice).data
    settings.ENCRYPTION_KEYS = keys
    assert opens(alice, codes[2])
    assert {*row_of(alice).data} == {"hashes", "digits"}


def test_codes_by_seed_are_not_shown_again(client: Client, alice: User) -> None:
    codes = by_seed(alice)
    enter_as_staff(client, alice)
    page = client.get(PAGE).content.decode()
    assert "10 of 10 left" in page
    assert not any(code in page for code in codes)
    assert code_now() not in page


def test_whoever_has_the_short_codes_of_before_hears_of_longer_ones(
    client: Client, alice: User
) -> None:
    by_seed(alice)
    enter_as_staff(client, alice)
    said = "New ones are longer, and safer"
    assert said in client.get("/settings/security/").content.decode()
    migrate()
    assert said in client.get("/settings/security/").content.decode()
    row_of(alice).delete()
    codes_of(alice)
    assert said not in client.get("/settings/security/").content.decode()


def test_looking_at_their_page_makes_no_codes(client: Client, alice: User) -> None:
    enter_as_staff(client, alice)
    assert client.head(PAGE).status_code == 200
    assert "Show my codes" in client.get(PAGE).content.decode()
    assert second_factor.of(alice).codes_since is None
    assert len(shown(client)) == recovery_codes.COUNT
    assert "Show my codes" not in client.get(PAGE).content.decode()


def test_sent_again_the_form_neither_shows_nor_changes_codes(client: Client, alice: User) -> None:
    enter_as_staff(client, alice)
    first = shown(client)
    assert shown(client) == []
    assert opens(alice, first[0])


def test_codes_that_another_page_replaced_meanwhile_open_nothing(alice: User) -> None:
    enrol(alice)
    codes = codes_of(alice)
    looks = [HashedCodes(row_of(alice)) for _ in range(3)]
    row_of(alice).delete()
    assert looks[0].get_unused_codes() == []
    assert not looks[1].validate_code(codes[0])
    looks[2].mark_as_viewed()
    assert not Authenticator.objects.filter(user=alice, type=KIND).exists()


def test_the_migration_keeps_what_it_has_done_and_misses_nobody(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes, gone = by_seed(alice), make("bob")
    by_seed(gone)
    without_seed = recovery_codes.without_seed

    def meanwhile(row: Authenticator) -> dict[str, object]:
        Authenticator.objects.filter(user=gone).delete()
        return without_seed(row)

    monkeypatch.setattr(recovery_codes, "without_seed", meanwhile)
    assert not import_module(MIGRATION).Migration.atomic
    migrate()
    migrate()
    assert opens(alice, codes[2])
