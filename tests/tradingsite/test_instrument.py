"""Does the page of an instrument say what is known, and nothing that is not?"""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from core import clock, push
from market import board, catalog, quotes, simulation
from tests.tradingsite.test_pages import row
from tradingsite import rates

pytestmark = pytest.mark.django_db
PRICE = {"price": "1.11720", "high": "1.12086", "low": "1.11432"}


@pytest.fixture
def eur_board():
    """Puts one row, that of USD, on the board of EUR."""

    def put(**fields: object) -> None:
        frame = {"type": "snapshot", "base": "EUR", "epoch": "e", "seq": 1}
        rows = [row("USD", **{**PRICE, **fields})]
        text = json.dumps({**frame, "as_of": clock.iso(clock.now()), "rows": rows})
        push.redis_client().set(board.channel("EUR"), text)

    put()
    yield put
    push.redis_client().delete(board.channel("EUR"))


def days(symbol: str, count: int, *, source: str) -> None:
    """Closed daily candles up to yesterday."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO market_candle (instrument_id, source, interval, open_time, open, high,"
            " low, close, closed) VALUES (%s, %s, '1d', %s, 1.1, 1.1, 1.1, 1.1, true)",
            [
                (catalog.instrument(symbol).id, source, midnight - timedelta(days=ago))
                for ago in range(1, count + 1)
            ],
        )


def page(client: Client, path: str = "/instruments/EUR-USD/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_the_price_in_the_instruments_own_direction(client: Client, eur_board):
    text = page(client)
    assert "EUR/USD" in text
    assert '<span class="px-h">1.11</span><span class="px-p">72</span>' in text


@pytest.mark.parametrize("symbol", ["eur-usd", "Eur-Usd"])
def test_case_does_not_matter(client: Client, eur_board, symbol: str):
    assert 'data-symbol="EUR-USD"' in page(client, f"/instruments/{symbol}/")


@pytest.mark.parametrize(
    ("asked", "listed"), [("USD-EUR", "EUR-USD"), ("chf-usd", "USD-CHF"), ("USD-BTC", "BTC-USD")]
)
def test_the_inverse_is_sent_on_for_good(client: Client, asked: str, listed: str):
    answer = client.get(f"/instruments/{asked}/")
    assert (answer.status_code, answer["Location"]) == (301, f"/instruments/{listed}/")


@pytest.mark.parametrize("symbol", ["EUR-SEK", "EUR-EUR", "EUR", "NOPE-USD", "-", "%00-USD"])
def test_an_unlisted_pair_is_not_found(client: Client, symbol: str):
    assert client.get(f"/instruments/{symbol}/").status_code in (400, 404)


def test_without_price_and_candles_it_says_so(client: Client):
    push.redis_client().delete(board.channel("EUR"))
    text = page(client)
    assert "No source has quoted EUR/USD yet." in text
    assert "No candles of this interval yet" in text
    assert "fewer than 20 days" in text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("stale", "No fresh price."),
        ("closed", "The market is closed."),
        ("delayed", "Delayed price."),
        ("reference", "Daily fixing."),
    ],
)
def test_every_state_but_live_is_explained(client: Client, eur_board, state: str, words: str):
    shown = f'data-when="{state}">'
    eur_board(state=state, reason="no new price")
    text = page(client)
    assert words in text
    assert shown in text
    eur_board()
    assert shown not in page(client)


def test_a_dispute_of_the_sources_is_told_in_words(client: Client, eur_board):
    eur_board(state="stale", reason=quotes.DISPUTED)
    text = page(client)
    assert quotes.DISPUTED not in text
    assert text.count("the sources disagree") == 2


def test_simulated_prices_are_marked(client: Client, eur_board):
    assert "data-simulated hidden" in page(client)
    eur_board(simulated=True)
    assert "data-simulated hidden" not in page(client)


def test_a_fixing_opens_in_days_and_says_what_they_are(client: Client, eur_board):
    eur_board(state="reference")
    days("EUR-USD", 40, source="ecb")
    text = page(client)
    assert 'data-interval="1d"' in text
    assert "Daily fixing of the ECB: one price a day." in text
    assert "a fixing has one price a day" in text
    assert "+1.56\u2009%" in text  # against 1.1


def test_a_simulated_price_is_not_compared_with_fixings(client: Client, eur_board):
    push.redis_client().set(simulation.SIMULATED, '["EUR-USD"]')
    eur_board(simulated=True)
    days("EUR-USD", 40, source="ecb")
    text = page(client)
    push.redis_client().delete(simulation.SIMULATED)
    assert "The price above is simulated; these figures are of the European Central Bank" in text
    assert "1.56" not in text  # of 1.1172 against 1.1
    assert text.count("0.00\u2009%") >= 3


def test_converting_and_sources_come_before_what_indicators_say(client: Client, eur_board):
    page = client.get("/instruments/EUR-USD/").content.decode()
    places = [page.index(f'id="{one}-title"') for one in ("chart", "buy", "figures", "technical")]
    assert places == sorted(places)


def test_a_range_of_less_than_a_year_says_since_when(client: Client, eur_board):
    days("EUR-USD", 40, source="ecb")
    text = page(client)
    assert "Low since " in text
    assert "52 weeks, low" not in text


def test_an_unknown_interval_is_the_usual_one(client: Client, eur_board):
    assert 'data-interval="1h"' in page(client, "/instruments/EUR-USD/?interval=7m")


def test_every_row_of_every_board_opens_a_listed_instrument():
    listed = {pair.symbol for pair in catalog.instruments()}
    codes = [info.code for info in catalog.currencies()]
    opened = {
        rates.symbol_of(base, code) for base in catalog.bases() for code in codes if code != base
    }
    assert opened <= listed
    assert rates.symbol_of("USD", "EUR") == "EUR-USD"
    assert rates.symbol_of("JPY", "EUR") == "EUR-JPY"
    assert rates.symbol_of("SEK", "USD") == "USD-SEK"


def test_the_list_names_every_instrument(client: Client, eur_board):
    text = page(client, "/instruments/")
    assert all(f"/instruments/{pair.symbol}/" in text for pair in catalog.instruments())
