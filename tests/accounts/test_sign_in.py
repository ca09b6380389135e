"""Who gets in, how often may they try, and what does a stranger learn?"""

from datetime import timedelta
from unittest import mock

import pytest
from django.core import mail
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts import throttle
from accounts.models import User
from accounts.passwords import Argon2id
from core import clock
from tests.accounts.people import PASSWORD, is_signed_in, make, sign_in, sign_up

pytestmark = pytest.mark.django_db
WRONG = "wrong horse battery"


@pytest.fixture
def alice() -> User:
    return make("alice")


class Counted(Argon2id):
    """Counts how often a password is hashed: the one thing that costs time."""

    times = 0
    looked_at: list[str] = []  # what was kept of the passwords that a try was compared with

    def encode(self, password: str, salt: str) -> str:
        Counted.times += 1
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        Counted.times += 1
        Counted.looked_at.append(encoded)
        return super().verify(password, encoded)


@pytest.fixture
def hashes(settings: Settings) -> type[Counted]:
    """The site with a hasher that counts."""
    settings.PASSWORD_HASHERS = [f"{__name__}.Counted"]
    Counted.times = 0
    Counted.looked_at.clear()
    return Counted


@pytest.mark.parametrize(
    "login", ["alice", "ALICE", "alice@example.org", "Alice@Example.org", " alice "]
)
def test_either_name_opens_the_account(client: Client, alice: User, login: str) -> None:
    assert sign_in(client, login).status_code == 302
    assert is_signed_in(client)


def test_an_unconfirmed_address_opens_the_account_too(client: Client) -> None:
    make("bob", confirmed=False)
    sign_in(client, "bob@example.org")
    assert is_signed_in(client)


def test_a_confirmed_address_means_its_owner(client: Client, alice: User) -> None:
    sign_up(Client(), "mallory", "alice@example.org", password1=WRONG)
    sign_in(client, "alice@example.org", WRONG)
    assert not is_signed_in(client)
    sign_in(client, "alice@example.org")
    assert is_signed_in(client)


@pytest.mark.parametrize("login", ["alice", "alice@example.org", "nobody", "nobody@example.org"])
def test_known_and_unknown_cost_one_hash_each(
    client: Client, alice: User, hashes: type[Counted], login: str
) -> None:
    sign_in(client, login, WRONG)
    assert hashes.times == 1


@pytest.mark.parametrize(("known", "unknown"), [("alice", "nobody"), ("alice@a.org", "no@b.org")])
def test_known_and_unknown_cost_the_same_questions(known: str, unknown: str) -> None:
    sign_up(Client(), "alice", "alice@a.org")
    sign_in(Client(), "anybody", WRONG)  # fills what is kept in memory
    costs = []
    for login in (known, unknown):
        with CaptureQueriesContext(connection) as asked:
            sign_in(Client(), login, WRONG)
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_a_try_too_many_costs_one_hash_as_well(
    client: Client, alice: User, hashes: type[Counted]
) -> None:
    for _ in range(7):
        hashes.times = 0
        sign_in(client, "alice", WRONG)
        assert hashes.times == 1


def test_known_and_unknown_get_the_same_answer(alice: User) -> None:
    pages = []
    for login in ("alice", "nobody"):
        client = Client()
        client.get("/accounts/login/")
        answer = sign_in(client, login, WRONG)
        token = answer.context["csrf_token"]
        text = answer.content.decode().replace(str(token), "").replace(login, "")
        pages.append((answer.status_code, len(text), sorted(answer.headers)))
    assert pages[0] == pages[1]


def test_five_failures_close_the_account_for_either_name(client: Client, alice: User) -> None:
    for login in ("alice", "alice@example.org", "ALICE", "alice", "Alice@example.org"):
        sign_in(Client(), login, WRONG)
    for login in ("alice", "alice@example.org"):
        sign_in(client, login, PASSWORD)
        assert not is_signed_in(client)


def test_the_lock_looks_like_a_wrong_password(alice: User) -> None:
    pages = [sign_in(Client(), "alice", WRONG) for _ in range(6)]
    errors = {str(page.context["form"].errors) for page in pages}
    assert len(errors) == 1
    assert {page.status_code for page in pages} == {200}


def test_the_lock_opens_by_itself(client: Client, alice: User) -> None:
    for _ in range(5):
        sign_in(Client(), "alice", WRONG)
    later = (clock.now() + timedelta(minutes=15, seconds=1)).timestamp()
    with mock.patch("allauth.core.internal.ratelimit.time.time", return_value=later):
        sign_in(client, "alice")
    assert is_signed_in(client)


def test_failures_elsewhere_do_not_shut_out_a_known_browser(client: Client, alice: User) -> None:
    sign_in(client)
    client.post("/accounts/logout/")
    for _ in range(9):
        sign_in(Client(), "alice", WRONG)
    sign_in(client)
    assert is_signed_in(client)


def test_a_known_browser_has_five_tries_too(client: Client, alice: User) -> None:
    sign_in(client)
    client.post("/accounts/logout/")
    for _ in range(5):
        sign_in(client, "alice", WRONG)
    sign_in(client)
    assert not is_signed_in(client)
    fresh = Client()
    sign_in(fresh)
    assert not is_signed_in(fresh)


