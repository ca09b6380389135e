"""How do programs convert? Quotes and acceptance over the wire."""

import json
from typing import Any

import pytest

from portfolio.models import ConversionQuote
from tests import cast
from tests.portfolio import prices
from tests.portfolio.caller import Caller, code_of
from tests.portfolio.stillness import nothing_moves

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]

NOBODYS = "00000000-0000-4000-8000-000000000000"
TERMS = {
    *("id", "account", "state", "from", "to", "fixed_side", "amount_from", "amount_to", "mid"),
    *("rate", "all_in_rate", "spread_bps", "fee", "fee_rate", "residue", "path", "sources"),
    *("price_state", "price_reason", "price_as_of", "simulated", "session", "table_version"),
    *("created_at", "expires_at", "entry"),
}


@pytest.fixture
def charlie() -> Caller:
    return Caller(cast.charlie())


def test_a_quote_has_every_term_as_text(charlie: Caller) -> None:
    answer = charlie.quote(amount="2423.00")
    body = answer.json()
    assert answer.status_code == 201
    assert set(body) == TERMS
    assert (body["amount_from"], body["fee"], body["state"]) == ("2423.00", "2.43", "open")
    assert len(body["rate"]) == len("0.822744262500")
    assert set(body["sources"][0]) == {"instrument", "source", "price", "as_of", "used", "note"}


def test_accepting_answers_with_the_entry(charlie: Caller) -> None:
    quote = charlie.quote().json()
    answer = charlie.accept(quote["id"])
    body = answer.json()
    assert answer.status_code == 200
    assert "Idempotent-Replayed" not in answer.headers
    assert (body["kind"], body["key"]) == ("conversion", "k")
    assert body["actor"] == f"user:{charlie.user.public_id}"
    assert body["quote"] == quote | {"state": "accepted", "entry": body["id"]}
    own = [one for one in body["postings"] if one["account"] == "available"]
    assert own == [
        {"currency": "USD", "amount": "-100.00", "account": "available"},
        {"currency": "CHF", "amount": quote["amount_to"], "account": "available"},
    ]


def test_the_same_key_gets_the_same_bytes(charlie: Caller) -> None:
    quote = charlie.quote().json()["id"]
    first = charlie.accept(quote, body={})
    with nothing_moves():
        again = charlie.accept(quote, body={})
    assert again.content == first.content
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")


def test_it_refuses_the_same_key_for_another_quote(charlie: Caller) -> None:
    quote, other = charlie.quote().json()["id"], charlie.quote().json()["id"]
    charlie.accept(quote)
    with nothing_moves():
        assert code_of(charlie.accept(other)) == (422, "idempotency_mismatch")


def test_it_refuses_an_acceptance_that_says_more_than_it_can_read(charlie: Caller) -> None:
    quote = charlie.quote().json()["id"]
    with nothing_moves():
        assert code_of(charlie.accept(quote, body={"amount": "50.00"})) == (400, "malformed")


def test_it_refuses_an_acceptance_without_a_key(charlie: Caller) -> None:
    quote = charlie.quote().json()["id"]
    with nothing_moves():
        assert code_of(charlie.accept(quote, key=None)) == (400, "idempotency_key_missing")
        assert code_of(charlie.accept(quote, key="a b")) == (400, "malformed")


def test_it_refuses_a_used_quote_and_names_its_entry(charlie: Caller) -> None:
    quote = charlie.quote().json()["id"]
    entry = charlie.accept(quote).json()["id"]
    with nothing_moves():
        answer = charlie.accept(quote, key="another")
    assert code_of(answer) == (409, "quote_used")
    assert answer.json()["error"]["details"] == {"entry": entry}


def test_a_refused_request_leaves_its_key_free(charlie: Caller) -> None:
    first, second = (charlie.quote(amount="6000.00").json()["id"] for _ in range(2))
    charlie.accept(first, key="first")
    with nothing_moves():
        assert code_of(charlie.accept(second)) == (409, "insufficient_funds")
    cast.give(cast.account_of(charlie.user), "2000", "USD")
    assert charlie.accept(second).status_code == 200


@pytest.mark.parametrize("quote", [NOBODYS, "1" * 401, "x", "%00"])
def test_unknown_quotes_are_not_found(charlie: Caller, quote: str) -> None:
    with nothing_moves():
        assert charlie.accept(quote).status_code in (400, 404)
        assert charlie.get(f"conversion-quotes/{quote}/").status_code in (400, 404)


