"""What comes of an answer that is late, broken, or a plain no."""

from datetime import UTC, datetime

import pytest

from core import clock
from market.feeds import bounded
from market.feeds.answers import Answer, retry_after_s, trouble
from market.feeds.binance import Binance
from market.feeds.coinbase import Coinbase
from market.feeds.ecb import Ecb
from market.feeds.feed import Feed, Trouble
from market.feeds.kraken import Kraken
from market.feeds.oanda import Oanda
from market.feeds.venue import VenueFeed
from market.inbox import RawTick
from market.numbers import Reason
from tests.market.said import memory
from tests.venue import oanda
from tests.venue.server import VenueServer

PAIR = ("BTC-USD",)


@pytest.mark.parametrize(
    ("fault", "problem", "wait_s"),
    [
        ("down", "unreachable", 0.0),
        ("error_5xx", "unreachable", 0.0),
        ("html", "html_body", 0.0),
        ("truncated", "truncated_json", 0.0),
        ("rate_limit_429", "rate_limited", 7.0),
        ("ban_418", "rate_limited", 7.0),
        ("ban_403", "refused_here", 900.0),
        ("ban_451", "refused_here", 900.0),
    ],
)
def test_an_unusable_answer_is_named(
    world: VenueServer, fault: str, problem: str, wait_s: float
) -> None:
    feed = Coinbase()
    feed.fetch(PAIR)
    world.coinbase.spoil(fault)
    with pytest.raises(Trouble) as raised:
        feed.fetch(PAIR)
    assert (raised.value.problem, raised.value.wait_s) == (problem, wait_s)


def test_it_recovers_with_the_next_answer(world: VenueServer) -> None:
    feed = Coinbase()
    world.coinbase.spoil("html")
    with pytest.raises(Trouble):
        feed.fetch(PAIR)
    world.coinbase.heal()
    assert len(feed.fetch(PAIR).ticks) == 1


def test_a_source_that_keeps_silent_is_given_up_in_time(world: VenueServer) -> None:
    world.coinbase.spoil("silent")
    with pytest.raises(Trouble) as raised:
        Coinbase().fetch(PAIR)
    assert raised.value.problem == "unreachable"
    assert "Timeout" in raised.value.detail


@pytest.mark.parametrize("feed", [Coinbase(), Ecb(), Oanda()], ids=lambda feed: feed.name)
def test_an_answer_without_end_is_left_before_it_fills_the_house(
    world: VenueServer, settings, monkeypatch: pytest.MonkeyPatch, feed: Feed
) -> None:
    settings.OANDA_TOKEN = oanda.TOKEN
    monkeypatch.setattr(bounded, "BYTES_MAX", 1_000_000)
    for venue in (world.coinbase, world.ecb, world.oanda):
        venue.spoil("endless")
    with pytest.raises(Trouble) as raised:
        feed.fetch(PAIR)
    assert raised.value.problem == "unreachable"
    assert "more than 1000000 bytes" in raised.value.detail


@pytest.mark.parametrize("feed", [Coinbase(), Ecb()], ids=lambda feed: feed.name)
def test_an_answer_by_drops_is_left_in_time(
    world: VenueServer, monkeypatch: pytest.MonkeyPatch, feed: Feed
) -> None:
    monkeypatch.setattr(bounded, "WHOLE_S", 0.3)
    world.coinbase.spoil("dripping")
    world.ecb.spoil("dripping")
    with pytest.raises(Trouble) as raised:
        feed.fetch(PAIR)
    assert "no whole answer within 0.3 s" in raised.value.detail


@pytest.mark.parametrize("feed", [Coinbase(), Ecb()], ids=lambda feed: feed.name)
@pytest.mark.parametrize("fault", ["cut", "garbled"])
def test_an_answer_that_breaks_off_or_cannot_be_unpacked_is_none(
    world: VenueServer, feed: Feed, fault: str
) -> None:
    for venue in (world.coinbase, world.ecb):
        venue.spoil(fault)
    with pytest.raises(Trouble) as raised:
        feed.fetch(PAIR)
    assert raised.value.problem == "unreachable"


def test_a_body_nested_beyond_reading_is_named_like_any_other() -> None:
    error = RecursionError("too deep")
    assert trouble(Answer(200, {}, "[" * 200_000), error).problem == "truncated_json"


def test_a_wish_to_wait_with_a_zone_of_no_world_is_none() -> None:
    told = {"Retry-After": "Mon, 01 Jan 2024 00:00:00 +99999999999999999999"}
    assert retry_after_s(told) == 60.0


def test_a_slow_source_is_waited_for(world: VenueServer) -> None:
    world.coinbase.spoil("slow")
    world.coinbase.slow_s = 0.2
    assert len(Coinbase().fetch(PAIR).ticks) == 1


