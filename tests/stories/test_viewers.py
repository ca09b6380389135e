"""Does a viewer move no money: by page, by API, by token, by what was begun before?"""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts import tokens
from accounts.models import User
from portfolio import conversion_quotes, trading_accounts
from portfolio.models import ConversionQuote, TradingAccount
from tests.accounts.people import make
from tests.portfolio import prices
from tests.portfolio.stillness import nothing_moves

pytestmark = pytest.mark.django_db
TICKET = {"from": "USD", "to": "CHF", "side": "from", "amount_from": "100.00"}


@pytest.fixture
def account() -> TradingAccount:
    """Of Alice, who traded a moment ago."""
    prices.publish_all()
    return trading_accounts.ensure_virtual(user=make("alice"))


@pytest.fixture
def quote(account: TradingAccount) -> ConversionQuote:
    """Held for her before she became a viewer."""
    wish = {"from_code": "USD", "to_code": "CHF", "amount": "100.00"}
    return conversion_quotes.make(user=account.user, account_id=account.public_id, **wish)


def now_a_viewer(account: TradingAccount) -> Client:
    User.objects.filter(pk=account.user_id).update(may_trade=False)
    client = Client()
    client.force_login(account.user)
    return client


def test_no_page_moves_money(account: TradingAccount, quote: ConversionQuote) -> None:
    client, key = now_a_viewer(account), str(uuid4())
    attempts: dict[str, dict[str, str]] = {
        "/convert/quote/": TICKET | {"account": str(account.public_id)},
        f"/convert/quotes/{quote.public_id}/accept/": {"key": key},
        "/portfolio/accounts/": {"name": "More", "key": key},
        f"/portfolio/accounts/{account.public_id}/reset/": {"key": key},
    }
    with nothing_moves():
        told = [client.post(path, fields, follow=True) for path, fields in attempts.items()]
    assert ConversionQuote.objects.count() == 1
    for answer in told:
        assert "may look and not trade" in answer.content.decode()


@pytest.mark.parametrize("by_token", [False, True])
def test_no_request_of_the_api_moves_money(
    account: TradingAccount, quote: ConversionQuote, *, by_token: bool
) -> None:
    _, text = tokens.issue(account.user, name="Bot", scopes=["read", "trade-virtual"])
    client = now_a_viewer(account)
    headers = {"Idempotency-Key": str(uuid4())}
    if by_token:
        client, headers["Authorization"] = Client(), f"Bearer {text}"
    wish = {"account": str(account.public_id), "from": "USD", "to": "CHF", "amount": "100.00"}
    attempts: dict[str, Any] = {
        "conversion-quotes/": wish,
        f"conversion-quotes/{quote.public_id}/accept/": {},
        "trading-accounts/": {"mode": "virtual", "name": "More"},
        f"trading-accounts/{account.public_id}/reset/": {},
    }
    with nothing_moves():
        for path, body in attempts.items():
            address, kind = f"/api/v1/{path}", "application/json"
            answer = client.post(address, body, content_type=kind, headers=headers)
            refusal = (answer.status_code, answer.json()["error"]["code"])
            assert refusal == (403, "forbidden"), path
    assert ConversionQuote.objects.count() == 1
