"""What does a venue remember? Its own candles, page by page, into ours; and gaps made good.

Everything here may be done again: a page that is stored is not asked for, one that is asked for
twice replaces itself, and what was stored stays when the venue fails half-way.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TypeVar, cast

import structlog
from django.db import connection, transaction
from django.utils.module_loading import import_string

from core import clock
from core.errors import Code, Refused
from core.push import redis_client
from market import candle_store, candles, catalog, gaps, locks, polling, rollup, sources
from market.candles import INTERVALS, MINUTE, Candle
from market.catalog import InstrumentInfo
from market.charts import coming, healed
from market.feeds import roster
from market.feeds.feed import HistoryFeed, Trouble
from market.gaps import bucket
from market.inbox import RawCandle
from market.numbers import Unfit

log = structlog.get_logger(__name__)

TRIES = 5
PATIENCE_S = 60.0  # no venue is waited for any longer
HEALED_AT_ONCE = 3  # instruments of a venue, in one call
SETTLED = timedelta(minutes=3)  # younger minutes are the writer of prices' alone: nobody waits
LATER_S = 1.0  # before the second try; doubles

# Candles as a source said them: no roll-ups, and no minutes made of its ticks (without a volume).
SAID = (
    "instrument_id = %s AND source = %s AND interval = %s AND open_time >= %s AND closed"
    " AND minutes IS NULL AND (volume IS NOT NULL OR NOT %s)"
)

Answered = TypeVar("Answered")


@dataclass(slots=True)
class Outcome:
    """What came of asking one venue: candles stored, those known before, what was refused."""

    source: str
    start: datetime
    end: datetime
    at: datetime
    stored: int = 0
    known: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    trouble: Trouble | None = None  # why it broke off

    @property
    def share(self) -> float:
        """How much of the way is done, from 0 to 1."""
        return min(1.0, (self.at - self.start) / (self.end - self.start))


Tell = Callable[[Outcome], None]


def backfill(
    symbol: str,
    interval: str,
    *,
    since: datetime,
    until: datetime | None = None,
    source: str = "",
    tell: Tell = lambda _: None,
) -> list[Outcome]:
    """Fetch the closed candles of an instrument from every switched-on venue that trades it.

    `tell` hears after each page. A venue that goes on failing keeps no other from being asked.
    Raises Refused for an unknown instrument or interval and where no venue trades it, Trouble
    where every venue failed; what was stored stays.
    """
    pair, step = catalog.instrument(symbol), candles.step_of(interval)
    start, end = bucket(since, step), bucket(min(until or clock.now(), clock.now()), step)
    if start >= end:
        raise Refused(Code.MALFORMED, "The time to fetch ends before it begins.")
    named = [one for one in roster.configured() if one.recalls and source in ("", one.name)]
    asked = (_ask(_feed(one.feed), pair, interval, start, end, tell) for one in named)
    outcomes = [one for one in asked if one]
    coming.end(pair.symbol)
    if not outcomes:
        known = ", ".join(one.name for one in named) or "none is switched on"
        message = f"No source ({known}) has a history of {pair.symbol}."
        raise Refused(Code.NOT_FOUND, message, symbol=pair.symbol)
    answered = [one.source for one in outcomes if not one.trouble]
    if not answered and outcomes[0].trouble:
        raise outcomes[0].trouble
    note_gaps(pair, interval, start, end, asked=answered)
    return outcomes


def heal(name: str) -> str:
    """Bring some instruments' minutes up to date from a venue's own; says what became of it."""
    source = roster.named(name)
    if source is None or not source.recalls:
        return "not configured"
    with locks.alone(f"market:healing:{name}", forgotten_s=polling.LOCK_S) as alone:
        if not alone or polling.is_left_alone(name):
            return "left alone"
        try:
            return f"{_heal(_feed(source.feed))} candles"
        except Trouble as trouble:
            polling.leave_alone(name, trouble.wait_s, trouble.detail)
            return trouble.problem


def note_gaps(
    pair: InstrumentInfo, interval: str, start: datetime, end: datetime, *, asked: Sequence[str]
) -> None:
    """Keep what is still missing in [start, end), with whom we asked in vain."""
    reason = f"not recorded here, and not told by {', '.join(map(sources.title, asked))}"
    with transaction.atomic(), connection.cursor() as cursor:
        heard = candles.sources_of(cursor, pair)
        names = candles.ranked(pair, heard, interval, simulated=False)
        gaps.note(cursor, pair, interval, names, start, end, INTERVALS[interval], reason)


def _ask(
    feed: HistoryFeed,
    pair: InstrumentInfo,
    interval: str,
    start: datetime,
    end: datetime,
    tell: Tell,
) -> Outcome | None:
    """Ask one venue for all of it; None where it has not this very market."""
    outcome = Outcome(feed.name, start, end, start)
    try:
        if not _trades(feed, pair.symbol):
            return None
        _fetch(feed, pair, _native(feed, interval), outcome, tell)
    except Trouble as trouble:
        outcome.trouble = trouble
    return outcome


def _trades(feed: HistoryFeed, symbol: str) -> bool:
    """Whether the venue lists the very pair: BTC-USDT is no history of BTC-USD."""
    return (
        symbol in feed.pairs([symbol]) and symbol in again(lambda: feed.listed([symbol])).values()
    )


def _fetch(
    feed: HistoryFeed, pair: InstrumentInfo, native: str, outcome: Outcome, tell: Tell
) -> None:
    step, end = INTERVALS[native], outcome.end
    while outcome.at < end:
        coming.begin(pair.symbol)
        begins, ends = outcome.at, min(outcome.at + step * feed.page, end)
        count = (ends - begins) // step
        outcome.at = ends
        if _known(pair, feed, native, begins, ends) == count:
            outcome.known += count
        else:
            page = again(partial(feed.history, pair.symbol, native, since=begins, count=count))
            rows = _fit(page, pair, native, outcome)
            outcome.stored += keep(pair, feed.name, native, rows)
            if feed.forgets:  # what lies between, it would not tell
                outcome.at = max([ends, *(row.open_time + step for row in rows)])
        tell(outcome)


def _native(feed: HistoryFeed, interval: str) -> str:
    """The venue's interval that ours is made of: itself, or the longest shorter one."""
    wanted = [*INTERVALS][: [*INTERVALS].index(interval) + 1]
    return next(one for one in reversed(wanted) if one in feed.intervals)


