"""Is a rate held for exactly what the ticket says, in exactly the account it was shown for?"""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from core.errors import Code
from portfolio import conversion_quotes, ledger, trading_accounts
from portfolio.models import ConversionQuote, TradingAccount
from tests import cast
from tests.portfolio.stillness import nothing_moves

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def alice() -> User:
    return cast.alice()


@pytest.fixture
def first(alice: User) -> TradingAccount:
    return cast.account_of(alice)


@pytest.fixture
def second(alice: User) -> TradingAccount:
    opened = trading_accounts.open_virtual(user=alice, name="Second", key="k", request_hash="h")
    return opened.account


@pytest.fixture
def browser(alice: User, client: Client) -> Client:
    client.force_login(alice)
    return client


def filled(shown: TradingAccount, **changed: Any) -> dict[str, Any]:
    wish = {"from": "USD", "to": "CHF", "side": "from", "amount_from": "50", "amount_to": ""}
    return wish | {"account": str(shown.public_id)} | changed


def confirming(page: str) -> tuple[str, dict[str, str]]:
    """Where the confirming form goes, and what it sends."""
    [address] = re.findall(r'action="(/convert/quotes/[^"]+/accept/)"', page)
    [key] = re.findall(r'name="key" value="([^"]+)"', page)
    return address, {"key": key}


@pytest.mark.parametrize("headers", [HTMX, {}])
@pytest.mark.parametrize(
    ("changed", "code", "status"),
    [
        ({"to": "USD"}, Code.SAME_CURRENCY, 422),
        ({"to": "XXX"}, Code.UNKNOWN_CURRENCY, 422),
        ({"from": ""}, Code.UNKNOWN_CURRENCY, 422),
        ({"from": "U\0SD"}, Code.MALFORMED, 400),
        ({"from": ["USD", "EUR"]}, Code.MALFORMED, 400),
        ({"side": "zzz"}, Code.MALFORMED, 400),
        ({"amount_from": ["50", "60"]}, Code.MALFORMED, 400),
        ({"account": "mine"}, Code.NOT_FOUND, 404),
        ({"account": str(uuid4())}, Code.NOT_FOUND, 404),
        ({"account": ""}, Code.NOT_FOUND, 404),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_quoted(
    browser: Client,
    first: TradingAccount,
    changed: dict[str, Any],
    code: Code,
    status: int,
    headers: dict[str, str],
) -> None:
    with nothing_moves():
        answer = browser.post("/convert/quote/", filled(first, **changed), headers=headers)
    assert answer.status_code == status
    assert f">{code}<" in answer.content.decode()
    assert not ConversionQuote.objects.exists()


@pytest.mark.parametrize("name", ["from", "to", "side", "account", "amount_from"])
def test_a_ticket_that_lacks_a_field_is_refused(
    browser: Client, first: TradingAccount, name: str
) -> None:
    form = filled(first)
    del form[name]
    answer = browser.post("/convert/quote/", form, headers=HTMX)
    assert (answer.status_code, ConversionQuote.objects.count()) == (400, 0)
    assert "reload the page" in answer.content.decode()


def test_a_page_of_one_account_quotes_that_one_though_another_was_chosen_since(
    browser: Client, first: TradingAccount, second: TradingAccount
) -> None:
    assert f'name="account" value="{first.public_id}"' in browser.get("/convert/").content.decode()
    browser.post(f"/portfolio/accounts/{second.public_id}/show/")
    page = browser.post("/convert/quote/", filled(first), headers=HTMX).content.decode()
    assert ConversionQuote.objects.get().account == first
    assert first.name in page
    assert "Virtual" in page


def test_what_was_converted_is_shown_in_the_account_it_was_converted_in(
    browser: Client, first: TradingAccount, second: TradingAccount
) -> None:
    browser.post(f"/portfolio/accounts/{second.public_id}/show/")
    page = browser.post("/convert/quote/", filled(first), headers=HTMX).content.decode()
    after = browser.post(*confirming(page), follow=True).content.decode()
    assert f"in “{first.name}”" in after
    assert f'name="account" value="{first.public_id}"' in after
    assert ledger.available(second, "CHF") == 0


def test_without_scripts_the_page_stays_with_its_account(
    browser: Client, first: TradingAccount, second: TradingAccount
) -> None:
    browser.post(f"/portfolio/accounts/{second.public_id}/show/")
    page = browser.post("/convert/quote/", filled(first)).content.decode()
    assert f'name="account" value="{first.public_id}"' in page


def test_a_page_of_an_account_that_started_over_elsewhere_converts_in_no_other(
    browser: Client, alice: User, first: TradingAccount
) -> None:
    trading_accounts.reset(user=alice, account_id=first.public_id, key="r", request_hash="r")
    with nothing_moves():
        answer = browser.post("/convert/quote/", filled(first), headers=HTMX)
    assert (answer.status_code, ConversionQuote.objects.count()) == (409, 0)
    assert "Reload the page" in answer.content.decode()


def test_somebody_elses_account_is_not_there(browser: Client) -> None:
    theirs = cast.account_of(cast.bob())
    answer = browser.post("/convert/quote/", filled(theirs), headers=HTMX)
    assert (answer.status_code, ConversionQuote.objects.count()) == (404, 0)


def test_the_receipt_names_the_account_and_its_mode(
    browser: Client, alice: User, second: TradingAccount
) -> None:
    quote = conversion_quotes.make(
        user=alice, account_id=second.public_id, from_code="USD", to_code="CHF", amount="5"
    )
    done = conversion_quotes.accept(user=alice, quote_id=quote.public_id, key="a", request_hash="a")
    page = browser.get(f"/portfolio/receipts/{done.entry.public_id}/").content.decode()
    assert re.search(r'· Second <span class="mode mode-virtual">Virtual<', page)
