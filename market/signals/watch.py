"""Has anything happened at the candles that have just closed? Finds it and has it stored once."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from market import signal_feed
from market.candles import Series
from market.indicators import Array, Bars
from market.signal_feed import Happening
from market.signals import Event, Market, find

CATCH_UP = 500  # candles looked at where many are new, as after history was brought
TAIL = 800  # candles before the first new one: what rules look back at


def tell(series: Series, bars: Bars, table: Array, *, since: int) -> int:
    """Store what happened at the candles from `since` on; says how many events were found.

    A candle made of too few minutes is passed over. What was told of these candles as they were
    before is taken back unless it happened all the same.
    """
    since = max(since, len(bars) - CATCH_UP)
    first = max(since - TAIL, 0)
    partial = series.partial
    times = [one.open_time for one in series.candles]
    told = [place for place in range(first, len(times)) if times[place] not in partial]
    market = Market(bars.where(np.array(told, dtype=int)), table[told])
    events = find(market, since=bisect_left(told, since)) if told else []
    found = happenings(series, [times[place] for place in told], events)
    signal_feed.record(
        found, series.symbol, series.interval, since=times[since], simulated=series.simulated
    )
    return len(events)


def happenings(
    series: Series, times: Sequence[datetime], events: Sequence[Event]
) -> list[Happening]:
    """Events with the names and moments of their series."""
    return [
        Happening(
            id=signal_feed.name_of(
                series.symbol,
                series.interval,
                event.kind,
                times[event.place],
                simulated=series.simulated,
            ),
            symbol=series.symbol,
            interval=series.interval,
            kind=event.kind,
            time=times[event.place],
            direction=event.direction,
            strength=event.strength,
            sentence=event.sentence,
            evidence=event.evidence,
            simulated=series.simulated,
        )
        for event in events
    ]
