"""What do programs see of accounts? Lists, balances, entries, opening and starting over."""

import csv
from typing import Any
from uuid import uuid4

import pytest

from portfolio import trading_accounts
from tests import cast
from tests.portfolio.caller import Caller, code_of
from tests.portfolio.stillness import nothing_moves

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]

SHAPE = {"id", "mode", "name", "opened_at", "closed_at", "frozen_at"}
ENTRY = {"id", "time", "kind", "key", "actor", "reason", "simulated", "postings", "quote"}


@pytest.fixture
def charlie() -> Caller:
    return Caller(cast.charlie())


def test_the_list_shows_the_own_accounts_newest_first(charlie: Caller) -> None:
    cast.alice()
    opened = charlie.post("trading-accounts/", {"mode": "virtual", "name": "Two"}, key="k").json()
    body = charlie.get("trading-accounts/").json()
    assert set(body) == {"next", "previous", "results"}
    assert [one["name"] for one in body["results"]] == ["Two", "Virtual account"]
    assert body["results"][0] == opened
    assert set(opened) == SHAPE


def test_opening_twice_with_one_key_opens_once(charlie: Caller) -> None:
    wish = {"mode": "virtual", "name": "Two"}
    first = charlie.post("trading-accounts/", wish, key="k")
    trading_accounts.freeze(
        trading_accounts.get(charlie.user, first.json()["id"]), reason="a question"
    )
    with nothing_moves():
        again = charlie.post("trading-accounts/", wish, key="k")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("body", "key", "refusal"),
    [
        ({"mode": "virtual", "name": "Two"}, None, (400, "idempotency_key_missing")),
        ({"mode": "real", "name": "Two"}, "k", (403, "forbidden")),
        ({"mode": "virtual"}, "k", (400, "malformed")),
        ({"mode": "virtual", "name": 5}, "k", (400, "malformed")),
        ({"mode": "virtual", "name": "x" * 61}, "k", (400, "malformed")),
        ({"mode": "virtual", "name": " "}, "k", (400, "malformed")),
        ({"mode": "virtual", "name": "x", "currency": "EUR"}, "k", (400, "malformed")),
    ],
)
def test_it_refuses_to_open_what_is_not_asked_for_properly(
    charlie: Caller, body: Any, key: str | None, refusal: tuple[int, str]
) -> None:
    with nothing_moves():
        assert code_of(charlie.post("trading-accounts/", body, key=key)) == refusal


def test_starting_over_answers_with_the_new_account(charlie: Caller) -> None:
    old = charlie.account
    first = charlie.post(f"trading-accounts/{old}/reset/", key="r")
    with nothing_moves():
        again = charlie.post(f"trading-accounts/{old}/reset/", key="r")
        assert code_of(charlie.post(f"trading-accounts/{old}/reset/", key="r2"))[0] == 409
    assert (first.status_code, again.status_code, again.content) == (201, 200, first.content)
    assert first.json()["id"] == charlie.account != old
    assert charlie.get(f"trading-accounts/{old}/").json()["closed_at"]


def test_a_fourth_reset_says_when_to_come_back(charlie: Caller) -> None:
    for number in range(3):
        charlie.post(f"trading-accounts/{charlie.account}/reset/", key=f"r{number}")
    with nothing_moves():
        answer = charlie.post(f"trading-accounts/{charlie.account}/reset/", key="r4")
    assert code_of(answer) == (429, "too_many")
    assert int(answer.headers["Retry-After"]) > 86_000


def test_balances_come_with_their_worth(charlie: Caller) -> None:
    charlie.accept(charlie.quote().json()["id"])
    body = charlie.get(f"trading-accounts/{charlie.account}/balances/", base="CHF").json()
    assert (body["value_currency"], body["complete"]) == ("CHF", True)
    assert [one["currency"] for one in body["results"]] == ["USD", "CHF"]
    usd = body["results"][0]
    assert (usd["available"], usd["held"], usd["rate"]) == ("9900.00", "0.00", "0.82295")
    assert usd["value"] == "8147.20"  # 8147.205, half to even


def test_balances_refuse_an_unknown_base(charlie: Caller) -> None:
    answer = charlie.get(f"trading-accounts/{charlie.account}/balances/", base="XXX")
    assert code_of(answer) == (422, "unknown_currency")


def test_entries_come_in_pages_newest_first(charlie: Caller) -> None:
    for number in range(3):
        charlie.accept(charlie.quote().json()["id"], key=f"k{number}")
    path = f"trading-accounts/{charlie.account}/entries/"
    page = charlie.get(path, limit="2").json()
    assert [one["key"] for one in page["results"]] == ["k2", "k1"]
    assert set(page["results"][0]) == ENTRY
    rest = charlie.client.get(page["next"]).json()
    assert [one["kind"] for one in rest["results"]] == ["conversion", "grant"]
    assert rest["next"] is None


def test_entries_can_be_narrowed(charlie: Caller) -> None:
    charlie.accept(charlie.quote().json()["id"])
    path = f"trading-accounts/{charlie.account}/entries/"

    def kinds(**query: str) -> list[str]:
        return [one["kind"] for one in charlie.get(path, **query).json()["results"]]

    assert kinds(kind="grant") == ["grant"]
    assert kinds(currency="chf") == ["conversion"]
    assert kinds(since="2020-01-01T00:00:00Z", until="2020-01-02T00:00:00Z") == []
    assert kinds(until="0001-01-01T00:00:00+23:59") == []


@pytest.mark.parametrize("given", ["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00"])
def test_entries_refuse_a_time_that_is_none(charlie: Caller, given: str) -> None:
    answer = charlie.get(f"trading-accounts/{charlie.account}/entries/", since=given)
    assert code_of(answer) == (400, "malformed")


@pytest.mark.parametrize("part", ["entries", "statement"])
def test_a_history_refuses_a_kind_that_is_none(charlie: Caller, part: str) -> None:
    answer = charlie.get(f"trading-accounts/{charlie.account}/{part}/", kind="gift")
    assert code_of(answer) == (400, "malformed")


def test_the_statement_is_a_csv_file(charlie: Caller) -> None:
    answer = charlie.get(f"trading-accounts/{charlie.account}/statement/")
    text = b"".join(answer.streaming_content).decode()
    [row] = csv.DictReader(text.splitlines())
    assert (row["kind"], row["amount"]) == ("grant", "10000.00")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("path", ["", "balances/", "entries/", "statement/"])
def test_foreign_and_unknown_accounts_are_not_found(charlie: Caller, path: str) -> None:
    alice = Caller(cast.alice())
    for account in (alice.account, str(uuid4()), "1" * 401):
        answer = charlie.get(f"trading-accounts/{account}/{path}")
        assert code_of(answer) == (404, "not_found")


def test_two_people_do_not_see_each_other(charlie: Caller) -> None:
    alice = Caller(cast.alice())
    charlie.accept(charlie.quote().json()["id"])
    seen = alice.get(f"trading-accounts/{alice.account}/entries/").content
    assert charlie.account.encode() not in seen
    with nothing_moves():
        answer = alice.post(f"trading-accounts/{charlie.account}/reset/", key="r")
        assert code_of(answer) == (404, "not_found")
        assert code_of(alice.quote(account=charlie.account)) == (404, "not_found")
