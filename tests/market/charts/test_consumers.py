"""Does `/ws/candles/` keep its protocol? Against the real process and real Redis frames."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from core.push import redis_client
from market.charts.watching import ADDRESS_MAX, CANDLES, INDICATORS, channel
from tests.market.test_consumers import closed_with, eventually, heard
from tests.web_process import WebProcess

PATH = "/ws/candles/?instrument=eur-usd&interval=1h"


@pytest.fixture(autouse=True)
def nothing_wanted() -> Iterator[None]:
    redis_client().delete(CANDLES, INDICATORS)
    yield
    redis_client().delete(CANDLES, INDICATORS)


def wanted(key: str) -> set[bytes]:
    return set(redis_client().zrange(key, 0, -1))  # type: ignore[arg-type]


def publish(close: str, type_: str = "candle") -> None:
    frame = {"type": type_, "instrument": "EUR/USD", "interval": "1h", "close": close}
    redis_client().publish(channel("EUR-USD", "1h"), json.dumps(frame))


def test_who_watches_a_chart_has_it_wanted_and_hears_it(web: WebProcess) -> None:
    with web.socket(f"{PATH}&indicators=rsi,macd") as chart:
        assert eventually(lambda: wanted(CANDLES)) == {b"EUR-USD|1h"}
        assert wanted(INDICATORS) == {b"EUR-USD|1h|rsi", b"EUR-USD|1h|macd"}
        publish("1.1")
        publish("55", "indicators")
        publish("1.0", "healed")
        assert [heard(chart)["type"] for _ in range(3)] == ["candle", "indicators", "healed"]


def test_who_comes_later_hears_the_last_candle_at_once(web: WebProcess) -> None:
    with web.socket(PATH) as early:
        eventually(lambda: wanted(CANDLES))
        publish("1.25")
        heard(early)
        with web.socket(PATH) as late:
            assert heard(late)["close"] == "1.25"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("instrument=XXX-USD&interval=1h", "not_found"),
        ("instrument=EUR-USD&interval=2h", "malformed"),
        ("instrument=EUR-USD&interval=1h&indicators=magic", "not_found"),
        ("", "not_found"),
    ],
)
def test_it_refuses_what_there_is_not_and_wants_nothing(
    web: WebProcess, query: str, code: str
) -> None:
    with web.socket(f"/ws/candles/?{query}") as chart:
        assert heard(chart)["error"]["code"] == code
        assert closed_with(chart) == 4404
    assert wanted(CANDLES) == set()


def test_one_address_has_only_so_many_indicators_computed(web: WebProcess) -> None:
    names = ",".join(f"sma:{length}" for length in range(10, 30))
    with ExitStack() as held:
        for _ in range(ADDRESS_MAX // 20):
            held.enter_context(web.socket(f"{PATH}&indicators={names}"))
        eventually(lambda: len(wanted(INDICATORS)) == 20)
        with web.socket(f"{PATH}&indicators=rsi") as beyond:
            assert closed_with(beyond) == 1013
        with web.socket(PATH) as plain:
            publish("1.3")
            assert heard(plain)["close"] == "1.3"
    assert b"EUR-USD|1h|rsi" not in wanted(INDICATORS)
    with web.socket(f"{PATH}&indicators=rsi"):
        assert eventually(lambda: b"EUR-USD|1h|rsi" in wanted(INDICATORS))
