"""Does a second factor hold, and does nobody see staff pages without one?"""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import audit, second_factor
from accounts.models import AuditRecord, User
from core import clock
from tests.accounts.people import (
    PASSWORD,
    SECRET,
    add_passkey,
    code_now,
    codes_of,
    enrol,
    enter_as_staff,
    is_signed_in,
    make,
    sign_in,
)

pytestmark = pytest.mark.django_db
STAFF = "/admin/mail/"
CODE = "/accounts/2fa/authenticate/"


@pytest.fixture
def alice() -> User:
    return make("alice")


@pytest.fixture
def dana() -> User:
    return make("dana", is_staff=True, is_superuser=True)


def sign_in_with_code(client: Client, name: str, code: str = "") -> None:
    sign_in(client, name)
    client.post(CODE, {"code": code or code_now()})


def test_sign_in_asks_for_the_code(client: Client, alice: User) -> None:
    enrol(alice)
    assert sign_in(client)["Location"] == CODE
    assert not is_signed_in(client)
    client.post(CODE, {"code": code_now()})
    assert is_signed_in(client)


def test_sign_in_asks_only_for_what_the_person_has(client: Client, alice: User) -> None:
    enrol(alice)
    sign_in(client)
    page = client.get(CODE).content.decode()
    assert "Type the code your app shows" in page
    assert "Use a passkey" not in page
    Authenticator.objects.filter(user=alice, type=Authenticator.Type.TOTP).delete()
    add_passkey(alice)
    page = client.get(CODE).content.decode()
    assert "Use your passkey, or type a recovery code" in page
    assert 'id="mfa_webauthn_authenticate"' in page


def test_the_list_of_events_says_which_factor_came(client: Client, alice: User) -> None:
    enter_as_staff(client, alice)
    for factor in ("totp", "recovery_codes"):
        audit.note("second factor added", person=alice, after={"factor": factor})
    page = client.get("/settings/security/").content.decode()
    assert 'Second factor added <span class="soft">code app</span>' in page
    assert 'Second factor added <span class="soft">recovery codes</span>' in page


def test_a_code_works_once(client: Client, alice: User) -> None:
    enrol(alice)
    code = code_now()
    sign_in_with_code(client, "alice", code)
    thief = Client()
    sign_in_with_code(thief, "alice", code)
    assert (is_signed_in(client), is_signed_in(thief)) == (True, False)


def test_a_recovery_code_works_once(client: Client, alice: User) -> None:
    enrol(alice)
    code = codes_of(alice)[0]
    sign_in_with_code(client, "alice", code)
    thief = Client()
    sign_in_with_code(thief, "alice", code)
    assert (is_signed_in(client), is_signed_in(thief)) == (True, False)


def test_it_refuses_the_right_code_after_five_wrong_ones(client: Client, alice: User) -> None:
    enrol(alice)
    sign_in(client)
    for _ in range(5):
        client.post(CODE, {"code": "000000"})
    client.post(CODE, {"code": code_now()})
    assert not is_signed_in(client)


def test_secrets_lie_sealed_in_the_database(alice: User) -> None:
    enrol(alice)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in stored


def test_setting_it_up_needs_a_confirmed_address(client: Client) -> None:
    make("bob", confirmed=False)
    sign_in(client, "bob")
    assert client.get("/accounts/2fa/totp/activate/")["Location"] == "/accounts/2fa/"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_setting_it_up_gives_a_new_session_id_and_a_letter(client: Client, alice: User) -> None:
    sign_in(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    before = client.session.session_key
    client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)})
    assert client.session.session_key != before
    assert is_signed_in(client)
    assert mail.outbox[-1].subject == "Code app added"


def test_a_page_that_asks_for_a_code_is_ready_for_it(client: Client, alice: User) -> None:
    sign_in(client)
    setting_up = client.get("/accounts/2fa/totp/activate/")
    enrol(alice)
    again = client.get("/accounts/2fa/reauthenticate/?next=/settings/security/")
    for answer in (setting_up, again):
        field = str(answer.context["form"]["code"])
        assert "autofocus" in field
        assert 'autocomplete="one-time-code"' in field
        assert "Not now" in answer.content.decode()
    assert 'inputmode="numeric"' in str(setting_up.context["form"]["code"])
    assert "numeric" not in str(again.context["form"]["code"])  # recovery codes have letters
    secret = setting_up.context["form"].secret
    assert f">{secret[:4]}</span>" in setting_up.content.decode()


