"""What do open charts hear of the candle that forms?"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection

from core import clock
from core.push import redis_client
from market import candle_store, catalog, indicators, simulation
from market.candles import Candle
from market.charts import answers, told
from market.indicators import bars_of, forming, upkeep
from market.studies import STUDIES, shelf, watched
from tests.market.hours import SYMBOL, roll_up, stored
from tests.market.said import NOON

pytestmark = pytest.mark.django_db
Hearing = Callable[[], list[Any]]
LAST = ("101", "103", "100.5", "102.5", "3")  # of the minute that forms; its volume last


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    redis_client().delete(simulation.SIMULATED, watched.WANTED, told.key(SYMBOL, "1h"))
    forming._pasts.clear()
    with clock.frozen(NOON + timedelta(seconds=30)):
        yield
    redis_client().delete(watched.WANTED)


@pytest.fixture
def hearing() -> Iterator[Hearing]:
    """What was published on the chart's channel since one asked last."""
    with redis_client().pubsub(ignore_subscribe_messages=True) as heard:  # type: ignore[no-untyped-call]
        heard.subscribe("candles:BTC-USD:1h")
        heard.get_message(timeout=1)

        def frames() -> list[Any]:
            messages = iter(lambda: heard.get_message(timeout=0.05), None)
            return [json.loads(message["data"]) for message in messages]

        yield frames


def form() -> Candle:
    pair = catalog.instrument(SYMBOL)
    one = Candle(pair.id, "reference", "1m", NOON, *map(Decimal, LAST), closed=False)
    with connection.cursor() as cursor:
        candle_store.write(cursor, [one])
    return one


def want(*texts: str, ago: float = 0) -> None:
    members = dict.fromkeys((f"{SYMBOL}|1h|{text}" for text in texts), time.time() - ago)
    redis_client().zadd(watched.WANTED, members)


def told_last(one: Candle, close: str) -> None:
    low = min(one.low, Decimal(close))
    frame = answers.candle(replace(one, close=Decimal(close), low=low)) | {"closed": False}
    with redis_client().pipeline() as pipe:
        told.keep(pipe, SYMBOL, "1h", json.dumps(frame))
        pipe.execute()


def test_an_open_chart_hears_its_indicators_at_the_forming_candle(hearing: Hearing) -> None:
    bars, one = stored(), form()
    want("rsi", "macd:5:20:9")
    assert forming.follow() == "1 charts"
    (frame,) = hearing()
    assert (frame["type"], frame["instrument"]) == ("indicators", "BTC/USD")
    assert frame["time"] == "2026-11-18T12:00:00.000Z"
    batch = indicators.compute(STUDIES["rsi"], bars.followed_by(bars_of([one])), {"length": 14})
    assert frame["values"]["rsi"]["rsi"] == shelf.text(float(batch["rsi"][-1]))
    assert frame["values"]["macd:5:20:9"].keys() == {"macd", "signal", "histogram"}


def test_a_candle_of_too_few_minutes_is_no_part_of_it(hearing: Hearing) -> None:
    bars, one = stored(), form()
    roll_up(ago=0, minutes=3)
    upkeep.look(SYMBOL, "1h", None)
    want("rsi", "obv")
    forming.follow()
    values = hearing()[0]["values"]
    whole = bars.last(300).where(slice(299)).followed_by(bars_of([one]))
    batch = {
        name: indicators.compute(STUDIES[name], whole, STUDIES[name].defaults)[name][-1]
        for name in ("rsi", "obv")
    }
    assert {name: values[name][name] for name in batch} == {
        name: shelf.text(float(value)) for name, value in batch.items()
    }


def test_between_two_writings_the_price_told_last_counts(hearing: Hearing) -> None:
    bars, one = stored(), form()
    want("rsi")
    heard = []
    for close in ("104", "90"):
        told_last(one, close)
        forming.follow()
        heard += hearing()
    assert len({frame["values"]["rsi"]["rsi"] for frame in heard}) == 2
    now = replace(one, close=Decimal(90), low=Decimal(90))
    batch = indicators.compute(STUDIES["rsi"], bars.followed_by(bars_of([now])), {"length": 14})
    assert heard[1]["values"]["rsi"]["rsi"] == shelf.text(float(batch["rsi"][-1]))


def test_a_frame_of_another_candle_does_not_count(hearing: Hearing) -> None:
    stored()
    want("rsi")
    one = form()
    forming.follow()
    told_last(replace(one, open_time=NOON - timedelta(hours=1)), "90")
    forming.follow()
    first, second = hearing()
    assert first["values"] == second["values"]


def test_sums_go_on_from_the_stored_ones(hearing: Hearing) -> None:
    stored()
    upkeep.look(SYMBOL, "1h", None)
    pair, one = catalog.instrument(SYMBOL), form()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE market_study SET figures[%s] = figures[%s] + 1000",
            [shelf.PLACES["obv.obv"]] * 2,
        )
    before = shelf.read(pair.id, "1h", ["obv.obv", "close"], limit=1)[0].figures
    want("obv")
    forming.follow()
    change = np.sign(float(one.close) - (before[1] or 0)) * 3
    assert float(hearing()[0]["values"]["obv"]["obv"]) == pytest.approx((before[0] or 0) + change)


def test_nobody_hears_of_charts_that_were_closed(hearing: Hearing) -> None:
    stored(50)
    form()
    want("rsi", ago=16)
    assert not watched.any_chart(at=time.time())
    assert forming.follow() == "0 charts"
    assert hearing() == []


def test_nothing_is_said_where_no_candle_forms(hearing: Hearing) -> None:
    stored(50)
    want("rsi")
    assert forming.follow() == "0 charts"


def test_foreign_words_in_the_set_are_passed_over(hearing: Hearing) -> None:
    stored(50)
    form()
    members = ("", "|", f"{SYMBOL}|1h|magic", f"{SYMBOL}|2h|rsi", "EUR-XXX|1h|rsi")
    redis_client().zadd(watched.WANTED, dict.fromkeys(members, time.time()))
    assert forming.follow() == "0 charts"


def test_closed_candles_are_read_once_until_the_next_one_closes(hearing: Hearing) -> None:
    stored()
    form()
    want("rsi")
    forming.follow()
    (past,) = forming._pasts.values()
    forming.follow()
    assert list(forming._pasts.values()) == [past]
    assert len(hearing()) == 2


def test_history_brought_behind_the_candles_is_known_a_minute_later(
    hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(5)
    form()
    want("rsi")
    forming.follow()
    stored()
    monkeypatch.setattr(forming, "KEPT_S", -1.0)
    forming.follow()
    before, after = hearing()
    assert before["values"]["rsi"]["rsi"] is None
    assert after["values"]["rsi"]["rsi"] is not None
