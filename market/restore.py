"""How does the writer of prices go on after a restart? From what it stored."""

from datetime import datetime, timedelta

from django.db.backends.utils import CursorWrapper

from core import clock
from market import candles, catalog, fixings, quotes, sources
from market.fixings import Book
from market.minutes import closes, extremes, last_closes
from market.pricing import Memory
from market.simulation import SOURCE as SIMULATED_SOURCE
from market.simulation import Simulation
from market.today import Minutes, Range, Today, minute_source, worth_of

MINUTE = timedelta(minutes=1)
MINUTES_A_DAY = 24 * 60


def memory(cursor: CursorWrapper, *, feeds: list[str], at: datetime) -> Memory:
    """Everything known, from PostgreSQL; the bundled fixings are loaded if there are none."""
    fixings.load_history(cursor)
    known = Memory(
        catalog.read(cursor),
        simulation=Simulation(started_at=at),
        today=Today(clock.midnight(at)),
        book=Book(fixings.latest(cursor)),
    )
    known.sources = sources.load(cursor)
    _restore_simulation(cursor, known, feeds=feeds, at=at)
    _restore_prices(cursor, known)
    _restore_day(cursor, known)
    return known


def position(cursor: CursorWrapper) -> str:
    """The last entry of the inbox whose outcome is stored."""
    cursor.execute("SELECT entry FROM market_inbox_position")
    row = cursor.fetchone()
    return row[0] if row else "0-0"


def _restore_simulation(
    cursor: CursorWrapper, known: Memory, *, feeds: list[str], at: datetime
) -> None:
    said = {name for name, source in known.sources.items() if source.first_success_at}
    cursor.execute(
        "SELECT symbol FROM market_latest JOIN market_instrument i ON i.id = instrument_id"
        " WHERE first_real_at IS NOT NULL"
    )
    known.simulation = Simulation(
        started_at=at,
        chosen=SIMULATED_SOURCE in feeds or SIMULATED_SOURCE in said,
        alone=feeds == [SIMULATED_SOURCE],
        answered=bool(said - {SIMULATED_SOURCE}),
        real={row[0] for row in cursor.fetchall()},
    )
    listed = [pair.symbol for pair in known.direct]
    known.simulated = known.simulation.symbols(listed, at=at)


def _restore_prices(cursor: CursorWrapper, known: Memory) -> None:
    """The last prices that sources made, unless they are of the other market, real or simulated."""
    cursor.execute("SELECT price::text FROM market_latest WHERE price IS NOT NULL")
    for (text,) in cursor.fetchall():
        price = quotes.decode(text)
        if price.simulated == (price.symbol in known.simulated):
            known.made[price.symbol] = price


def _restore_day(cursor: CursorWrapper, known: Memory) -> None:
    """Today's extremes from our own minutes, and the sources' days as seeds."""
    starts = known.today.starts
    pairs = {pair.id: pair for pair in known.direct}
    before = starts - timedelta(days=1)
    end = starts + timedelta(days=1)
    known.today.simulated = frozenset(
        worth_of(pair)[0] for pair in known.direct if pair.symbol in known.simulated
    )
    for day in candles.said_days(cursor, before, end):
        if day.instrument_id in pairs:
            known.today.seed(pairs[day.instrument_id], day)
    priced = {
        (pair.id, minute_source(pair.symbol in known.simulated)): worth_of(pair)
        for pair in known.direct
    }
    _restore_extremes(cursor, known.today, priced)
    for instrument_id, source, at, close in last_closes(cursor, before, starts):
        if (instrument_id, source) in priced:
            code, inverted = priced[instrument_id, source]
            known.today.recall(code, 1 / close if inverted else close, at=at)


def _restore_extremes(
    cursor: CursorWrapper, today: Today, priced: dict[tuple[int, str], tuple[str, bool]]
) -> None:
    """Today's minutes, as worths; `priced` names the instruments and sources that count now."""
    ranges: dict[str, Range] = {}
    minutes: dict[str, Minutes] = {}
    for instrument_id, source, high, low, since in extremes(cursor, today.starts):
        if (instrument_id, source) in priced:
            code, inverted = priced[instrument_id, source]
            edges = (1 / low, 1 / high) if inverted else (high, low)
            ranges[code], minutes[code] = Range(*edges, since), [None] * MINUTES_A_DAY
    for instrument_id, source, at, close in closes(cursor, today.starts):
        if (instrument_id, source) in priced:
            code, inverted = priced[instrument_id, source]
            place = int((at - today.starts) / MINUTE)
            if place < MINUTES_A_DAY:
                minutes[code][place] = 1 / close if inverted else close
    today.restore(ranges, minutes)
