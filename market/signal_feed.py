"""What interesting things have happened? Trading signals as they are stored, read and let go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q, QuerySet

from market import candles, catalog
from market.models import Signal

NAMES = UUID("5f0f1a52-6a0e-5c1c-9b0a-7d7c0f6a2e11")  # the space of our signals' ids
LIMIT = 50
KEPT = {"1m": timedelta(days=3), "5m": timedelta(days=14), "15m": timedelta(days=60)}
LOUD = ("1m", "5m")  # of these there are hundreds a day
TITLES: Mapping[str, str] = {
    "price_cross": "Price crosses its average",
    "average_cross": "Averages cross",
    "macd_cross": "MACD crosses its signal",
    "trend_start": "A trend begins",
    "squeeze": "Squeeze",
    "breakout": "Breakout",
    "fibonacci_touch": "Fibonacci retracement",
    "rsi_extreme": "RSI extreme",
    "volume_surge": "Volume surge",
    "unusual_move": "Unusual move",
}  # any other kind is a candle pattern, titled by its name


@dataclass(frozen=True, slots=True)
class Happening:
    """One signal to show; `time` is the opening of its candle, `strength` from 0 to 1."""

    id: UUID
    symbol: str
    interval: str
    kind: str
    time: datetime
    direction: str
    strength: float
    sentence: str
    evidence: Mapping[str, str]
    simulated: bool

    @property
    def title(self) -> str:
        """The kind in words."""
        return TITLES.get(self.kind) or self.kind.replace("_", " ").title()


def recent(
    symbol: str | None = None, interval: str | None = None, limit: int = LIMIT
) -> tuple[Happening, ...]:
    """The latest signals, newest first, of one instrument or of all.

    Without an interval those of quarters of an hour and longer: shorter ones only where asked for.
    Raises Refused `not_found` for the instrument and `malformed` for the interval.
    """
    return tuple(map(happening, rows(symbol, interval)[:limit]))


def rows(
    symbol: str | None = None, interval: str | None = None, *, since: datetime | None = None
) -> QuerySet[Signal]:
    """The stored signals that `recent` chooses from, of candles since then; raises what it raises.

    Those of the simulated market are among them only while it prices their instrument.
    """
    pairs = [catalog.instrument(symbol)] if symbol else catalog.instruments()
    simulated = [pair.id for pair in candles.simulated_among(pairs)]
    found = Signal.objects.select_related("instrument")
    found = found.filter(Q(simulated=False) | Q(instrument__in=simulated))
    if symbol:
        found = found.filter(instrument=pairs[0].id)
    if since is not None:
        found = found.filter(time__gte=since)
    if interval is not None:
        candles.step_of(interval)
        return found.filter(interval=interval)
    return found.exclude(interval__in=LOUD)


def happening(row: Signal) -> Happening:
    """A stored signal as it is shown."""
    return Happening(
        id=row.public_id,
        symbol=row.instrument.symbol,
        interval=row.interval,
        kind=row.kind,
        time=row.time,
        direction=row.direction,
        strength=row.strength,
        sentence=row.sentence,
        evidence=row.evidence,
        simulated=row.simulated,
    )


def record(
    happenings: Iterable[Happening],
    symbol: str,
    interval: str,
    *,
    since: datetime,
    simulated: bool,
) -> None:
    """Store all that happened in one series from `since` on; what else was told of it is not true.

    A signal keeps its id and when it was found, whatever its candles turn out to have been.
    """
    instrument_id = catalog.instrument(symbol).id
    kept = [
        Signal(
            public_id=one.id,
            instrument_id=instrument_id,
            **{name: getattr(one, name) for name in (*KEY, *FIGURES)},
        )
        for one in happenings
    ]
    told = Signal.objects.filter(instrument=instrument_id, interval=interval, simulated=simulated)
    with transaction.atomic():
        told.filter(time__gte=since).exclude(public_id__in=[one.public_id for one in kept]).delete()
        Signal.objects.bulk_create(
            kept, update_conflicts=True, unique_fields=["public_id"], update_fields=FIGURES
        )


KEY = ("interval", "kind", "time", "simulated")
FIGURES = ("direction", "strength", "sentence", "evidence")


def name_of(symbol: str, interval: str, kind: str, time: datetime, *, simulated: bool) -> UUID:
    """The id of an event: the same whoever finds it, however often."""
    words = (symbol, interval, kind, time.isoformat(), "simulated" if simulated else "real")
    return uuid5(NAMES, "|".join(words))


def forget_baseless(
    cursor: CursorWrapper, instrument_id: int, intervals: Sequence[str], sources: Iterable[str]
) -> None:
    """Let go of real signals at times of which none of these sources has a candle any more."""
    cursor.execute(
        "DELETE FROM market_signal AS told WHERE instrument_id = %s AND interval = ANY(%s)"
        " AND NOT simulated AND NOT EXISTS (SELECT FROM market_candle WHERE instrument_id ="
        " told.instrument_id AND source = ANY(%s) AND interval = told.interval"
        " AND open_time = told.time AND closed)",
        [instrument_id, [*intervals], [*sources]],
    )


def forget(symbol: str, interval: str, *, at: datetime) -> None:
    """Let go of old signals of short intervals; those of an hour and longer stay."""
    kept = KEPT.get(interval)
    if kept:
        old = Signal.objects.filter(interval=interval, time__lt=at - kept)
        old.filter(instrument=catalog.instrument(symbol).id).delete()
