"""Does the real process refuse what is wrong, in plain words, and change nothing?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from allauth.account.models import EmailAddress

from accounts import tokens
from accounts.models import User
from portfolio.models import TradingAccount
from tests import cast
from tests.portfolio import prices
from tests.portfolio.stillness import nothing_moves
from tests.web_process import WebProcess

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
HUGE = "1" + "0" * 400
JSON = {"Content-Type": "application/json"}
BAD_QUOTES: list[tuple[dict[str, Any], int, str]] = [
    ({"amount": "0"}, 422, "amount_invalid"),
    ({"amount": "-1.00"}, 422, "amount_invalid"),
    ({"amount": "1e-30"}, 422, "amount_invalid"),
    ({"amount": "1e30"}, 422, "amount_invalid"),
    ({"amount": "0." + "0" * 17 + "1"}, 422, "too_many_decimals"),
    ({"amount": "9" * 20}, 422, "amount_too_large"),
    ({"amount": "0.01"}, 422, "amount_too_small"),
    ({"amount": "1.001"}, 422, "too_many_decimals"),
    ({"amount": "ten"}, 422, "amount_invalid"),
    ({"amount": "١٠"}, 422, "amount_invalid"),
    ({"amount": 1}, 400, "amount_not_text"),
    ({"amount": None}, 400, "amount_not_text"),
    ({"to": "USD"}, 422, "same_currency"),
    ({"to": "XXX"}, 422, "unknown_currency"),
    ({"to": "A" * 5000}, 422, "unknown_currency"),
    ({"to": ["CHF"]}, 400, "malformed"),
    ({"fixed_side": "both"}, 400, "malformed"),
    ({"account": "mine"}, 404, "not_found"),
    ({"account": HUGE}, 404, "not_found"),
    ({"account": str(uuid4())}, 404, "not_found"),
]
BAD_BODIES = [
    (b"", 400, "malformed"),
    (b"[]", 400, "malformed"),
    (b'{"amount": NaN}', 400, "malformed"),
    (b'{"amount": 1e309}', 400, "malformed"),
    (b'{"amount": ' + HUGE.encode() + b"}", 400, "malformed"),
    (b'{"amount": "1", "amount": "2"}', 400, "malformed"),
    (b'{"account": "\\u0000"}', 400, "malformed"),
    (b'{"account": "\\ud800"}', 400, "malformed"),
    (b'{"account": "\xed\xa0\x80"}', 400, "malformed"),
    (b'{"a": ' * 20_000, 413, "too_large"),
    (b'{"a":' * 10_000, 400, "malformed"),
    (b'{"amount": "' + b"1" * 10_000_000 + b'"}', 413, "too_large"),
]
ADDRESSES = [
    (f"trading-accounts/{HUGE}/", 404),
    (f"trading-accounts/{uuid4()}/entries/", 404),
    ("trading-accounts/%00/", 400),
    ("trading-accounts/%ED%A0%80/", 400),
    (f"instruments/{HUGE}/", 404),
    ("instruments/%EF%BF%BD/", 404),  # a character like any other, where it was sent as such
    ("instruments/EUR-USD/?x=%00", 400),
    (f"trading-accounts/?limit={HUGE}", 400),
    ("trading-accounts/?limit=0", 400),
    ("trading-accounts/?limit=-1", 400),
    ("trading-accounts/?cursor=cD1hYmM=", 400),
    ("quotes/?base=%00", 400),
    ("quotes/?base=X", 422),
]


@dataclass
class Program:
    """What Bob's program sends; `account` is his."""

    client: httpx.Client
    account: TradingAccount

    def quote(self, **changes: Any) -> httpx.Response:
        """Ask for 1.00 USD in CHF, with some fields changed."""
        body = {
            "account": str(self.account.public_id),
            "from": "USD",
            "to": "CHF",
            "amount": "1.00",
            "fixed_side": "from",
        }
        return self.client.post("conversion-quotes/", json=body | changes)

    def accept(self, quote: str, key: str | None = None) -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid4().hex}
        return self.client.post(f"conversion-quotes/{quote}/accept/", json={}, headers=headers)


@pytest.fixture
def bob(web: WebProcess) -> Iterator[Program]:
    prices.publish_all()
    user = cast.bob()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    _, token = tokens.issue(user, name="story", scopes=["read", "trade-virtual"])
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{web.url}/api/v1/", headers=headers) as client:
        yield Program(client, cast.account_of(user))