def test_nobody_forges_a_known_browser(client: Client, alice: User) -> None:
    client.cookies["known"] = f'{{"{alice.public_id.hex}":"{"a" * 96}"}}'
    for _ in range(5):
        sign_in(client, "alice", WRONG)
    other = Client()
    other.cookies["known"] = f'{{"{alice.public_id.hex}":"{"b" * 96}"}}'
    sign_in(other)
    assert not is_signed_in(other)


@pytest.mark.parametrize("cookie", ["", "{", "[]", '{"1":2}', "[" * 2000, '{"1":"x"}', "\x00"])
def test_a_broken_cookie_is_no_cookie(client: Client, alice: User, cookie: str) -> None:
    client.cookies["known"] = cookie
    sign_in(client)
    assert is_signed_in(client)


def test_right_passwords_are_not_counted(client: Client, alice: User) -> None:
    for _ in range(8):
        sign_in(client)
        client.post("/accounts/logout/")
    sign_in(client)
    assert is_signed_in(client)


def test_fifty_failures_close_the_network_and_not_its_neighbour(rf: RequestFactory) -> None:
    request = rf.post("/")
    tries = [throttle.Tries(request, f"nobody{n}", address=f"192.0.2.{n}") for n in range(51)]
    assert [one.allowed for one in tries] == [True] * 50 + [False]
    assert throttle.Tries(request, "alice", address="192.0.3.1").allowed


def test_an_ipv6_customer_is_one_network(rf: RequestFactory) -> None:
    assert throttle.network_of("2001:db8:1:2:3::4") == throttle.network_of("2001:db8:1:2::9")
    assert throttle.network_of("2001:db8:1:2::") != throttle.network_of("2001:db8:1:3::")


def test_an_unasked_forwarded_address_changes_nothing(rf: RequestFactory, alice: User) -> None:
    for number in range(49):
        throttle.Tries(rf.post("/"), f"nobody{number}", address="127.0.0.1")
    sign_in(Client(headers={"X-Forwarded-For": "203.0.113.1"}), "nobody", WRONG)
    client = Client(headers={"X-Forwarded-For": "198.51.100.7"})
    sign_in(client)
    assert not is_signed_in(client)


def test_sign_in_is_closed_and_reading_open_without_redis(
    client: Client, alice: User, settings: Settings
) -> None:
    sign_in(client)
    dead = settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/redis.sock"}
    settings.CACHES = {"default": dead}
    stranger = Client()
    answer = sign_in(stranger)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert not is_signed_in(stranger)
    assert is_signed_in(client)


def test_a_person_who_was_switched_off_stays_out(client: Client, alice: User) -> None:
    User.objects.update(is_active=False)
    assert sign_in(client)["Location"] == "/accounts/inactive/"
    assert not is_signed_in(client)


@pytest.mark.parametrize("login", ["ali\x00ce", "a" * 5000, "@", "' OR 1=1 --", "\ud800"])
def test_it_refuses_a_login_that_is_none(client: Client, alice: User, login: str) -> None:
    assert sign_in(client, login.encode("utf-8", "replace").decode()).status_code == 200
    assert not is_signed_in(client)


def test_nobody_is_sent_to_another_site(client: Client, alice: User) -> None:
    fields = {"login": "alice", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/accounts/login/", fields)["Location"] == "/"


def test_a_new_browser_is_told_by_letter_and_a_known_one_is_not(
    client: Client, alice: User
) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
    fields = {"login": "alice", "password": PASSWORD}
    client.post("/accounts/login/", fields, HTTP_USER_AGENT=firefox)
    client.post("/accounts/logout/")
    client.post("/accounts/login/", fields, HTTP_USER_AGENT=firefox)
    assert [letter.subject for letter in mail.outbox] == ["New sign-in from Firefox on Linux"]


def test_signing_up_is_no_news(client: Client) -> None:
    sign_up(client)
    assert [letter.subject for letter in mail.outbox] == ["Confirm your e-mail address"]


def test_nobody_uses_up_the_letters_to_hide_a_sign_in(
    rf: RequestFactory, client: Client, alice: User
) -> None:
    while throttle.may_write_to(rf.post("/"), "alice@example.org"):
        pass
    sign_up(Client(), "mallory", "alice@example.org")
    sign_in(client)
    assert mail.outbox[-1].subject.startswith("New sign-in from")


def test_an_unconfirmed_address_is_not_flooded(rf: RequestFactory) -> None:
    make("bob", confirmed=False)
    assert all(throttle.may_write_to(rf.post("/"), "bob@example.org") for _ in range(18))
    for _ in range(4):
        sign_in(Client(), "bob")
    assert len(mail.outbox) == 2


def test_a_locked_account_is_not_looked_at(alice: User, hashes: type[Counted]) -> None:
    for _ in range(12):
        sign_in(Client(), "alice", WRONG)
    assert hashes.looked_at == [alice.password] * 5
    assert hashes.times == 12
