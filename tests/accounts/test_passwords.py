"""How is a password set anew or changed, and what ends with the old one?"""

import json
from datetime import timedelta
from typing import Any, cast
from unittest import mock

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from core import clock, push
from tests.accounts.people import PASSWORD, enrol, is_signed_in, link_in_letter, make, sign_in

pytestmark = pytest.mark.django_db
NEW = "battery staple correct"
RESET = "/accounts/password/reset/"


@pytest.fixture
def alice() -> User:
    return make("alice")


def change(client: Client, old: str = PASSWORD, new: str = NEW) -> int:
    fields = {"oldpassword": old, "password1": new, "password2": new}
    return client.post("/accounts/password/change/", fields).status_code


def reset(client: Client, new: str = NEW) -> None:
    path = link_in_letter("/password/reset/key/")
    form = client.get(path)["Location"]
    client.post(form, {"password1": new, "password2": new})


def test_a_changed_password_leads_back_to_the_security_page(client: Client, alice: User) -> None:
    sign_in(client)
    fields = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/accounts/password/change/", fields)["Location"] == "/settings/security/"


def test_a_changed_password_ends_every_other_session(client: Client, alice: User) -> None:
    other = Client()
    sign_in(client)
    sign_in(other)
    assert change(client) == 302
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_open_sockets_are_told_to_look_again(
    client: Client, alice: User, django_capture_on_commit_callbacks: object
) -> None:
    sign_in(client)
    after_commit = django_capture_on_commit_callbacks(execute=True)  # type: ignore[operator]
    with cast(Any, push.redis_client()).pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(push.user_channel(alice.public_id))
        heard.get_message(timeout=1)
        with after_commit:
            change(client)
        message = heard.get_message(timeout=1)
    assert message
    assert json.loads(message["data"]) == {"type": push.RECHECK}


def test_a_changed_password_gives_the_session_a_new_id(client: Client, alice: User) -> None:
    sign_in(client)
    before = client.session.session_key
    change(client)
    assert client.session.session_key != before


def test_signing_in_gives_the_session_a_new_id(client: Client, alice: User) -> None:
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    before = session.session_key
    sign_in(client)
    assert client.session.session_key != before


def test_it_refuses_a_change_without_the_old_password(client: Client, alice: User) -> None:
    sign_in(client)
    assert change(client, old="not this one at all") == 200
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_changed_password_is_told_by_letter(client: Client, alice: User) -> None:
    sign_in(client)
    change(client)
    assert mail.outbox[-1].subject == "Your password was changed"
    assert "Every other browser has been signed out" in mail.outbox[-1].body


def test_a_forgotten_password_is_set_anew_by_letter(client: Client, alice: User) -> None:
    client.post(RESET, {"email": "alice@example.org"})
    reset(client)
    sign_in(client, "alice", NEW)
    assert is_signed_in(client)
    assert mail.outbox[1].subject == "Your password was reset"


def test_a_reset_password_asks_for_the_second_factor_all_the_same(
    client: Client, alice: User
) -> None:
    enrol(alice)
    client.post(RESET, {"email": "alice@example.org"})
    reset(client)
    assert not is_signed_in(client)
    assert sign_in(client, "alice", NEW)["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)


def test_a_reset_ends_every_session(client: Client, alice: User) -> None:
    other = Client()
    sign_in(other)
    client.post(RESET, {"email": "alice@example.org"})
    reset(client)
    assert not is_signed_in(other)


def test_a_reset_opens_a_closed_account(client: Client, alice: User) -> None:
    for _ in range(6):
        sign_in(Client(), "alice", "wrong horse battery")
    client.post(RESET, {"email": "alice@example.org"})
    reset(client)
    sign_in(client, "alice", NEW)
    assert is_signed_in(client)


def test_a_reset_link_works_once(client: Client, alice: User) -> None:
    client.post(RESET, {"email": "alice@example.org"})
    reset(client)
    path = next(word for word in mail.outbox[0].body.split() if "/reset/key/" in word)
    again = Client().get("/" + path.split("/", 3)[3])
    assert (again.status_code, again.context["token_fail"]) == (200, True)


def test_a_reset_link_works_for_a_day(client: Client, alice: User) -> None:
    client.post(RESET, {"email": "alice@example.org"})
    path = link_in_letter("/password/reset/key/")
    later = (clock.now() + timedelta(days=1, seconds=5)).replace(tzinfo=None)
    generator = "django.contrib.auth.tokens.PasswordResetTokenGenerator._now"
    with mock.patch(generator, return_value=later):
        assert Client().get(path).status_code == 200


def test_an_unknown_address_gets_the_same_answer_and_one_letter(alice: User) -> None:
    known = Client().post(RESET, {"email": "alice@example.org"})
    unknown = Client().post(RESET, {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [letter.to for letter in mail.outbox] == [["alice@example.org"], ["nobody@example.org"]]


def test_it_refuses_the_sixth_reset_of_an_hour(client: Client, alice: User) -> None:
    for email in ("alice@example.org", "nobody@example.org"):
        statuses = [client.post(RESET, {"email": email}).status_code for _ in range(6)]
        assert statuses == [302] * 5 + [429]
    assert len(mail.outbox) == 10


def test_an_address_squatted_by_another_resets_its_owner_only(client: Client) -> None:
    make("mallory", confirmed=False)
    User.objects.filter(username="mallory").update(email="alice@example.org")
    make("alice")
    client.post(RESET, {"email": "alice@example.org"})
    assert len(mail.outbox) == 1
    assert "Hello alice," in mail.outbox[0].body


def test_the_letter_goes_to_the_address_as_it_is_stored(client: Client) -> None:
    make("mike")
    client.post(RESET, {"email": "mi\u212ae@example.org"})  # the Kelvin sign
    assert all(letter.to == ["mike@example.org"] for letter in mail.outbox)


def test_it_refuses_the_sixth_guess_at_the_old_password(client: Client, alice: User) -> None:
    sign_in(client)
    assert [change(client, old="wrong horse battery") for _ in range(6)] == [200] * 5 + [429]
    assert change(client) == 429
    assert is_signed_in(client)


@pytest.mark.parametrize("password", ["alicealicealice", "Alice1234567890!", "2026-alice-2026"])
def test_it_refuses_the_own_name_repeated_or_dressed(
    client: Client, alice: User, password: str
) -> None:
    sign_in(client)
    assert change(client, new=password) == 200
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
