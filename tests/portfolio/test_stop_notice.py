"""Do people read, where their money is, that the house lets none move?"""

import pytest
from django.test import Client

from accounts.models import User
from portfolio import freezing, stopping
from tests import cast

pytestmark = pytest.mark.django_db
WHY, TOLD = "The books are being looked at.", "We are back <soon>."
SAID, FROZEN = "No money moves at the moment.", "Your account is frozen."
PAGES = ("/", "/convert/", "/portfolio/", "/settings/profile/", "/settings/security/freeze/")


@pytest.fixture
def root(market: None) -> User:
    return User.objects.create_superuser("root", "root@example.org", None)


@pytest.mark.parametrize("address", PAGES)
def test_people_read_once_on_every_page_that_nothing_moves(
    root: User, client: Client, address: str
) -> None:
    client.force_login(cast.alice())
    assert SAID not in client.get(address).content.decode()
    stopping.stop(reason=WHY, told=TOLD, by=root)
    text = client.get(address).content.decode()
    assert (text.count(SAID), text.count("We are back &lt;soon&gt;.")) == (1, 1)
    assert WHY not in text
    stopping.resume(reason="All is well again.", by=root)
    assert SAID not in client.get(address).content.decode()


def test_the_ticket_says_so_before_it_is_filled_in(root: User, client: Client) -> None:
    alice = cast.alice()
    client.force_login(alice)
    stopping.stop(reason=WHY, by=root)
    freezing.freeze(alice)
    text = client.get("/convert/").content.decode()
    ticket = text[text.index('id="ticket-title"') : text.index('id="amount_from"')]
    assert (ticket.count(SAID), ticket.count(FROZEN)) == (1, 1)


def test_strangers_are_told_nothing(root: User, client: Client) -> None:
    stopping.stop(reason=WHY, told=TOLD, by=root)
    assert SAID not in client.get("/").content.decode()
    assert client.get("/stop-notice/").status_code == 302


def test_open_pages_ask_for_the_notice_alone(root: User, client: Client) -> None:
    client.force_login(cast.alice())
    assert client.get("/stop-notice/").content == b""
    stopping.stop(reason=WHY, told=TOLD, by=root)
    text = client.get("/stop-notice/").content.decode()
    assert (SAID in text, "&lt;soon&gt;" in text, "<html" in text) == (True, True, False)
