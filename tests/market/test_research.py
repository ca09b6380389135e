"""The same frame from PostgreSQL and from the lake, and the same choice as everybody else's."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.core.management import CommandError, call_command
from pandas.testing import assert_frame_equal

from core import clock
from core.errors import Broken, Refused
from core.push import redis_client
from market import candles, lake, manifests, research
from market.simulation import SIMULATED
from tests.market import lakeside
from tests.market.lakeside import NOON, candle

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def written(settings, tmp_path: Path) -> Iterator[None]:
    """A past in both stores: whole and partial hours, volumes here and there, a simulated one."""
    settings.LAKE_URL = tmp_path.as_uri()
    redis_client().delete(SIMULATED)
    lakeside.fill(hours=40)
    partly: dict[str, Any] = {"minutes": 59}
    quiet: dict[str, Any] = {"volume": None}
    thin: dict[str, Any] = {"minutes": 3, "volume": Decimal(1)}
    lakeside.store(
        candle(NOON - 3 * HOUR, source="reference", **partly),
        candle(NOON - 4 * HOUR, source="reference", **quiet),
        candle(NOON - 5 * HOUR, source="kraken", **quiet),
        candle(NOON - 6 * HOUR, source="reference", **quiet),
        candle(NOON - 6 * HOUR, source="kraken", **thin),
        candle(NOON - 6 * HOUR, source="coinbase"),
        candle(NOON - 50 * HOUR, source="imported"),
        candle(NOON - 51 * HOUR, source="simulated"),
        candle(NOON - 60 * HOUR, source="coinbase", **partly),
    )
    with clock.frozen(NOON):
        lake.write(lake.store(), since=lake.FROM_THE_BEGINNING)
        yield


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"source": "kraken"},
        {"source": "nobody"},
        {"start": NOON - 10 * HOUR, "end": NOON - 2 * HOUR},
        {"interval": "1d"},
        {"interval": "1m"},
        {"symbol": "EUR-USD"},
        {"symbol": "DOGE-USD"},
    ],
    ids=str,
)
def test_both_stores_give_equal_frames(wish: dict[str, object]) -> None:
    asked = {"symbol": "BTC-USD", "interval": "1h"} | wish
    one = research.frame(store="database", **asked)  # type: ignore[arg-type]
    other = research.frame(store="lake", **asked)  # type: ignore[arg-type]
    assert_frame_equal(one, other, check_exact=True)


def test_the_best_series_is_everybodys() -> None:
    frame = research.frame("BTC-USD", "1h", store="lake")
    series = candles.series("BTC-USD", "1h", limit=5000).candles
    told = [(one.open_time, float(one.close), one.source, one.volume) for one in series]
    assert len(told) == 42
    volumes = [None if pd.isna(volume) else volume for volume in frame["volume"]]
    found = zip(frame.index, frame["close"], frame["source"], volumes, strict=True)
    expected = [(*one[:3], one[3] and float(one[3])) for one in told]
    assert [(at.to_pydatetime(), *rest) for at, *rest in found] == expected
    assert frame["source"].to_dict()[pd.Timestamp(NOON - 3 * HOUR)] == "kraken"


def test_a_frame_has_utc_times_and_floats() -> None:
    frame = research.frame("BTC-USD", "1h", source="kraken")
    assert str(frame.index.dtype) == "datetime64[us, UTC]"
    assert list(frame.columns) == ["open", "high", "low", "close", "volume", "source"]
    assert {str(frame[name].dtype) for name in research.FIGURES} == {"float64"}


def test_an_unknown_instrument_or_interval_is_refused() -> None:
    with pytest.raises(Refused, match="XXX"):
        research.frame("XXX-USD", "1h")
    with pytest.raises(Refused, match="interval"):
        research.frame("BTC-USD", "2h")


def test_the_command_prints_what_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("lake", "query", "btc-usd", "--start", "2026-11-20T09:00Z", "--source", "kraken")
    shown = capsys.readouterr().out
    assert "2026-11-20 09:00:00+00:00" in shown
    assert shown.endswith("3 candles\n")


def test_the_command_verifies_and_rebuilds(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    call_command("lake", "verify")
    lakeside.empty()
    call_command("lake", "rebuild")
    call_command("lake", "write")
    assert "12 files, each as it was written." in capsys.readouterr().out
    next(tmp_path.rglob("*.parquet")).unlink()
    with pytest.raises(CommandError, match="1 files are not as they should be"):
        call_command("lake", "verify")


def test_another_sources_spoiled_list_is_in_nobodys_way() -> None:
    for key in manifests.keys(lake.store(), "candles/interval=1h/source=reference/"):
        lake.store().put(key, b"{")
    asked = ("BTC-USD", "1h")
    found = research.frame(*asked, source="kraken", store="lake")
    assert_frame_equal(found, research.frame(*asked, source="kraken"))
    with pytest.raises(Broken):
        research.frame(*asked, store="lake")
