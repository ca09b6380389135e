"""Do open charts hear of candles that came late, and nobody of what nobody looks at?"""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.push import redis_client
from market import candle_files, catalog, history, import_removal, simulated_past
from market.candles import Candle
from market.charts.watching import CANDLES, channel
from market.simulation import SIMULATED
from tests.market.said import NOON

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LATER = NOON + timedelta(minutes=7)


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    redis_client().delete(CANDLES, SIMULATED)
    with clock.frozen(LATER):
        yield
    redis_client().delete(CANDLES, SIMULATED)


@pytest.fixture
def heard() -> Iterator[Any]:
    client: Any = redis_client()
    with client.pubsub(ignore_subscribe_messages=True) as subscription:
        subscription.subscribe(channel("BTC-USD", "1m"), channel("BTC-USD", "5m"))
        for _ in range(2):
            subscription.get_message(timeout=1)
        yield lambda: [
            json.loads(one["data"])
            for one in iter(lambda: subscription.get_message(timeout=0.2), None)
        ]


def want(*intervals: str) -> None:
    redis_client().zadd(CANDLES, {f"BTC-USD|{one}": LATER.timestamp() for one in intervals})


def keep(*minutes: int) -> None:
    """The venue told these minutes after noon."""
    pair, two = catalog.instrument("BTC-USD"), Decimal(2)
    rows = [
        Candle(pair.id, "kraken", "1m", NOON + one * MINUTE, two, two, two, two, Decimal(5))
        for one in minutes
    ]
    history.keep(pair, "kraken", "1m", rows, at=LATER)


def times(frame: dict[str, Any]) -> list[str]:
    return [one["time"][11:16] for one in frame["candles"]]


def test_minutes_that_came_late_and_what_they_made_are_told(heard: Any) -> None:
    want("1m", "5m")
    keep(0, 1, 2, 3, 4)
    minutes, five = heard()
    assert (minutes["type"], minutes["interval"], five["interval"]) == ("healed", "1m", "5m")
    assert times(minutes) == ["12:00", "12:01", "12:02", "12:03", "12:04"]
    assert (times(five), five["candles"][0]["volume"]) == (["12:00"], "25")
    assert (five["start"], five["end"]) == ("2026-11-18T12:00:00.000Z", "2026-11-18T12:05:00.000Z")


def test_what_is_missing_still_is_told_too(heard: Any) -> None:
    want("1m")
    keep(0, 3)
    (frame,) = heard()
    assert [(one["start"][11:16], one["end"][11:16]) for one in frame["gaps"]] == [
        ("12:01", "12:03")
    ]


def test_a_long_time_is_left_to_the_chart_to_fetch(heard: Any) -> None:
    want("1m")
    keep(*range(-450, 0))
    (frame,) = heard()
    assert (frame["type"], frame["start"][11:16], frame["end"][11:16]) == (
        *("changed", "04:30", "12:00"),
    )
    assert "candles" not in frame


def test_nobody_is_told_what_nobody_watches(heard: Any) -> None:
    want("1h")
    keep(0, 1)
    assert heard() == []


def test_the_past_of_the_simulated_market_is_told_when_it_is_there(heard: Any) -> None:
    want("1m", "5m")
    redis_client().set(SIMULATED, '["BTC-USD"]')
    simulated_past.recall()
    assert {(frame["type"], frame["interval"]) for frame in heard()} == {
        *(("changed", "1m"), ("changed", "5m")),
    }


def test_candles_of_a_file_are_told_and_those_taken_back_too(
    heard: Any, tmp_path: Path, settings: Any
) -> None:
    settings.LAKE_URL = tmp_path.as_uri()
    want("1m")
    file = tmp_path / "minutes.csv"
    file.write_text("time,open,high,low,close\n2026-11-18T11:58:00Z,2,2,2,2\n")
    candle_files.bring(file, "BTC-USD", "1m", source="bitstamp")
    assert [times(frame) for frame in heard()] == [["11:58"]]
    import_removal.take_back("BTC-USD", "1m", source="bitstamp")
    assert [(frame["type"], times(frame)) for frame in heard()] == [("healed", [])]
