"""Kraken, Coinbase and Binance, asked through the real ccxt client."""

import json
from datetime import UTC, datetime

import pytest

from core import clock
from market.feeds.binance import Binance
from market.feeds.coinbase import Coinbase
from market.feeds.feed import Trouble
from market.feeds.kraken import Kraken
from market.feeds.venue import VenueFeed
from market.inbox import RawTick
from tests import recorded
from tests.venue.server import VenueServer

SYMBOLS = ("EUR-USD", "USD-JPY", "USD-HKD", "NZD-USD", "EUR-GBP", "BTC-USD", "DOGE-USD", "USDT-USD")
VENUES = [Kraken, Coinbase, Binance]


def prices(feed: VenueFeed, symbols: tuple[str, ...] = SYMBOLS) -> dict[str, RawTick]:
    return {tick.symbol: tick for tick in feed.fetch(symbols).ticks}


def test_kraken_prices_fiat_and_coins_against_usd(world: VenueServer) -> None:
    world.kraken.price("EUR-USD", bid="1.11715", ask="1.11725")
    said = prices(Kraken())
    assert set(said) == {"EUR-USD", "USD-JPY", "BTC-USD", "DOGE-USD", "USDT-USD"}
    assert (said["EUR-USD"].bid, said["EUR-USD"].ask) == ("1.11715", "1.11725")
    assert said["EUR-USD"].as_of is None


def test_coinbase_prices_coins_with_their_best_bid_and_ask(world: VenueServer) -> None:
    world.coinbase.price("BTC-USD", bid="68901.00", ask="68901.50")
    said = prices(Coinbase())
    assert set(said) == {"BTC-USD", "DOGE-USD", "USDT-USD"}
    assert (said["BTC-USD"].bid, said["BTC-USD"].ask) == ("68901.00", "68901.50")


def test_binance_prices_in_tether_are_named_so(world: VenueServer) -> None:
    world.binance.price("BTC-USDT", bid="68910.01", ask="68910.02")
    said = prices(Binance())
    assert set(said) == {"BTC-USDT", "DOGE-USDT"}
    assert (said["BTC-USDT"].bid, said["BTC-USDT"].ask) == ("68910.01", "68910.02")
    assert isinstance(said["BTC-USDT"].as_of, int)


def test_binance_is_asked_for_spot_alone(world: VenueServer) -> None:
    Binance().fetch(SYMBOLS)
    asked = world.binance.requests
    assert asked
    assert all(request.startswith("/binance/api/v3/") for request in asked)


@pytest.mark.parametrize("venue", VENUES)
def test_a_market_the_venue_has_not_is_left_out(world: VenueServer, venue: type[VenueFeed]) -> None:
    for state in (world.kraken, world.coinbase, world.binance):
        state.quotes = {k: v for k, v in state.quotes.items() if not k.startswith("DOGE-")}
    said = prices(venue(), ("BTC-USD", "DOGE-USD"))
    assert [symbol.split("-")[0] for symbol in said] == ["BTC"]


def test_a_market_that_goes_while_we_watch_is_dropped(world: VenueServer) -> None:
    feed = Binance()
    feed.fetch(SYMBOLS)
    world.binance.delist("DOGE-USDT")
    with pytest.raises(Trouble):
        feed.fetch(SYMBOLS)
    assert set(prices(feed)) == {"BTC-USDT"}


def test_new_instruments_are_looked_for(world: VenueServer) -> None:
    feed = Coinbase()
    feed.fetch(("BTC-USD",))
    assert set(prices(feed, ("BTC-USD", "ETH-USD"))) == {"BTC-USD", "ETH-USD"}


@pytest.mark.parametrize("venue", VENUES)
def test_past_days_come_as_they_were_said(world: VenueServer, venue: type[VenueFeed]) -> None:
    feed = venue()
    pair = next(iter(feed.listed(("BTC-USD",)).values()))
    candles = feed.candles(pair, days=31).candles
    today = datetime.combine(clock.now().date(), datetime.min.time(), UTC)
    assert len(candles) == 31
    assert candles[-1].open_time == int(today.timestamp() * 1000)
    assert candles[-1].symbol == pair
    assert all(isinstance(candle.close, str) for candle in candles)


def test_a_recorded_kraken_answer_is_read_to_the_last_digit() -> None:
    body = json.loads(recorded.path("ccxt/kraken/http_ticker.json").read_text())
    (tick,) = Kraken().read(body, {"XBTUSDT": "BTC-USDT"})
    assert tick == RawTick(
        "BTC-USDT",
        bid="105944.20000",
        ask="105944.30000",
        last="105899.40000",
        volume="163.28908096",
    )


def test_a_recorded_coinbase_answer_goes_through_the_client(world: VenueServer) -> None:
    world.coinbase.say("/products", recorded.path("ccxt/coinbase/http_products.json").read_text())
    world.coinbase.say("/ticker", recorded.path("ccxt/coinbase/http_ticker.json").read_text())
    tick = prices(Coinbase(), ("BTC-USD",))["BTC-USD"]
    assert (tick.bid, tick.ask) == ("68923.66", "68923.67")
    assert (tick.last, tick.volume) == ("68925.98", "11005.02587005")


def test_recorded_kraken_markets_and_candles_go_through_the_client(world: VenueServer) -> None:
    for path in ("AssetPairs", "OHLC"):
        file = {"AssetPairs": "http_asset_pairs", "OHLC": "http_ohlc"}[path]
        world.kraken.say(f"/{path}", recorded.path(f"ccxt/kraken/{file}.json").read_text())
    feed = Kraken()
    feed.list_anew(("BTC-USDT",))
    with clock.frozen(datetime(2025, 11, 11, tzinfo=UTC)):
        (candle,) = feed.candles("BTC-USDT", days=1).candles
    assert (candle.open_time, candle.open) == (1762820220000, "105899.4")  # the newest of all
