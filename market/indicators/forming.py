"""What do indicators say of the candle that forms? Once a second, for what somebody looks at.

The closed candles stay in this process until a new one closes, a minute at most, because history
may be brought behind them; the forming one is put after them.
"""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import clock, push
from core.errors import Refused
from market import candles, catalog, indicators
from market.candles import Candle
from market.charts import told
from market.indicators.bars import Bars, bars_of
from market.indicators.upkeep import CUMULATIVE, WINDOW
from market.studies import Wish, shelf, watched
from market.studies.watched import Chart

KEPT_S = 60.0
KEPT_MAX = 200  # charts; whoever looks at more makes this process read them again


@dataclass(frozen=True, slots=True)
class Past:
    """The whole closed candles of one chart, and where its sums stood at the last of them."""

    closed_at: datetime | None
    read_at: float  # monotonic
    bars: Bars
    sums: dict[str, float | None]


_pasts: dict[Chart, Past] = {}


def follow() -> str:
    """Publish one frame for every chart that is looked at; says how many."""
    charts = watched.charts(at=time.time())
    lately = told.frames(charts)
    for chart in [chart for chart in _pasts if chart not in charts][: len(_pasts) - KEPT_MAX]:
        del _pasts[chart]
    said = 0
    for chart, wishes in charts.items():
        frame = frame_of(chart, wishes, lately.get(chart))
        if frame is not None:
            push.publish(f"candles:{chart.symbol}:{chart.interval}", json.dumps(frame))
            said += 1
    return f"{said} charts"


def frame_of(
    chart: Chart, wishes: list[Wish], lately: dict[str, Any] | None = None
) -> dict[str, object] | None:
    """The message of one chart; None where no candle forms, or nobody knows the instrument.

    What was stored of the forming candle is up to 10 s old; `lately` is its frame told last.
    """
    try:
        newest = candles.series(chart.symbol, chart.interval, limit=1)
    except Refused:
        return None
    if newest.forming is None:
        return None
    forming = told.brought_up_to_date(newest.forming, lately)
    past = _past(chart, newest.candles[-1].open_time if newest.candles else None)
    values = {wish.text: _values(wish, past, forming) for wish in wishes}
    return {
        "type": "indicators",
        "instrument": chart.symbol.replace("-", "/"),
        "interval": chart.interval,
        "time": clock.iso(forming.open_time),
        "values": values,
    }


def _values(wish: Wish, past: Past, forming: Candle) -> dict[str, str | None]:
    bars = past.bars.followed_by(bars_of([forming]))
    found = indicators.newest(wish.study, bars, wish.parameters)
    if wish.study.cumulative:
        found = _carried_on(wish, past, found)
    return {name: shelf.text(None if value != value else value) for name, value in found.items()}


def _carried_on(wish: Wish, past: Past, found: dict[str, float]) -> dict[str, float]:
    """Running sums go on from the stored ones, which began with the first candle known."""
    here = indicators.newest(wish.study, past.bars, wish.parameters) if len(past.bars) else {}
    shifts = {name: past.sums.get(f"{wish.study.name}.{name}") for name in found}
    return {
        name: value if (stored := shifts[name]) is None else value + stored - here[name]
        for name, value in found.items()
    }


def _past(chart: Chart, closed_at: datetime | None) -> Past:
    known = _pasts.get(chart)
    is_old = known is not None and time.monotonic() - known.read_at > KEPT_S
    if known is None or is_old or known.closed_at != closed_at:
        known = _pasts[chart] = _read(chart, closed_at)
    return known


def _read(chart: Chart, closed_at: datetime | None) -> Past:
    series = candles.series(chart.symbol, chart.interval, limit=WINDOW)
    whole = series.whole
    last = whole[-1].open_time if whole else None
    return Past(closed_at, time.monotonic(), bars_of(whole), _sums(chart, last))


def _sums(chart: Chart, last: datetime | None) -> dict[str, float | None]:
    pair = catalog.instrument(chart.symbol)
    rows = shelf.read(pair.id, chart.interval, CUMULATIVE, limit=1, whole=True)
    if not rows or rows[-1].time != last:
        return {}
    return dict(zip(CUMULATIVE, rows[-1].figures, strict=True))
