"""Is somebody whose second factor this site can no longer read told what to do, never a fault?"""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import AuditRecord, User
from tests.accounts.people import (
    code_now,
    codes_of,
    enrol,
    enter_as_staff,
    is_signed_in,
    make,
    sign_in,
)

pytestmark = pytest.mark.django_db
CODE = "/accounts/2fa/authenticate/"
CODES = "/accounts/2fa/recovery-codes/"
LOST_SEED = {"seed": "v1:00000000:AAAA", "used_mask": 0}
APP = Authenticator.Type.TOTP


@pytest.fixture
def alice() -> User:
    return make("alice")


def spoil(user: User, *kinds: str, data: object = None) -> None:
    """Let the rows of these factors hold what no key opens."""
    for row in Authenticator.objects.filter(user=user, type__in=kinds):
        row.data = data or dict.fromkeys(row.data, "v1:00000000:AAAA") | {"used_mask": 0}
        row.save()


@pytest.mark.parametrize("data", [None, {"used_mask": 0}, {"secret": 7}, {"secret": "text"}])
def test_it_refuses_codes_of_a_lost_app_and_says_what_to_do(
    client: Client, alice: User, data: object
) -> None:
    enrol(alice)
    spoil(alice, APP, data=data)
    sign_in(client)
    answer = client.post(CODE, {"code": code_now()})
    assert answer.status_code == 200
    assert "Use a recovery code or a passkey" in answer.content.decode()
    assert not is_signed_in(client)


def test_a_recovery_code_still_opens_beside_a_lost_app(client: Client, alice: User) -> None:
    enrol(alice)
    code = codes_of(alice)[0]
    spoil(alice, APP)
    sign_in(client)
    client.post(CODE, {"code": code})
    assert is_signed_in(client)


def test_the_app_still_opens_beside_lost_recovery_codes(client: Client, alice: User) -> None:
    enrol(alice)
    spoil(alice, Authenticator.Type.RECOVERY_CODES, data=LOST_SEED)
    sign_in(client)
    assert "use your code app" in client.post(CODE, {"code": "000000"}).content.decode()
    client.post(CODE, {"code": code_now()})
    assert is_signed_in(client)


def test_a_key_gone_from_the_ring_is_refused_and_written(
    client: Client, alice: User, settings: Settings
) -> None:
    enrol(alice)
    sign_in(client)
    settings.ENCRYPTION_KEYS = ["another key that never sealed anything here"]
    assert "cannot read the secret" in client.post(CODE, {"code": code_now()}).content.decode()
    row = AuditRecord.objects.get(event="second factor cannot be read")
    assert row.after == {"factors": ["totp"]}
    assert (row.person, row.address) == (alice.public_id, "127.0.0.1")


def test_five_tries_at_a_lost_factor_are_all(client: Client, alice: User) -> None:
    enrol(alice)
    code = codes_of(alice)[0]
    spoil(alice, APP)
    sign_in(client)
    for _ in range(5):
        client.post(CODE, {"code": "000000"})
    client.post(CODE, {"code": code})
    assert not is_signed_in(client)


def test_whoever_shows_again_who_they_are_meets_the_same_words(client: Client) -> None:
    dana = make("dana", is_staff=True)
    enter_as_staff(client, dana)
    spoil(dana, APP)
    answer = client.post("/accounts/2fa/reauthenticate/", {"code": code_now()})
    assert "cannot read the secret" in answer.content.decode()


@pytest.mark.parametrize("page", ["", "generate/"])
def test_pages_of_lost_recovery_codes_offer_new_ones(client: Client, page: str) -> None:
    dana = make("dana", is_staff=True)
    enter_as_staff(client, dana)
    spoil(dana, Authenticator.Type.RECOVERY_CODES, data=LOST_SEED)
    answer = client.get(f"{CODES}{page}")
    assert (answer.status_code, "Make new codes" in answer.content.decode()) == (409, True)
    assert AuditRecord.objects.filter(event="second factor cannot be read").exists()
    client.post(f"{CODES}generate/")
    assert client.get(CODES).status_code == 200