@pytest.fixture
def nothing_moved(bob: Program) -> Iterator[None]:
    with nothing_moves():
        yield


def assert_refused(answer: httpx.Response, status: int, code: str, sent: object = None) -> None:
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code), sent
    assert len(error["message"].split()) > 2, "says why in a sentence"


@pytest.mark.usefixtures("nothing_moved")
def test_a_quote_is_refused_for_anything_that_cannot_be_meant(bob: Program) -> None:
    for changes, status, code in BAD_QUOTES:
        assert_refused(bob.quote(**changes), status, code, changes)


@pytest.mark.usefixtures("nothing_moved")
def test_a_body_is_refused_that_readers_would_disagree_about(bob: Program) -> None:
    for body, status, code in BAD_BODIES:
        answer = bob.client.post("conversion-quotes/", content=body, headers=JSON)
        assert_refused(answer, status, code, body[:40])


def test_an_endless_body_is_refused_before_it_ends(bob: Program) -> None:
    pieces = (b"x" * 65_536 for _ in range(10_000))
    try:
        answer = bob.client.post("conversion-quotes/", content=pieces, headers=JSON)
    except httpx.WriteError:
        return  # the server had answered and left before all was sent
    assert_refused(answer, 413, "too_large")


def test_an_address_is_answered_in_kind(bob: Program) -> None:
    for path, status in ADDRESSES:
        answer = bob.client.get(path)
        assert answer.status_code == status, path
        assert status == 200 or len(answer.json()["error"]["message"].split()) > 2


def test_a_quote_is_accepted_only_by_its_owner_once_and_with_a_key(bob: Program) -> None:
    quote = bob.quote().json()["id"]
    with nothing_moves():
        keyless = bob.client.post(f"conversion-quotes/{quote}/accept/", json={})
        assert_refused(keyless, 400, "idempotency_key_missing")
        assert_refused(bob.accept(str(uuid4())), 404, "not_found")
    assert bob.accept(quote, "first").status_code == 200
    with nothing_moves():
        assert_refused(bob.accept(quote, "second"), 409, "quote_used")
        other = bob.quote().json()["id"]
        assert_refused(bob.accept(other, "first"), 422, "idempotency_mismatch")


def test_two_keys_are_no_key(bob: Program) -> None:
    quote = bob.quote().json()["id"]
    keys = [("Idempotency-Key", "first"), ("Idempotency-Key", "second")]
    with nothing_moves():
        answer = bob.client.post(f"conversion-quotes/{quote}/accept/", json={}, headers=keys)
        assert_refused(answer, 400, "malformed")


def test_an_id_is_spelt_as_we_spell_it_wherever_it_stands(bob: Program) -> None:
    account = str(bob.account.public_id)
    for spelt in (
        account.upper(),
        f"urn:uuid:{account}",
        f"{{{account}}}",
        account.replace("-", ""),
    ):
        assert_refused(bob.client.get(f"trading-accounts/{spelt}/"), 404, "not_found", spelt)
        assert_refused(bob.quote(account=spelt), 404, "not_found", spelt)


def test_nobody_spends_more_than_there_is(bob: Program) -> None:
    quotes = [bob.quote(amount="6.00").json()["id"] for _ in range(2)]
    assert bob.accept(quotes[0]).status_code == 200
    with nothing_moves():
        assert_refused(bob.accept(quotes[1]), 409, "insufficient_funds")


def test_somebody_elses_account_in_a_body_does_not_exist(bob: Program) -> None:
    alice = cast.account_of(cast.alice())
    with nothing_moves():
        assert_refused(bob.quote(account=str(alice.public_id)), 404, "not_found")


def test_a_stale_price_is_no_price(bob: Program) -> None:
    prices.publish("USD-CHF", "0.8", state="stale", reason="no new price")
    with nothing_moves():
        assert_refused(bob.quote(), 409, "price_stale")


def test_a_closed_market_converts_nothing(bob: Program) -> None:
    prices.publish("USD-CHF", "0.8", state="closed")
    with nothing_moves():
        assert_refused(bob.quote(), 409, "market_closed")


def test_a_person_who_is_gone_is_nobody(bob: Program) -> None:
    User.objects.update(is_active=False)
    with nothing_moves():
        assert_refused(bob.quote(), 401, "not_signed_in")
