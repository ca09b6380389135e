"""How does a person get another role, and who gives it? In the console, told to the trail."""

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from accounts import roles
from accounts.models import AuditRecord, User
from accounts.roles import Role
from tests.accounts.people import enter_as_staff, is_signed_in, make, sign_in

pytestmark = pytest.mark.django_db
LINES = ("emailaddress_set", "preference", "tokens")
SWITCHES = {
    Role.VIEWER: ("is_active",),
    Role.TRADER: ("is_active", "may_trade"),
    Role.SUPPORT: ("is_active", "may_trade", "is_staff"),
    Role.ADMIN: ("is_active", "may_trade", "is_staff", "is_superuser"),
}


@pytest.fixture
def alice() -> User:
    return make("alice")


@pytest.fixture
def dana(client: Client) -> User:
    user = make("dana", is_staff=True, is_superuser=True)
    enter_as_staff(client, user)
    return user


def give(client: Client, user: User, *switches: str) -> Any:
    """Save the console's form with these switches on."""
    fields = dict.fromkeys(switches, "on")
    for name in LINES:
        fields |= {f"{name}-TOTAL_FORMS": "0", f"{name}-INITIAL_FORMS": "0"}
    return client.post(reverse("admin:accounts_user_change", args=[user.pk]), fields)


def role_of(user: User) -> Role:
    return roles.of(User.objects.get(pk=user.pk))


def test_an_admin_gives_and_takes_every_role(client: Client, dana: User, alice: User) -> None:
    for role in (*SWITCHES, *reversed(SWITCHES)):
        assert give(client, alice, *SWITCHES[role]).status_code == 302
        assert role_of(alice) is role
    rows = AuditRecord.objects.filter(event="changed in the console", person=alice.public_id)
    assert rows.count() == 2 * len(SWITCHES) - 1
    first = rows.earliest("pk")
    assert (first.before, first.after) == ({"may_trade": "True"}, {"may_trade": "False"})
    assert (first.actor, first.address) == (f"user:{dana.public_id}", "127.0.0.1")


def test_whose_role_changes_signs_in_anew(client: Client, dana: User, alice: User) -> None:
    hers = Client()
    sign_in(hers)
    give(client, alice, *SWITCHES[Role.TRADER])
    assert is_signed_in(hers)
    give(client, alice, *SWITCHES[Role.SUPPORT])
    assert not is_signed_in(hers)


def test_nobody_changes_their_own_role(client: Client, dana: User) -> None:
    assert give(client, dana, *SWITCHES[Role.TRADER]).status_code == 403
    assert role_of(dana) is Role.ADMIN


def test_support_gives_no_role(client: Client, alice: User) -> None:
    enter_as_staff(client, make("erin", is_staff=True))
    assert give(client, alice, *SWITCHES[Role.ADMIN]).status_code == 403
    assert role_of(alice) is Role.TRADER


def test_an_admin_who_is_no_staff_is_refused(client: Client, dana: User, alice: User) -> None:
    answer = give(client, alice, "is_active", "may_trade", "is_superuser")
    assert "An admin is staff too." in answer.content.decode()
    assert role_of(alice) is Role.TRADER


def test_no_other_field_can_be_sent_along(client: Client, dana: User, alice: User) -> None:
    address = reverse("admin:accounts_user_change", args=[alice.pk])
    lines = {f"{name}-{kind}_FORMS": "0" for name in LINES for kind in ("TOTAL", "INITIAL")}
    client.post(address, {"is_active": "on", "username": "mallory", "password": "x"} | lines)
    kept = User.objects.get(pk=alice.pk)
    assert (kept.username, kept.password) == ("alice", alice.password)


def test_an_admin_signs_one_browser_of_somebody_out(
    client: Client, dana: User, alice: User
) -> None:
    hers, other = Client(), Client()
    for browser in (hers, other):
        sign_in(browser)
        assert is_signed_in(browser)
    place = UserSession.objects.get(session_key=hers.session.session_key)
    act = {"action": "sign_out", "_selected_action": str(place.pk)}
    list_address = reverse("admin:usersessions_usersession_changelist")
    client.post(list_address, act)
    assert (is_signed_in(hers), is_signed_in(other)) == (False, True)
    told = AuditRecord.objects.get(event="session ended")
    assert (told.actor, told.person) == (f"user:{dana.public_id}", alice.public_id)


def test_support_signs_nobody_out(client: Client, alice: User) -> None:
    hers = Client()
    sign_in(hers)
    assert is_signed_in(hers)
    enter_as_staff(client, make("erin", is_staff=True))
    place = UserSession.objects.get(user=alice)
    act = {"action": "sign_out", "_selected_action": str(place.pk)}
    client.post(reverse("admin:usersessions_usersession_changelist"), act)
    assert is_signed_in(hers)
