"""What stands on the board page? Rows, groups and bases, ready to be drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core import clock
from core.errors import Refused
from market import board, catalog, sessions, sparklines
from tradingsite import marks, sparkline
from tradingsite.templatetags.figures import as_decimal

FIRST_BASES = ("USD", "EUR", "GBP", "CHF", "JPY")
RANGE_WIDTH = 69  # of 72: the marker itself is 3 wide
NO_PRICE = "no price yet"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the board with everything that is drawn of it."""

    row: board.Row
    mark: marks.Mark
    spark: sparkline.Sparkline | None
    range_x: str | None
    range_percent: int | None
    favourite: bool
    since: datetime | None
    symbol: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading; `hint` says what the price counts."""

    key: str
    title: str
    hint: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class RatesPage:
    """The board of one base at one moment."""

    base: catalog.CurrencyInfo
    groups: tuple[Group, ...]
    as_of: datetime
    simulated: bool
    closes_in: timedelta | None
    opens_in: timedelta | None
    first_bases: tuple[str, ...]
    more_bases: tuple[catalog.CurrencyInfo, ...]

    @property
    def first_code(self) -> str:
        """The row whose sources are shown first."""
        return self.groups[0].lines[0].row.code if self.groups else ""

    @property
    def changes_at(self) -> datetime:
        """When forex closes, or opens where it is closed."""
        return self.as_of + (self.closes_in or self.opens_in or timedelta())


def page(base: str, *, favourites: frozenset[str] = frozenset(), wanted: str = "") -> RatesPage:
    """The board in `base`; `wanted` keeps the rows whose code or name contains it.

    Raises Refused `unknown_currency` where `base` is not a listed fiat currency. Rows without a
    price are there all the same, so that the stream can fill them.
    """
    info = catalog.currency(base)
    now = clock.now()
    table = _table(info.code, now)
    lines = [
        _line(row, closes, favourite=row.code in favourites, base=info.code)
        for row, closes in _with_closes(table.rows, info.code)
        if _matches(row, wanted)
    ]
    return RatesPage(
        base=info,
        groups=_groups(lines, info.code),
        as_of=now,
        simulated=any(row.simulated for row in table.rows),
        closes_in=sessions.closes_in(now),
        opens_in=sessions.opens_in(now),
        first_bases=tuple(dict.fromkeys((*FIRST_BASES, info.code))),
        more_bases=tuple(
            other
            for other in catalog.currencies()
            if other.is_fiat and other.code not in (*FIRST_BASES, info.code)
        ),
    )


def _table(base: str, now: datetime) -> board.Board:
    try:
        return board.snapshot(base)
    except Refused:
        known = (info for info in catalog.currencies() if info.code != base)
        return board.Board(base, 0, "", now, tuple(unpriced(info) for info in known))


def unpriced(info: catalog.CurrencyInfo) -> board.Row:
    """The row of a currency that has no price yet."""
    return board.Row(
        code=info.code,
        name=info.name,
        kind=info.kind,
        price=None,
        high=None,
        low=None,
        change_pct=None,
        bid=None,
        ask=None,
        as_of=None,
        state="stale",
        source="",
        simulated=False,
        reason=NO_PRICE,
        since=None,
    )


def _with_closes(
    rows: Iterable[board.Row], base: str
) -> Iterable[tuple[board.Row, tuple[Decimal, ...]]]:
    closes = sparklines.closes(base)
    return ((row, closes.get(row.code, ())) for row in rows)


def _matches(row: board.Row, wanted: str) -> bool:
    return wanted.casefold() in f"{row.code} {row.name}".casefold()


def _line(row: board.Row, closes: tuple[Decimal, ...], *, favourite: bool, base: str) -> Line:
    place = range_place(row)
    return Line(
        row=row,
        mark=marks.mark(
            row.state,
            as_of=moment_of(row.as_of),
            simulated=row.simulated,
            reason=row.reason,
            source=row.source,
        ),
        spark=sparkline.draw(closes),
        range_x=None if place is None else f"{place * RANGE_WIDTH:.1f}",
        range_percent=None if place is None else round(place * 100),
        favourite=favourite,
        since=moment_of(row.since),
        symbol=symbol_of(base, row.code),
    )


def moment_of(text: str | None) -> datetime | None:
    """A moment of the wire; None where there is none."""
    return datetime.fromisoformat(text) if text else None


def symbol_of(base: str, code: str) -> str:
    """The instrument that a row of the board opens: its own pair, else its price in USD."""
    listed = catalog.now()
    for symbol in (f"{base}-{code}", f"{code}-{base}"):
        if symbol in listed.instruments:
            return symbol
    return catalog.leg(code).symbol


def range_place(row: board.Row) -> Decimal | None:
    """Where the price stands between today's low (0) and high (1); None where there is no range."""
    price, low, high = as_decimal(row.price), as_decimal(row.low), as_decimal(row.high)
    if price is None or low is None or high is None or low >= high:
        return None
    return min(Decimal(1), max(Decimal(0), (price - low) / (high - low)))


def _groups(lines: list[Line], base: str) -> tuple[Group, ...]:
    first = {info.code for info in catalog.currencies() if info.on_board}
    fiat = [line for line in lines if line.row.kind == "fiat"]
    groups = (
        Group(
            "major",
            "Currencies",
            f"per 1 {base}, mid-market",
            tuple(line for line in fiat if line.row.code in first),
        ),
        Group(
            "crypto",
            "Crypto",
            f"in {base}, mid-market",
            tuple(line for line in lines if line.row.kind != "fiat"),
        ),
        Group(
            "minor",
            "More currencies",
            f"per 1 {base}, mid-market",
            tuple(line for line in fiat if line.row.code not in first),
        ),
    )
    return tuple(group for group in groups if group.lines)
