"""Are the stored values up to date? Computes what closed candles have added, a little at a time.

Every look compares the candles' closes and volumes with those the stored values were computed of,
so a gap that was healed, or history that was brought, is computed anew from there on.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from core import clock
from market import candles, catalog, gaps, indicators, signal_feed
from market.candles import Series
from market.indicators.bars import Array, Bars, bars_of
from market.signals import watch
from market.studies import STUDIES, shelf
from market.studies.shelf import LAYOUT, PLACES, State

REACH = max(study.reach(study.defaults) or 0 for study in STUDIES.values())
WINDOW = 2000  # candles of an ordinary look: the longest reach (a day of minutes) and some
GRACE = timedelta(seconds=5)  # that a roll-up may take
AGAIN = timedelta(seconds=30)  # looked once more where a candle did not come
PATIENCE = timedelta(minutes=5)
EMPTY_AGAIN = timedelta(minutes=1)  # a series without candles may get its past at any time
WHOLE = timedelta(hours=1)  # so often all that is kept is compared, not only the window
BUDGET_S = 0.7  # of one run; what is left waits for the next, and others get their turn
CUMULATIVE = [
    column for study in STUDIES.values() if study.cumulative for column in shelf.columns_of(study)
]


def refresh() -> str:
    """Compute what is due, oldest look first, as long as the budget lasts."""
    began, done = time.monotonic(), 0
    for symbol, interval, known in due(clock.now()):
        if time.monotonic() - began > BUDGET_S:
            break
        done += look(symbol, interval, known)
    return f"{done} series"


def due(at: datetime) -> list[tuple[str, str, State | None]]:
    """Every series a candle of which should have closed since somebody looked."""
    states = shelf.states()
    asked = [
        (pair.symbol, interval, states.get((pair.id, interval)))
        for pair in catalog.instruments()
        for interval in candles.INTERVALS
    ]
    waiting = [one for one in asked if _is_due(one[1], one[2], at)]
    return sorted(waiting, key=_urgency)


def look(symbol: str, interval: str, known: State | None) -> bool:
    """Compute what one series lacks; False where nothing new has closed."""
    pair, at = catalog.instrument(symbol), clock.now()
    if not shelf.claim(pair.id, interval, at=at, before=known.looked_at if known else None):
        return False
    current = known if known and known.layout == shelf.STAMP else None
    whole = current is None or _is_of_earlier(current.looked_at, WHOLE, at)
    if current and not whole and not _has_news(symbol, interval, current):
        return False
    series = candles.series(symbol, interval, limit=candles.LIMIT_MAX if whole else WINDOW)
    if not series.candles:
        return False
    anew = current is None or current.simulated != series.simulated
    if not _store(pair.id, series, anew=anew, whole=whole):
        whole_series = candles.series(symbol, interval, limit=candles.LIMIT_MAX)
        _store(pair.id, whole_series, anew=anew, whole=True)
    if whole:
        shelf.trim(pair.id, interval)
        signal_feed.forget(symbol, interval, at=at)
    return True


def figures_of(bars: Bars) -> Array:
    """The layout's columns of these candles; one row a candle."""
    table = np.full((len(bars), len(LAYOUT)), np.nan)
    table[:, PLACES["close"] - 1], table[:, PLACES["volume"] - 1] = bars.close, bars.volume
    for study in STUDIES.values():
        for name, line in indicators.compute(study, bars, study.defaults).items():
            table[:, PLACES[f"{study.name}.{name}"] - 1] = line
    return table


def _store(instrument_id: int, series: Series, *, anew: bool, whole: bool) -> bool:
    """Store what differs; False where that begins so early that older candles are needed for it."""
    bars = bars_of(series.candles, partial=series.partial)
    table = figures_of(bars)
    times = [one.open_time for one in series.candles]
    same = 0 if anew else _stored_alike(instrument_id, series.interval, times, bars, table)
    before = int(np.isfinite(bars.close[:same]).sum())
    if not whole and len(times) == WINDOW and before < REACH:
        return False
    if same == len(times):
        return True
    watch.tell(series, bars, table, since=same)  # first: it may be repeated
    shelf.replace(
        instrument_id,
        series.interval,
        ((at, rowed(row)) for at, row in zip(times[same:], table[same:], strict=True)),
        since=None if anew else times[same],
        computed_to=times[-1],
        simulated=series.simulated,
    )
    return True


def rowed(row: Array) -> list[float | None]:
    """Figures as the database keeps them: what is not known is null."""
    return [None if value != value else value for value in row.tolist()]


def _stored_alike(
    instrument_id: int, interval: str, times: Sequence[datetime], bars: Bars, table: Array
) -> int:
    """How many of these candles, from the first on, are stored as they are; carries sums on."""
    columns = (*shelf.WITNESSES, *CUMULATIVE)
    rows = shelf.read(instrument_id, interval, columns, limit=len(times))
    rows = [row for row in rows if row.time >= times[0]]
    stored = np.array([row.figures for row in rows], dtype=float).reshape(-1, len(columns))
    held = np.array([row.time.timestamp() for row in rows], dtype=np.int64)
    count = min(len(rows), len(times))
    witnesses = np.column_stack([bars.close, bars.volume])[:count]
    alike = (held[:count] == bars.time[:count]) & np.isclose(
        stored[:count, :2], witnesses, rtol=1e-12, atol=0, equal_nan=True
    ).all(axis=1)
    same = count if alike.all() else int(alike.argmin())
    for place, name in enumerate(CUMULATIVE, len(shelf.WITNESSES)):
        column = table[:, PLACES[name] - 1]
        shifts = stored[:same, place] - column[:same]
        column += next(iter(shifts[np.isfinite(shifts)][::-1]), 0.0)
    return same


def _is_due(interval: str, known: State | None, at: datetime) -> bool:
    if known is None:
        return True
    rested, step = at - known.looked_at, candles.INTERVALS[interval]
    if known.layout != shelf.STAMP or known.computed_to is None:
        return rested >= EMPTY_AGAIN
    if _is_of_earlier(known.looked_at, WHOLE, at):
        return True
    begun = gaps.bucket(at, step)
    if at < begun + GRACE or known.computed_to >= begun - step:
        return False
    return known.looked_at < begun + GRACE or (at - begun < PATIENCE and rested >= AGAIN)


def _is_of_earlier(looked_at: datetime, period: timedelta, at: datetime) -> bool:
    return looked_at < gaps.bucket(at, period)


def _urgency(one: tuple[str, str, State | None]) -> tuple[timedelta, datetime]:
    """Short intervals first; among equals whoever waited longest."""
    _, interval, known = one
    return candles.INTERVALS[interval], known.looked_at if known else gaps.EPOCH


def _has_news(symbol: str, interval: str, known: State) -> bool:
    newest = candles.series(symbol, interval, limit=1).candles
    return bool(newest) and newest[-1].open_time != known.computed_to
