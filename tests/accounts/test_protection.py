"""Does real trading rest after a reset, and only then?"""

from datetime import timedelta

import pytest
from django.test import Client

from accounts import protection, second_factor
from accounts.models import User
from core import clock
from tests.accounts.people import (
    PASSWORD,
    enrol,
    is_signed_in,
    link_in_letter,
    make,
    sign_in,
    sign_up,
)

pytestmark = pytest.mark.django_db
NEW = {"password1": "quite another battery staple", "password2": "quite another battery staple"}


def held() -> bool:
    return protection.is_real_held(User.objects.get())


def test_a_password_set_by_letter_holds_real_trading_for_a_day(client: Client) -> None:
    make("alice")
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    page = client.get(link_in_letter("/password/reset/key/"), follow=True).request["PATH_INFO"]
    client.post(page, dict.fromkeys(("password1", "password2"), PASSWORD) | NEW)
    until = User.objects.get().real_held_until
    assert until is not None
    assert abs(until - clock.now() - timedelta(hours=24)) < timedelta(minutes=1)
    sign_in(client, password=NEW["password1"])
    assert b"Real trading rests until" in client.get("/settings/security/").content


def test_a_letter_holds_it_too_where_somebody_is_signed_in(client: Client) -> None:
    make("alice")
    sign_in(client)
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    page = client.get(link_in_letter("/password/reset/key/"), follow=True).request["PATH_INFO"]
    client.post(page, NEW)
    assert held()
    assert not is_signed_in(client)


def test_second_factors_taken_away_hold_it_too() -> None:
    alice = make("alice")
    enrol(alice)
    second_factor.reset(alice, shown="answered our letter")
    assert held()


def test_signing_up_and_changing_a_known_password_do_not(client: Client) -> None:
    sign_up(client)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD} | NEW)
    assert not held()