def test_five_minutes_after_sign_in_it_asks_who_you_are(client: Client, alice: User) -> None:
    sign_in(client)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    with clock.frozen(clock.now() + timedelta(minutes=5, seconds=1)):
        answer = client.get("/accounts/2fa/totp/activate/")
    assert answer["Location"].startswith("/accounts/reauthenticate/")


@pytest.mark.parametrize("path", ["/admin/mail/", "/admin/", "/admin/anything/", "/admin/login/"])
def test_staff_pages_send_a_stranger_to_sign_in(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer["Location"].startswith("/accounts/login/?next=%2Fadmin%2F")


@pytest.mark.parametrize("path", ["/admin/mail/", "/admin/", "/admin/login/"])
def test_staff_pages_refuse_ordinary_people(client: Client, alice: User, path: str) -> None:
    enrol(alice)
    sign_in_with_code(client, "alice")
    assert client.get(path).status_code == 403


def test_staff_without_a_factor_are_led_to_set_one_up(client: Client, dana: User) -> None:
    sign_in(client, "dana")
    assert client.get(STAFF)["Location"] == "/accounts/2fa/"
    assert client.get("/accounts/2fa/").status_code == 200


def test_staff_with_recovery_codes_alone_have_no_factor(client: Client, dana: User) -> None:
    sign_in(client, "dana")
    enrol(dana)
    Authenticator.objects.filter(type=Authenticator.Type.TOTP).delete()
    assert client.get(STAFF)["Location"] == "/accounts/2fa/"


def test_staff_whose_session_has_shown_no_factor_show_it(client: Client, dana: User) -> None:
    sign_in(client, "dana")
    enrol(dana)
    answer = client.get(STAFF)
    assert answer["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2Fmail%2F"
    shown = client.post(answer["Location"], {"code": code_now()})
    assert shown["Location"] == STAFF
    assert client.get(STAFF).status_code == 200


def test_staff_who_signed_in_with_a_code_are_let_in(client: Client, dana: User) -> None:
    enrol(dana)
    sign_in_with_code(client, "dana")
    assert client.get(STAFF).status_code == 200


def test_half_a_sign_in_opens_nothing(client: Client, dana: User) -> None:
    enrol(dana)
    sign_in(client, "dana")
    assert client.get(STAFF)["Location"].startswith("/accounts/login/")


def test_staff_switched_off_are_refused_at_once(client: Client, dana: User) -> None:
    enrol(dana)
    sign_in_with_code(client, "dana")
    User.objects.update(is_staff=False)
    assert client.get(STAFF).status_code == 403


def test_the_command_takes_factors_away_and_ends_sessions(client: Client, dana: User) -> None:
    enrol(dana)
    sign_in_with_code(client, "dana")
    call_command("reset_second_factor", "dana@example.org", shown="answered our letter")
    assert not Authenticator.objects.exists()
    assert not is_signed_in(client)
    told = AuditRecord.objects.get(event="second factors reset")
    assert told.after == {"shown": "answered our letter"}


@pytest.mark.parametrize("shown", [[], ["--shown", "  yes  "]])
def test_the_command_refuses_whoever_has_shown_nothing(dana: User, shown: list[str]) -> None:
    enrol(dana)
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "dana", *shown)
    assert second_factor.is_enrolled(dana)


def test_a_factor_shown_long_ago_is_shown_again(client: Client, dana: User) -> None:
    enrol(dana)
    sign_in_with_code(client, "dana")
    with clock.frozen(clock.now() + timedelta(hours=9)):
        assert client.get(STAFF)["Location"].startswith("/accounts/2fa/reauthenticate/")


def test_staff_cannot_enter_as_others_by_the_consoles_own_door(client: Client, dana: User) -> None:
    enrol(dana)
    sign_in_with_code(client, "dana")
    make("erin", is_staff=True)
    own = {"username": "erin", "password": PASSWORD}
    assert client.post("/admin/login/", own).status_code == 405
    assert client.get("/admin/login/")["Location"] == "/admin/"
    assert b"dana@example.org" in client.get("/settings/profile/").content
