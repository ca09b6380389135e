"""How does a minute form, of our own mids and of each source's? Closed only if we saw it whole."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.backends.utils import CursorWrapper

from market.candles import EVERY_INSTRUMENT, MINUTE, OWN, Candle

LENGTH = timedelta(minutes=1)
WRITTEN_EVERY = timedelta(seconds=10)  # so often a minute that still forms is stored
SILENCE_MAX = timedelta(seconds=15)  # a source is asked every 5 s and may answer late

CLOSES = (
    "instrument_id, source, open_time, close FROM market_candle WHERE instrument_id ="
    f" {EVERY_INSTRUMENT} AND source = ANY(%s) AND interval = %s AND open_time >= %s"
)

Key = tuple[int, str, datetime]  # instrument, source, when the minute begins


@dataclass(slots=True)
class Forming:
    """A minute that still forms; `whole` while nothing of it was missed."""

    candle: Candle
    noted_at: datetime
    whole: bool

    def note(self, mid: Decimal, at: datetime) -> None:
        """Take in one more mid of this minute."""
        candle = self.candle
        candle.high, candle.low = max(candle.high, mid), min(candle.low, mid)
        candle.close = mid
        self.whole = self.whole and at - self.noted_at <= SILENCE_MAX
        self.noted_at = max(at, self.noted_at)

    def close(self) -> None:
        """The minute is over: it is closed if it was heard to its end."""
        unheard = self.candle.open_time + LENGTH - self.noted_at
        self.candle.closed = self.whole and unheard <= SILENCE_MAX


class Minutes:
    """The minutes that still form, by instrument and source."""

    def __init__(self) -> None:
        self.forming: dict[tuple[int, str], Forming] = {}
        self.running: dict[Key, Forming] = {}  # whose end has not been told
        self.touched: dict[Key, None] = {}  # what changed since it was last written
        self.written_at: datetime | None = None
        self.since: datetime | None = None  # when we began to listen

    def note(self, instrument_id: int, source: str, mid: Decimal, *, at: datetime) -> None:
        """Take a mid into its minute; one that comes late counts in the minute that forms."""
        self.since = self.since or at
        minute = at.replace(second=0, microsecond=0)
        known = self.forming.get((instrument_id, source))
        if known is None or known.candle.open_time < minute:
            candle = Candle(
                *(instrument_id, source, MINUTE, minute, mid, mid, mid, mid), closed=False
            )
            whole = self.since <= minute and at - minute <= SILENCE_MAX
            known = self.forming[instrument_id, source] = Forming(candle, at, whole)
        known.note(mid, at)
        key = (instrument_id, source, known.candle.open_time)
        self.running[key] = known
        self.touched[key] = None

    def due(self, at: datetime) -> list[Candle]:
        """Candles to write now: every 10 s what changed, and what is over, closed or not whole."""
        self.since = self.since or at
        over = {key: one for key, one in self.running.items() if at - key[2] >= LENGTH}
        for one in over.values():
            one.close()
        due = dict.fromkeys(over)
        if self.written_at is None or at - self.written_at >= WRITTEN_EVERY:
            due |= self.touched
            self.written_at = at
        written = [self.running[key].candle for key in due]
        self.touched = {key: None for key in self.touched if key not in due}
        self.running = {key: one for key, one in self.running.items() if key not in over}
        return written

    def all(self) -> list[Candle]:
        """Whatever has not been written yet, for the last time."""
        rest = [self.running[key].candle for key in self.touched]
        self.touched = {}
        return rest


def extremes(
    cursor: CursorWrapper, start: datetime
) -> list[tuple[int, str, Decimal, Decimal, datetime]]:
    """Our own minutes since `start`: (instrument, source, high, low, since when)."""
    cursor.execute(
        "SELECT instrument_id, source, max(high), min(low), min(open_time) FROM market_candle"  # noqa: S608
        f" WHERE instrument_id = {EVERY_INSTRUMENT} AND source = ANY(%s) AND interval = %s"
        " AND open_time >= %s GROUP BY instrument_id, source",
        [[*OWN], MINUTE, start],
    )
    return list(cursor.fetchall())


def closes(cursor: CursorWrapper, start: datetime) -> list[tuple[int, str, datetime, Decimal]]:
    """Our own minutes since `start`: (instrument, source, minute, close)."""
    cursor.execute(f"SELECT {CLOSES}", [[*OWN], MINUTE, start])
    return list(cursor.fetchall())


def last_closes(
    cursor: CursorWrapper, start: datetime, end: datetime
) -> list[tuple[int, str, datetime, Decimal]]:
    """The same of the last minute of every instrument in [start, end)."""
    cursor.execute(
        f"SELECT DISTINCT ON (instrument_id, source) {CLOSES} AND open_time < %s"
        " ORDER BY instrument_id, source, open_time DESC",
        [[*OWN], MINUTE, start, end],
    )
    return list(cursor.fetchall())
