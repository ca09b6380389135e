"""OANDA's REST answers: the best prices, only tradeable ones, and a token nobody else sees."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import Broken
from core.push import redis_client
from market import inbox, numbers, polling
from market.feeds import roster
from market.feeds.feed import Trouble
from market.feeds.oanda import Oanda
from market.inbox import RawTick
from tests.tradingsite.lines import keep_lines
from tests.venue import oanda
from tests.venue.server import VenueServer

SYMBOLS = ("EUR-USD", "USD-JPY", "USD-SEK", "EUR-GBP", "BTC-USD")


@pytest.fixture(autouse=True)
def token(settings) -> None:
    settings.OANDA_TOKEN = oanda.TOKEN


@pytest.fixture
def lines() -> Iterator[list[str]]:
    with keep_lines() as written:
        yield written


def ticks(world: VenueServer) -> dict[str, RawTick]:
    return {tick.symbol: tick for tick in Oanda().fetch(SYMBOLS).ticks}


def trouble() -> Trouble:
    with pytest.raises(Trouble) as raised:
        Oanda().fetch(SYMBOLS)
    return raised.value


def test_best_bid_and_ask_of_every_forex_market_arrive(world: VenueServer) -> None:
    said = ticks(world)
    assert list(said) == ["EUR-USD", "USD-JPY"]
    assert (said["EUR-USD"].bid, said["EUR-USD"].ask) == ("1.11712", "1.11726")
    assert said["EUR-USD"].volume is None
    moment = numbers.moment(said["EUR-USD"].as_of)
    assert moment.tzinfo is not None


def test_a_price_nobody_may_trade_at_is_left_out(world: VenueServer) -> None:
    world.oanda.spoil("not_tradeable", "EUR-USD")
    assert list(ticks(world)) == ["USD-JPY"]


@pytest.mark.parametrize(
    ("fault", "bid"),
    [("nan", "nan"), ("null", None), ("text", "call us"), ("zero", "0"), ("missing_field", None)],
)
def test_a_spoiled_price_is_handed_on_unjudged(world: VenueServer, fault: str, bid: object) -> None:
    world.oanda.spoil(fault, "EUR-USD")
    said = ticks(world)
    assert said["EUR-USD"].bid == bid
    assert said["USD-JPY"].bid == "157.241"


@pytest.mark.parametrize(
    ("fault", "problem", "wait_s"),
    [
        ("unauthorized_401", "refused_here", 900.0),
        ("ban_403", "refused_here", 900.0),
        ("rate_limit_429", "rate_limited", 7.0),
        ("error_5xx", "unreachable", 0.0),
        ("down", "unreachable", 0.0),
        ("html", "html_body", 0.0),
        ("truncated", "truncated_json", 0.0),
    ],
)
def test_an_unusable_answer_says_how_long_to_wait(
    world: VenueServer, fault: str, problem: str, wait_s: float
) -> None:
    world.oanda.spoil(fault)
    error = trouble()
    assert (error.problem, error.wait_s) == (problem, wait_s)


@pytest.mark.parametrize(
    "path", ["/v3/accounts", "/instruments", "/pricing"], ids=["accounts", "instruments", "prices"]
)
def test_a_body_of_another_shape_is_malformed(world: VenueServer, path: str) -> None:
    world.oanda.say(path, '{"something": [{"else": 1}]}')
    assert trouble().problem == "malformed"


def test_the_past_days_are_utc_mids_without_volume(world: VenueServer) -> None:
    batch = Oanda().candles("EUR-USD", days=31)
    last = batch.candles[-1]
    assert (last.symbol, last.close, last.volume) == ("EUR-USD", "1.11712000", None)
    assert numbers.moment(last.open_time).hour == 0


def test_the_past_comes_from_a_moment_on_in_any_interval(world: VenueServer) -> None:
    since = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=30)
    hours = Oanda().history("EUR-USD", "1h", since=since, count=20)
    opened = [numbers.moment(one.open_time) for one in hours]
    assert opened == [since + timedelta(hours=number) for number in range(20)]


def test_a_candle_that_oanda_calls_incomplete_is_not_of_the_past(world: VenueServer) -> None:
    mid = dict.fromkeys("ohlc", "1.1")
    said = [
        {"time": f"2026-11-02T0{hour}:00:00Z", "mid": mid, "complete": hour < 2}
        for hour in range(3)
    ]
    world.oanda.say("/candles", json.dumps({"candles": said}))
    since = datetime(2026, 11, 2, tzinfo=UTC)
    assert len(Oanda().history("EUR-USD", "1h", since=since, count=20)) == 2
    assert len(Oanda().candles("EUR-USD", days=20).candles) == 3


def test_the_operators_account_is_not_asked_for(world: VenueServer, settings) -> None:
    settings.OANDA_ACCOUNT = oanda.ACCOUNT
    assert Oanda().fetch(SYMBOLS).ticks
    assert "/oanda/v3/accounts" not in world.oanda.requests


@pytest.mark.django_db
def test_a_wrong_token_lies_nowhere(world: VenueServer, settings, lines: list[str]) -> None:
    redis_client().delete("market:quiet:oanda", "market:polling:oanda", inbox.STREAM)
    polling._feed.cache_clear()
    settings.OANDA_TOKEN = "wrong-token-canary"
    assert polling.poll("oanda") == "refused_here"
    ((_, batch),) = inbox.read("0-0")
    everywhere = f"{lines}{batch}{redis_client().get('market:quiet:oanda')!r}"
    assert "Insufficient authorization" in everywhere
    assert "canary" not in everywhere
    redis_client().delete("market:quiet:oanda", inbox.STREAM)
    polling._feed.cache_clear()


def test_the_token_switches_the_source_on(settings) -> None:
    assert roster.named("oanda") is not None
    settings.OANDA_TOKEN = ""
    assert roster.named("oanda") is None


def test_a_market_chosen_to_be_simulated_stays_so(settings) -> None:
    settings.FEEDS = ["replay"]
    assert roster.configured() == ()


def test_a_source_named_without_its_token_is_refused(settings) -> None:
    settings.FEEDS, settings.OANDA_TOKEN = ["oanda"], ""
    with pytest.raises(Broken, match="FEEDS names oanda, which needs OANDA_TOKEN"):
        roster.configured()


def test_its_markets_are_asked_once_and_again_after_a_refusal(world: VenueServer) -> None:
    def asked() -> int:
        return sum(path.endswith("/instruments") for path in world.oanda.requests)

    feed = Oanda()
    feed.fetch(SYMBOLS)
    feed.fetch(SYMBOLS)
    assert asked() == 1
    world.oanda.spoil("error_5xx")
    with pytest.raises(Trouble):
        feed.fetch(SYMBOLS)
    world.oanda.heal()
    feed.fetch(SYMBOLS)
    assert asked() == 2
