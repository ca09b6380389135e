"""What happened in an account, as a table for a spreadsheet?"""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from core import clock
from core.money import Money
from portfolio import conversion_quotes, ledger, statement
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]


@pytest.fixture
def charlie() -> User:
    user = cast.charlie()
    quote = conversion_quotes.make(
        user=user,
        account_id=cast.account_of(user).public_id,
        from_code="USD",
        to_code="CHF",
        amount="100.00",
    )
    conversion_quotes.accept(user=user, quote_id=quote.public_id, key="k", request_hash="h")
    return user


def rows(user: User, **filters: str) -> list[dict[str, str]]:
    pieces = statement.pieces(cast.account_of(user), **filters)  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO("".join(pieces), newline="")))


def test_there_is_one_row_per_own_posting_newest_first(charlie: User) -> None:
    found = [(row["kind"], row["currency"], row["amount"]) for row in rows(charlie)]
    assert found[0] == ("conversion", "USD", "-100.00")
    assert found[1][:2] == ("conversion", "CHF")
    assert found[2] == ("grant", "USD", "10000.00")
    assert len(found) == 3


def test_a_conversion_shows_its_rate_and_fee(charlie: User) -> None:
    row = rows(charlie)[0]
    assert (row["mid"], row["fee"], row["fee_currency"]) == ("0.82295", "0.10", "USD")
    assert Decimal(row["rate"]) < Decimal(row["mid"])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_taken_for_a_formula(charlie: User, start: str) -> None:
    account = cast.account_of(charlie)
    reason = f"{start}HYPERLINK('http://evil')"
    ledger.hold(account, Money(Decimal(1), "USD"), key="h", reason=reason)
    cell = rows(charlie)[0]["reason"]
    assert cell == f"'{reason}"


def test_negative_amounts_stay_numbers(charlie: User) -> None:
    assert Decimal(rows(charlie)[0]["amount"]) == -100


def test_commas_and_quotes_stay_in_their_cell(charlie: User) -> None:
    account = cast.account_of(charlie)
    reason = 'a, "b"\nc'
    ledger.hold(account, Money(Decimal(1), "USD"), key="h", reason=reason)
    assert rows(charlie)[0]["reason"] == reason


def test_it_can_be_narrowed(charlie: User) -> None:
    assert {row["kind"] for row in rows(charlie, kind="grant")} == {"grant"}
    assert {row["kind"] for row in rows(charlie, currency="CHF")} == {"conversion"}
    tomorrow = clock.now() + timedelta(days=1)
    assert not rows(charlie, since=tomorrow)  # type: ignore[arg-type]
    assert len(rows(charlie, until=tomorrow)) == 3  # type: ignore[arg-type]


def test_long_histories_come_in_parts(charlie: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "ENTRIES_AT_ONCE", 3)
    account = cast.account_of(charlie)
    for number in range(10):
        ledger.hold(account, Money(Decimal(1), "USD"), key=f"h{number}")
    found = rows(charlie)
    assert len(found) == 23
    assert [row["time"] for row in found] == sorted((row["time"] for row in found), reverse=True)


def test_a_long_history_comes_in_several_pieces(
    charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = cast.account_of(charlie)
    whole = "".join(statement.pieces(account))
    monkeypatch.setattr(statement, "ENTRIES_AT_ONCE", 1)
    pieces = list(statement.pieces(account))
    assert ("".join(pieces), len(pieces)) == (whole, 3)