def test_a_poll_of_many_slow_answers_ends_in_time(world: VenueServer) -> None:
    feed = Coinbase()
    feed.listed(("BTC-USD", "ETH-USD", "SOL-USD", "XRP-USD"))
    world.coinbase.spoil("slow")
    world.coinbase.slow_s = 1.5
    ticks = feed.fetch(("BTC-USD", "ETH-USD", "SOL-USD", "XRP-USD")).ticks
    assert [tick.bid is None for tick in ticks] == [False, False, True, True]
    assert all(tick.last for tick in ticks)


@pytest.mark.parametrize(
    ("fault", "bid"),
    [
        ("nan", "nan"),
        ("infinity", "inf"),
        ("null", None),
        ("text", "call us"),
        ("zero", "0"),
        ("negative", "-68901.00"),
        ("crossed", "68901.50"),
        ("missing_field", None),
        ("spike", "103351.500"),
    ],
)
def test_a_spoiled_figure_is_handed_on_beside_good_ones(
    world: VenueServer, fault: str, bid: object
) -> None:
    world.coinbase.spoil(fault, "BTC-USD")
    said = {tick.symbol: tick for tick in Coinbase().fetch(("BTC-USD", "ETH-USD")).ticks}
    assert said["BTC-USD"].bid == bid
    assert said["ETH-USD"].bid == "2105.12"


def test_a_ticker_that_is_no_ticker_spoils_only_itself() -> None:
    body = {"result": {"XXBTZUSD": None, "XETHZUSD": {"b": ["1"], "a": "2", "v": ["3"]}}}
    names = {"XXBTZUSD": "BTC-USD", "XETHZUSD": "ETH-USD"}
    assert Kraken().read(body, names) == [
        RawTick("BTC-USD"),
        RawTick("ETH-USD", bid="1", ask="2", volume=["3"]),
    ]


@pytest.mark.parametrize(
    ("feed", "body"),
    [
        (Binance(), [{"symbol": "OTHER", "bidPrice": "1", "askPrice": "2"}]),
        (Coinbase(), [{"product_id": "OTHER", "best_bid_price": "1", "best_ask_price": "2"}]),
        (Kraken(), {"result": {"OTHER": {"b": ["1"], "a": ["2"]}}}),
    ],
)
def test_a_market_nobody_asked_for_is_handed_on_by_its_own_name(
    feed: VenueFeed, body: object
) -> None:
    assert feed.read(body, {"BTC": "BTC-USD"}) == [RawTick("OTHER", bid="1", ask="2")]


def test_an_answer_about_other_markets_alone_is_counted_as_refused(world: VenueServer) -> None:
    feed, known = Coinbase(), memory()
    feed.fetch(PAIR)
    world.coinbase.say("/products", '{"products": [{"product_id": "OTHER-USD", "price": "3"}]}')
    asked = len(world.coinbase.requests)
    known.take(feed.fetch(PAIR))
    assert len(world.coinbase.requests) == asked + 1  # its best offers are nobody's business
    (((source, symbol, reason, _), tally),) = known.pending.tallies.counts.items()
    assert (source, symbol, tally.count) == ("coinbase", "OTHER-USD", 1)
    assert reason == Reason.UNKNOWN
    assert known.sources["coinbase"].last_problem == "nothing_usable"


def test_kraken_refuses_in_a_proper_body(world: VenueServer) -> None:
    world.kraken.say("/AssetPairs", '{"error":["EAPI:Rate limit exceeded"]}')
    with pytest.raises(Trouble) as raised:
        Kraken().fetch(PAIR)
    assert (raised.value.problem, raised.value.wait_s) == ("rate_limited", 60.0)


def test_a_body_of_another_shape_is_malformed(world: VenueServer) -> None:
    world.coinbase.say("/products", '{"items": []}')
    with pytest.raises(Trouble) as raised:
        Coinbase().fetch(PAIR)
    assert raised.value.problem == "malformed"


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [("30", 30.0), ("Fri, 20 Nov 2026 10:00:45 GMT", 45.0), ("soon", 60.0), ("999999", 3600.0)],
)
def test_retry_after_is_seconds_or_a_date(said: str, wait_s: float) -> None:
    with clock.frozen(datetime(2026, 11, 20, 10, tzinfo=UTC)):
        assert retry_after_s({"retry-after": said}) == wait_s


def test_no_answer_at_all_names_the_error() -> None:
    assert trouble(None, TimeoutError("4 s")).detail == "TimeoutError: 4 s"


def test_a_long_body_is_shown_in_part() -> None:
    assert len(trouble(Answer(500, {}, "x" * 10_000)).detail) < 300