def _fit(
    page: Sequence[RawCandle], pair: InstrumentInfo, interval: str, outcome: Outcome
) -> list[Candle]:
    """The closed candles of a page within the time asked for; the rest is dropped or refused."""
    fit, now = dict[datetime, Candle](), clock.now()
    for raw in page:
        try:
            one = candle_store.read_said(
                raw, instrument_id=pair.id, source=outcome.source, interval=interval, at=now
            )
        except Unfit as unfit:
            outcome.refused[unfit.reason] += 1
            continue
        if one.closed and outcome.start <= one.open_time < outcome.end:
            fit[one.open_time] = one
    return [*fit.values()]


def keep(
    pair: InstrumentInfo,
    source: str,
    interval: str,
    rows: Sequence[Candle],
    *,
    at: datetime | None = None,
) -> int:
    """Store candles and what they make of coarser ones, together or not at all; charts are told.

    With `at` also of those that were over at that moment and go on behind the last of these.
    """
    if not rows:
        return 0
    times = [one.open_time for one in rows]
    with transaction.atomic(), connection.cursor() as cursor:
        candle_store.replace(cursor, rows)
        end = max(times) + INTERVALS[interval]
        rollup.roll(cursor, [pair.id], [source], start=min(times), end=end, base=interval, at=at)
    healed.tell(pair.symbol, interval, min(times), end)
    return len(rows)


def again(ask: Callable[[], Answered]) -> Answered:
    """The answer to a question; asked up to 5 times, with the wait the venue wishes for."""
    wait_s = LATER_S
    for attempt in range(TRIES):
        try:
            return ask()
        except Trouble as trouble:
            if attempt == TRIES - 1 or trouble.wait_s > PATIENCE_S:
                raise
            log.warning("history waits", problem=trouble.problem, detail=trouble.detail)
            time.sleep(max(trouble.wait_s, wait_s))
            wait_s *= 2
    raise AssertionError("the last try returns or raises")


def _known(
    pair: InstrumentInfo, feed: HistoryFeed, interval: str, start: datetime, end: datetime
) -> int:
    """How many candles are stored as the venue said them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM market_candle WHERE {SAID} AND open_time < %s",  # noqa: S608
            [pair.id, feed.name, interval, start, feed.has_volume, end],
        )
        return int(cursor.fetchone()[0])


def _heal(feed: HistoryFeed) -> int:
    """The instruments that were looked at longest ago."""
    key = f"market:healed:{feed.name}"
    client = redis_client()
    symbols = [pair.symbol for pair in catalog.instruments()]
    traded = [pair for pair in feed.listed(symbols).values() if pair in symbols]
    scores = cast("list[tuple[bytes, float]]", client.zrange(key, 0, -1, withscores=True))
    looked_at = {member.decode(): at for member, at in scores}
    coming.begin(*(one for one in traded if one not in looked_at))
    stored = 0
    for symbol in sorted(traded, key=lambda one: looked_at.get(one, 0.0))[:HEALED_AT_ONCE]:
        stored += _heal_one(feed, catalog.instrument(symbol))
        client.zadd(key, {symbol: time.time()})
        coming.end(symbol)
    return stored


def _heal_one(feed: HistoryFeed, pair: InstrumentInfo) -> int:
    """Ask for one page of minutes, from the first that is missing on."""
    step = INTERVALS[MINUTE]
    end = bucket(clock.now() - SETTLED, step)
    start = _first_missing(pair, feed, end - feed.page * step, end)
    if start is None:
        return 0
    outcome = Outcome(feed.name, start, end, start)
    page = feed.history(pair.symbol, MINUTE, since=start, count=(end - start) // step)
    stored = keep(pair, feed.name, MINUTE, _fit(page, pair, MINUTE, outcome), at=clock.now())
    note_gaps(pair, MINUTE, start, end, asked=[feed.name])
    return stored


def _first_missing(
    pair: InstrumentInfo, feed: HistoryFeed, start: datetime, end: datetime
) -> datetime | None:
    """The first minute in [start, end) that the venue has not said yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(at) FROM generate_series(%s, %s, interval '1 min') AS at"  # noqa: S608
            f" WHERE at NOT IN (SELECT open_time FROM market_candle WHERE {SAID})",
            [start, end - INTERVALS[MINUTE], pair.id, feed.name, MINUTE, start, feed.has_volume],
        )
        found: datetime | None = cursor.fetchone()[0]
    return found


@cache
def _feed(path: str) -> HistoryFeed:
    """A client of its own: a poll meanwhile must not wait for a page."""
    return cast(HistoryFeed, import_string(path)())
