"""Do indicators and signals hold on recorded markets, with their outages, gaps and flat bars?"""

import numpy as np
import pytest
from pyarrow import compute, parquet

from market import indicators
from market.indicators import Bars
from market.indicators.upkeep import figures_of
from market.signals import Market, find
from market.studies import STUDIES
from tests import recorded

OUTAGE = "crypto/binance_BTC-ETH-USDT_5m_2023Q1.parquet"  # 28 bars without volume on March 24
GAPS = "crypto/binance_BTC-USDT_1h_2017-2022.parquet"  # 27 gaps, one of 34 hours
FIXINGS = "forex/oanda_EUR-USD_1h_bidask_2013-2018.parquet"  # weekends, no volume
BOUNDS = {
    "rsi.rsi": (0, 100),
    "mfi.mfi": (0, 100),
    "stochastic.k": (0, 100),
    "williams.williams": (-100, 0),
    "adx.adx": (0, 100),
    "aroon.oscillator": (-100, 100),
}


def market(name: str, *, symbol: str = "", prefix: str = "", count: int = 6000) -> Bars:
    """The newest candles of a recorded file."""
    table = parquet.read_table(recorded.path(name))
    if symbol:
        table = table.filter(compute.equal(table["symbol"], symbol))
    table = table.slice(max(len(table) - count, 0))
    unknown = np.full(len(table), np.nan)
    opened, high, low, close = (
        table[prefix + column].to_numpy() for column in ("open", "high", "low", "close")
    )
    volume = table["volume"].to_numpy() if "volume" in table.column_names else unknown
    time = table["timestamp"].to_numpy().astype("datetime64[s]").astype(np.int64)
    return Bars(time, opened, high, low, close, volume)


@pytest.fixture(scope="module")
def outage() -> Bars:
    whole = market(OUTAGE, symbol="BTC/USDT", count=30_000)
    dry = np.flatnonzero(whole.volume == 0)
    return whole.where(slice(dry[0] - 400, dry[-1] + 200))


@pytest.mark.parametrize("column", BOUNDS)
def test_values_stay_within_their_bounds_through_an_outage(outage: Bars, column: str) -> None:
    name, _, output = column.partition(".")
    study, (low, high) = STUDIES[name], BOUNDS[column]
    line = indicators.compute(study, outage, study.defaults)[output]
    known = line[np.isfinite(line)]
    assert len(known) > 500
    assert low <= known.min() <= known.max() <= high


def test_an_outage_without_movement_is_told_by_no_signal(outage: Bars) -> None:
    dry = np.flatnonzero(outage.volume == 0)
    found = find(Market(outage, figures_of(outage)))
    inside = [event for event in found if dry[5] < event.place <= dry[-1]]
    assert not {event.kind for event in inside} & {"volume_surge", "unusual_move", "rsi_extreme"}


@pytest.mark.parametrize(("name", "prefix"), [(GAPS, ""), (FIXINGS, "bid_")])
def test_gaps_make_neither_errors_nor_unusual_moves(name: str, prefix: str) -> None:
    bars = market(name, prefix=prefix, count=3000)
    found = find(Market(bars, figures_of(bars)))
    after_gap = np.flatnonzero(np.diff(bars.time) > 3600) + 1
    assert len(found) > 100
    moved = {event.place for event in found if event.kind == "unusual_move"}
    assert not moved & set(after_gap.tolist())
