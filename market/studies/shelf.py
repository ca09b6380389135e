"""Where do computed values lie? One row a candle, with all indicators at their defaults.

A row costs 0.4 kB and is written once; the newest `KEPT` of each instrument and interval stay.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.database import retried
from market.gaps import EPOCH
from market.studies.catalog import STUDIES, Study

KEPT = 5000
WITNESSES = ("close", "volume")  # of the candle itself: they tell whether it has changed since
LAYOUT: tuple[str, ...] = (
    *WITNESSES,
    *(f"{study.name}.{output.name}" for study in STUDIES.values() for output in study.outputs),
)
PLACES = {name: place for place, name in enumerate(LAYOUT, 1)}
SIGNIFICANT = 10

Figure = float | None


def _stamp() -> str:
    defaults = [str(study.defaults) for study in STUDIES.values()]
    return hashlib.sha256("|".join([*LAYOUT, *defaults]).encode()).hexdigest()[:16]


STAMP = _stamp()  # rows of another layout are computed anew


@dataclass(frozen=True, slots=True)
class Row:
    """Some figures of one candle, in the order they were asked for."""

    time: datetime
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class State:
    """How far a series has been computed."""

    instrument_id: int
    interval: str
    looked_at: datetime
    computed_to: datetime | None
    layout: str
    simulated: bool


def columns_of(study: Study) -> tuple[str, ...]:
    """The layout's names of a study's outputs."""
    return tuple(f"{study.name}.{output.name}" for output in study.outputs)


def read(
    instrument_id: int,
    interval: str,
    columns: Sequence[str],
    *,
    limit: int,
    end: datetime | None = None,
    whole: bool = False,
) -> list[Row]:
    """The newest rows that opened before `end`, oldest first; `whole`: none of partial candles."""
    chosen = "".join(f", figures[{PLACES[name]}]" for name in columns)
    where = "instrument_id = %s AND interval = %s" + (" AND open_time < %s" if end else "")
    where += f" AND figures[{PLACES['close']}] IS NOT NULL" if whole else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT open_time{chosen} FROM market_study WHERE {where}"  # noqa: S608
            " ORDER BY open_time DESC LIMIT %s",
            [instrument_id, interval, *([end] if end else []), limit],
        )
        return [Row(row[0], row[1:]) for row in reversed(cursor.fetchall())]


def states() -> dict[tuple[int, str], State]:
    """Every series that somebody has looked at."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(State.__dataclass_fields__)} FROM market_study_state")  # noqa: S608
        found = [State(*row) for row in cursor.fetchall()]
    return {(one.instrument_id, one.interval): one for one in found}


def state(instrument_id: int, interval: str) -> State | None:
    """How far one series has been computed in today's layout; None where not at all."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(State.__dataclass_fields__)} FROM market_study_state"  # noqa: S608
            " WHERE instrument_id = %s AND interval = %s AND layout = %s",
            [instrument_id, interval, STAMP],
        )
        row = cursor.fetchone()
    return State(*row) if row else None


def claim(instrument_id: int, interval: str, *, at: datetime, before: datetime | None) -> bool:
    """Whether it is ours to look now, and not another process's that looked since `before`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO market_study_state (instrument_id, interval, looked_at)"
            " VALUES (%s, %s, %s) ON CONFLICT (instrument_id, interval) DO UPDATE"
            " SET looked_at = excluded.looked_at"
            " WHERE market_study_state.looked_at IS NOT DISTINCT FROM %s",
            [instrument_id, interval, at, before],
        )
        return bool(cursor.rowcount == 1)


def replace(
    instrument_id: int,
    interval: str,
    rows: Iterable[tuple[datetime, Sequence[Figure]]],
    *,
    since: datetime | None,
    computed_to: datetime,
    simulated: bool,
) -> None:
    """Put these rows in the place of all from `since` on (None: of all there are)."""
    kept = list(rows)

    def swap() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            _swap(cursor, instrument_id, interval, kept, since)
            cursor.execute(
                "UPDATE market_study_state SET computed_to = %s, layout = %s, simulated = %s"
                " WHERE instrument_id = %s AND interval = %s",
                [computed_to, STAMP, simulated, instrument_id, interval],
            )

    retried(swap)


def trim(instrument_id: int, interval: str) -> None:
    """Forget all but the newest rows of a series."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM market_study WHERE instrument_id = %s AND interval = %s AND open_time <"
            " (SELECT open_time FROM market_study WHERE instrument_id = %s AND interval = %s"
            " ORDER BY open_time DESC OFFSET %s LIMIT 1)",
            [instrument_id, interval, instrument_id, interval, KEPT - 1],
        )


def forget(cursor: CursorWrapper, instrument_id: int, intervals: Sequence[str]) -> None:
    """Have these series computed anew, from nothing."""
    for table in ("market_study", "market_study_state"):
        cursor.execute(
            f"DELETE FROM {table} WHERE instrument_id = %s AND interval = ANY(%s)",  # noqa: S608
            [instrument_id, [*intervals]],
        )


def text(figure: Figure) -> str | None:
    """A figure as it goes over the wire: ten significant digits, no exponent; None as null."""
    if figure is None:
        return None
    short = f"{figure:.{SIGNIFICANT}g}"
    return format(Decimal(short), "f") if "e" in short else short


def _swap(
    cursor: CursorWrapper,
    instrument_id: int,
    interval: str,
    rows: list[tuple[datetime, Sequence[Figure]]],
    since: datetime | None,
) -> None:
    cursor.execute(
        "DELETE FROM market_study WHERE instrument_id = %s AND interval = %s AND open_time >= %s",
        [instrument_id, interval, since or EPOCH],
    )
    target = "COPY market_study (instrument_id, interval, open_time, figures) FROM STDIN"
    with cursor.copy(target) as stream:
        for time, figures in rows:
            stream.write_row((instrument_id, interval, time, list(figures)))
