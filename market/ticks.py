"""Where do ticks and prices go? Into day partitions, by COPY, and away again by dropping them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.backends.utils import CursorWrapper

from market import quotes
from market.quality import Tick
from market.quotes import ReferencePrice

DAYS_AHEAD = 7
DAYS_KEPT = 7
NUMBERS = ["numeric"] * 4


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A consolidated price as it stood at a moment."""

    at: datetime
    instrument_id: int
    price: ReferencePrice


def write(cursor: CursorWrapper, ticks: Iterable[Tick]) -> None:
    """Append good ticks; their days must have partitions."""
    columns = "received_at, as_of, symbol, source, bid, ask, last, volume"
    with cursor.copy(f"COPY market_tick ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["timestamptz", "timestamptz", "text", "text", *NUMBERS])
        for tick in ticks:
            copy.write_row(
                (
                    *(tick.received_at, tick.as_of, tick.symbol, tick.source),
                    *(tick.bid, tick.ask, tick.last, tick.volume),
                )
            )


def write_prices(cursor: CursorWrapper, rows: Iterable[PriceRow]) -> None:
    """Append consolidated prices with their contributors."""
    columns = "at, instrument_id, mid, bid, ask, as_of, state, reason, simulated, contributors"
    with cursor.copy(f"COPY market_price ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(
            ["timestamptz", "int8", *NUMBERS[:3], "timestamptz", "text", "text", "bool", "jsonb"]
        )
        for row in rows:
            price = row.price
            said = quotes.voices(price)
            copy.write_row(
                (
                    *(row.at, row.instrument_id, price.mid, price.bid, price.ask, price.as_of),
                    *(price.state, price.reason, price.simulated, said),
                )
            )


def ensure_days(cursor: CursorWrapper, first: date, *, days: int = DAYS_AHEAD + 1) -> None:
    """Make sure that the partitions of these days exist."""
    cursor.execute("SELECT market_ensure_partitions(%s, %s)", [first, days])


def drop_days(cursor: CursorWrapper, *, at: datetime) -> int:
    """Drop the partitions of days that are over for longer than they are kept."""
    before = at.date() - timedelta(days=DAYS_KEPT)
    cursor.execute("SELECT market_drop_partitions(%s)", [before])
    return int(cursor.fetchone()[0])
