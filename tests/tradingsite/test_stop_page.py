"""May administrators alone, who have just shown who they are, stop all money in the console?"""

import pytest
from django.test import Client

from accounts.models import User
from portfolio import stopping
from tests.accounts import people

pytestmark = pytest.mark.django_db
PAGE = "/admin/stop/"
WISH = {"wish": "stop", "reason": "The books are being looked at."}


def staff(client: Client, *, is_superuser: bool = True, fresh_s: int = 0) -> User:
    user = people.make("dana", is_staff=True, is_superuser=is_superuser)
    people.enter_as_staff(client, user, fresh_s=fresh_s)
    return user


def test_an_administrator_stops_all_money_and_lets_it_move_again(client: Client) -> None:
    staff(client)
    assert "Stop all money" in client.get(PAGE).content.decode()
    text = client.post(PAGE, WISH, follow=True).content.decode()
    assert "All money is stopped" in text
    assert "by dana: The books are being looked at." in text
    assert "People are told of the stop, and not why." in text
    assert "All money is stopped since" in client.get("/admin/operations/").content.decode()
    again = {"wish": "resume", "reason": "All is well again."}
    assert "Money moves again." in client.post(PAGE, again, follow=True).content.decode()
    assert stopping.current() is None


def test_plain_staff_may_look_and_not_stop(client: Client) -> None:
    staff(client, is_superuser=False)
    assert "Only administrators may" in client.get(PAGE).content.decode()
    assert client.post(PAGE, WISH).status_code == 403
    assert stopping.current() is None


def test_who_came_long_ago_shows_again_who_they_are(client: Client) -> None:
    staff(client, fresh_s=-3600)
    assert "Show your second factor first" in client.get(PAGE).content.decode()
    answer = client.post(PAGE, WISH)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/2fa/reauthenticate/?next=")
    assert stopping.current() is None


@pytest.mark.parametrize(
    "wish", [{"reason": "hm"}, {"reason": ""}, {"told": "hm"}, {"wish": "dance"}]
)
def test_bad_wishes_change_nothing(client: Client, wish: dict[str, str]) -> None:
    staff(client)
    assert client.post(PAGE, WISH | wish).status_code == 200
    assert stopping.current() is None
