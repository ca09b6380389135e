"""Does opening an account work, once, for good people, and tell strangers nothing?"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts import preferences
from accounts.models import User
from portfolio import trading_accounts
from portfolio.models import JournalEntry
from tests.accounts.people import (
    has_confirmed,
    is_signed_in,
    link_in_letter,
    make,
    sign_in,
    sign_up,
)

pytestmark = pytest.mark.django_db


def test_a_new_person_is_signed_in_at_once_with_a_grant(client: Client) -> None:
    assert sign_up(client).status_code == 302
    assert is_signed_in(client)
    assert trading_accounts.of(User.objects.get()).count() == 1


def test_every_way_into_the_site_ends_with_one_grant(client: Client) -> None:
    admin = make("root", is_staff=True)
    for _ in range(3):
        sign_in(client, "root")
        client.post("/accounts/logout/")
    assert JournalEntry.objects.filter(key=f"grant:{admin.pk}:1").count() == 1


def test_the_currency_one_thinks_in_is_kept(client: Client) -> None:
    sign_up(client, base_currency="CHF")
    assert preferences.of(User.objects.get()).base_currency == "CHF"


def test_the_address_is_confirmed_by_the_link_in_the_letter(client: Client) -> None:
    sign_up(client)
    path = link_in_letter("confirm-email")
    assert client.get(path).status_code == 200
    assert not has_confirmed("alice")
    client.post(path)
    assert has_confirmed("alice")


def test_a_taken_address_looks_like_a_free_one(client: Client) -> None:
    make("alice")
    taken = sign_up(client, "mallory", "alice@example.org")
    free = sign_up(Client(), "bob", "bob@example.org")
    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"])
    assert is_signed_in(client)


def test_a_taken_address_costs_as_much_as_a_free_one() -> None:
    make("alice")
    sign_up(Client(), "first", "first@example.org")  # fills what is kept in memory
    costs = []
    for name, email in (("mallory", "alice@example.org"), ("bob", "bob@example.org")):
        with CaptureQueriesContext(connection) as asked:
            sign_up(Client(), name, email)
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_the_owner_of_a_taken_address_is_told(client: Client) -> None:
    make("alice")
    sign_up(client, "mallory", "alice@example.org")
    assert [letter.subject for letter in mail.outbox] == ["You already have an account"]
    assert mail.outbox[0].to == ["alice@example.org"]


def test_a_taken_address_can_not_be_confirmed_twice(client: Client) -> None:
    sign_up(client, "mallory", "alice@example.org")
    path = link_in_letter("confirm-email")
    make("alice")
    client.post(path)
    assert not has_confirmed("mallory")


@pytest.mark.parametrize(
    "name",
    ["al", "a" * 151, "ali ce", "alice@example.org", "аlice", "ali\nce", "<b>", "-alice", ""],
)
def test_it_refuses_a_bad_username(client: Client, name: str) -> None:
    assert sign_up(client, name, "alice@example.org").status_code == 200
    assert not User.objects.exists()


def test_a_username_is_taken_in_any_case(client: Client) -> None:
    make("alice")
    assert sign_up(client, "ALICE", "other@example.org").status_code == 200
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "password",
    [
        "short-one",
        "x" * 129,
        "password1234",
        "PASSWORD!!!!",
        "123456789012",
        "aaaaaaaaaaaa",
        "qwertyqwerty",
        "alice@example.org",
        "TradingSite-2026",
        "my bitcoin portfolio",
    ],
)
def test_it_refuses_a_bad_password(client: Client, password: str) -> None:
    answer = sign_up(client, password1=password)
    assert answer.status_code == 200
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password", ["correct horse battery", "x9" * 6 + "!" * 116, "пароль-длинный"]
)
def test_it_takes_a_good_password_of_any_kind(client: Client, password: str) -> None:
    assert sign_up(client, password1=password).status_code == 302


def test_passwords_are_kept_by_argon2id(client: Client) -> None:
    sign_up(client)
    assert User.objects.get().password.startswith("argon2$argon2id$")


def test_it_refuses_strangers_where_sign_up_is_closed(client: Client, settings: Settings) -> None:
    settings.SIGNUP_OPEN = False
    sign_up(client)
    assert not User.objects.exists()


def test_it_refuses_the_21st_sign_up_of_a_minute() -> None:
    for number in range(20):
        assert sign_up(Client(), f"user{number}").status_code == 302
    assert sign_up(Client(), "user20").status_code == 429
    assert User.objects.count() == 20


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_who_want_one_name_at_once_end_with_one_person() -> None:
    statuses = together(lambda number: sign_up(Client(), "alice", f"a{number}@example.org"), 4)
    assert User.objects.count() == 1
    assert {answer.status_code for answer in statuses} <= {200, 302}
    assert JournalEntry.objects.count() == 1


def together(work: Callable[[int], Any], times: int) -> list[Any]:
    """Do the same `times` times at once."""

    def alone(number: int) -> Any:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(alone, range(times)))
