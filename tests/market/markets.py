"""Rows of candles for tests of indicators and signals: recorded, random, and with faults."""

import csv
import gzip
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from market.indicators import Bars
from tests import recorded

HOUR_S = 3600
REFERENCE = "indicators/indicator_reference_502bars.csv.gz"


def bars(closes: Sequence[float], *, spread: float = 0.001, volume: float = 10.0) -> Bars:
    """Hourly candles with these closes; each opens at the close before it."""
    close = np.array(closes, dtype=float)
    opened = np.concatenate([close[:1], close[:-1]])
    high = np.maximum(opened, close) * (1 + spread)
    low = np.minimum(opened, close) * (1 - spread)
    time = np.arange(len(close), dtype=np.int64) * HOUR_S
    return Bars(time, opened, high, low, close, np.full(len(close), volume))


def random_bars(count: int, *, seed: int = 1, price: float = 100.0) -> Bars:
    """A random walk with uneven spreads and volumes."""
    random = np.random.default_rng(seed)
    close = price * np.exp(np.cumsum(random.normal(0, 0.01, count)))
    opened = np.concatenate([close[:1], close[:-1]])
    high = np.maximum(opened, close) * (1 + random.exponential(0.003, count))
    low = np.minimum(opened, close) * (1 - random.exponential(0.003, count))
    time = np.arange(count, dtype=np.int64) * HOUR_S
    return Bars(time, opened, high, low, close, random.exponential(10, count))


def still_bars(count: int, *, price: float = 0.1) -> Bars:
    """A market in which nothing moves."""
    line = np.full(count, price)
    time = np.arange(count, dtype=np.int64) * HOUR_S
    return Bars(time, line, line, line, line, np.full(count, 3.0))


def reference() -> tuple[Bars, dict[str, np.ndarray]]:
    """The recorded candles, and every column recorded beside them; NaN where empty."""
    with gzip.open(recorded.path(REFERENCE), "rt") as file:
        rows = list(csv.DictReader(file))
    columns = {
        name: np.array([float(row[name]) if row[name] else np.nan for row in rows])
        for name in rows[0]
        if name != "date"
    }
    time = np.arange(len(rows), dtype=np.int64) * 24 * HOUR_S
    prices = (columns[name] for name in ("open", "high", "low", "close", "volume"))
    return Bars(time, *prices), columns


markets = st.builds(
    random_bars,
    st.integers(150, 400),
    seed=st.integers(0, 10_000),
    price=st.sampled_from([1e-5, 0.9, 1.1, 150.0, 60_000.0]),
)