def test_foreign_quotes_are_not_found(charlie: Caller) -> None:
    quote, alice = charlie.quote().json()["id"], Caller(cast.alice())
    with nothing_moves():
        assert code_of(alice.accept(quote)) == (404, "not_found")
        assert code_of(alice.get(f"conversion-quotes/{quote}/")) == (404, "not_found")


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        ({"amount": 100}, (400, "amount_not_text")),
        ({"amount": "0"}, (422, "amount_invalid")),
        ({"amount": "-1.00"}, (422, "amount_invalid")),
        ({"amount": "1e-30"}, (422, "amount_invalid")),
        ({"amount": "1e30"}, (422, "amount_invalid")),
        ({"amount": "1.001"}, (422, "too_many_decimals")),
        ({"amount": "0.50"}, (422, "amount_too_small")),
        ({"amount": "2000000"}, (422, "amount_too_large")),
        ({"amount": "10000.01"}, (409, "insufficient_funds")),
        ({"to": "USD"}, (422, "same_currency")),
        ({"to": "XXX"}, (422, "unknown_currency")),
        ({"to": None}, (400, "malformed")),
        ({"to": ["CHF"]}, (400, "malformed")),
        ({"to": "PLN"}, (503, "not_ready")),
        ({"fixed_side": "up"}, (400, "malformed")),
        ({"fix_side": "to"}, (400, "malformed")),
        ({"account": NOBODYS}, (404, "not_found")),
        ({"account": "1" * 401}, (404, "not_found")),
        ({"account": 10**18}, (400, "malformed")),
    ],
)
def test_it_refuses_bad_wishes_in_words(
    charlie: Caller, wanted: dict[str, Any], refusal: tuple[int, str]
) -> None:
    with nothing_moves():
        answer = charlie.quote(**wanted)
    assert code_of(answer) == refusal
    assert answer.json()["error"]["message"]
    assert not ConversionQuote.objects.exists()


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", (400, "malformed")),
        (b"[]", (400, "malformed")),
        (b'{"amount": "1', (400, "malformed")),
        (b'{"amount": "1\\u0000"}', (400, "malformed")),
        (b'{"amount": "\\ud800"}', (400, "malformed")),
        (b'{"amount": NaN}', (400, "malformed")),
        (b'{"amount": 1e999}', (400, "malformed")),
        (b'{"account": 1' + b"0" * 400 + b"}", (400, "malformed")),
        (b'{"amount": "1", "amount": "2"}', (400, "malformed")),
        (b'{"amount": "' + b"1" * 70_000 + b'"}', (413, "too_large")),
    ],
)
def test_it_refuses_bodies_it_cannot_read(
    charlie: Caller, body: bytes, refusal: tuple[int, str]
) -> None:
    with nothing_moves():
        assert code_of(charlie.post("conversion-quotes/", body)) == refusal


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"state": "stale"}, "price_stale"),
        ({"state": "stale", "reason": "price_disputed"}, "price_disputed"),
        ({"state": "closed"}, "market_closed"),
    ],
)
def test_it_refuses_untradable_prices(charlie: Caller, terms: dict[str, Any], code: str) -> None:
    prices.publish("USD-CHF", "0.82295", **terms)
    with nothing_moves():
        assert code_of(charlie.quote()) == (409, code)


def test_a_key_on_a_quote_is_honoured(charlie: Caller) -> None:
    wish = {"account": charlie.account, "from": "USD", "to": "CHF", "amount": "100.00"}
    first = charlie.post("conversion-quotes/", wish, key="q")
    charlie.accept(first.json()["id"])
    prices.publish("USD-CHF", "0.9")
    again = charlie.post("conversion-quotes/", dict(reversed(wish.items())), key="q")
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = charlie.post("conversion-quotes/", wish | {"amount": "100.0"}, key="q")
    assert code_of(other) == (422, "idempotency_mismatch")


def test_a_quote_can_be_looked_at(charlie: Caller) -> None:
    quote = charlie.quote().json()
    assert charlie.get(f"conversion-quotes/{quote['id']}/").json() == quote
    entry = charlie.accept(quote["id"]).json()["id"]
    seen = charlie.get(f"conversion-quotes/{quote['id']}/").json()
    assert (seen["state"], seen["entry"]) == ("accepted", entry)


def test_the_body_of_an_acceptance_may_be_empty(charlie: Caller) -> None:
    quote = charlie.quote().json()["id"]
    first = charlie.accept(quote, body=b"")
    again = charlie.accept(quote, body=b"")
    assert (first.status_code, again.content) == (200, first.content)


def test_nobody_converts_without_signing_in(charlie: Caller) -> None:
    quote = charlie.quote().json()["id"]
    charlie.client.logout()
    with nothing_moves():
        assert code_of(charlie.accept(quote)) == (401, "not_signed_in")
        assert code_of(charlie.quote()) == (401, "not_signed_in")


def test_answers_are_plain_json_with_texts_for_numbers(charlie: Caller) -> None:
    body = charlie.accept(charlie.quote().json()["id"]).content
    assert not [text for text in (b"E-", b"E+", b"NaN") if text in body]
    json.loads(body, parse_float=pytest.fail, parse_int=pytest.fail)
