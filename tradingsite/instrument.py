"""What stands on the page of one instrument? Its price, candles, figures, and who says so."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core import clock
from core.errors import Refused
from market import board, candles, catalog, figures, sessions, signal_feed, technical
from market.catalog import CurrencyInfo, InstrumentInfo
from market.news import stories
from market.news.stories import Headline
from market.studies import STUDIES, Study
from tradingsite import contributors, estimate, marks, rates
from tradingsite.templatetags.figures import as_decimal

INTERVALS = ("1m", "5m", "15m", "1h", "4h", "1d")
USUAL, DAILY = "1h", "1d"
ROWS = 50
STORIES, SIGNALS = 5, 8
DAYS = 380  # a year and what is needed to find the close of its first day


@dataclass(frozen=True, slots=True)
class Line:
    """One candle of the table, with its change against the one before in percent."""

    candle: candles.Candle
    change: Decimal | None
    forming: bool = False


@dataclass(frozen=True, slots=True)
class InstrumentPage:
    """One instrument at one moment; `board_base` and `row` are how the board knows its price.

    `fixed_on` is the day of the fixing that stands in the figures for a simulated price.
    """

    pair: InstrumentInfo
    base: CurrencyInfo
    quote: CurrencyInfo
    board_base: str
    row: board.Row
    mark: marks.Mark
    range_x: str | None
    interval: str
    lines: tuple[Line, ...]
    figures: figures.KeyFigures
    fixed_on: date | None
    voices: contributors.Voices | None
    calculator: estimate.Calculator
    summary: technical.Summary
    signals: tuple[signal_feed.Happening, ...]
    stories: tuple[Headline, ...]
    others: tuple[InstrumentInfo, ...]
    price_at: datetime | None
    asked_at: datetime
    opens_in: timedelta | None

    @property
    def name(self) -> str:
        """`EUR/USD`."""
        return f"{self.pair.base}/{self.pair.quote}"

    @property
    def why(self) -> str:
        """The reason of the price's state, in words."""
        return marks.in_words(self.row.reason)

    @property
    def intervals(self) -> tuple[str, ...]:
        """Every interval there is."""
        return INTERVALS

    @property
    def is_daily(self) -> bool:
        """Whether the candles are UTC days, which no time zone moves."""
        return self.interval == DAILY

    @property
    def favourite_code(self) -> str:
        """The row of the board that stands for this instrument."""
        return self.pair.quote if self.pair.base == catalog.HUB else self.pair.base

    @property
    def said(self) -> tuple[technical.Line, ...]:
        """The indicators that have something to say, those that point somewhere first."""
        known = [line for line in self.summary.lines if line.says != "unknown"]
        return tuple(sorted(known, key=lambda line: line.says == "neutral"))

    @property
    def unsaid(self) -> tuple[technical.Line, ...]:
        """The indicators without a value, each with its reason."""
        return tuple(line for line in self.summary.lines if line.says == "unknown")

    @property
    def is_fixed(self) -> bool:
        """Whether most of the candles shown are fixings: one price a day."""
        fixed = [line for line in self.lines if line.candle.source == "ecb"]
        return len(fixed) * 2 > len(self.lines)


@dataclass(frozen=True, slots=True)
class Entry:
    """One instrument of the list, in its own direction."""

    pair: InstrumentInfo
    base: CurrencyInfo
    quote: CurrencyInfo
    row: board.Row
    mark: marks.Mark


def index() -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """Every listed instrument with its price, under a heading each kind."""
    listed = catalog.now()
    entries = [_entry(pair) for pair in listed.instruments.values()]
    groups = (
        ("Currencies", tuple(one for one in entries if one.pair.kind == "fx")),
        ("Crypto", tuple(one for one in entries if one.pair.kind != "fx")),
    )
    return tuple(group for group in groups if group[1])


def _entry(pair: InstrumentInfo) -> Entry:
    base, quote = catalog.currency(pair.base), catalog.currency(pair.quote)
    _, row = _row(base, quote)
    return Entry(pair, base, quote, row, _mark(row))


def _mark(row: board.Row) -> marks.Mark:
    return marks.mark(
        row.state,
        as_of=rates.moment_of(row.as_of),
        simulated=row.simulated,
        reason=row.reason,
        source=row.source,
    )


def study_list() -> list[dict[str, Any]]:
    """Every indicator with its parameters and outputs, for the script that draws them."""
    return [_study(study) for study in STUDIES.values()]


def _study(study: Study) -> dict[str, Any]:
    return {
        "name": study.name,
        "title": study.title,
        "pane": study.pane,
        "parameters": [asdict(one) for one in study.parameters],
        "outputs": [{"name": one.name, "title": one.title} for one in study.outputs],
    }


def inverse(symbol: str) -> str | None:
    """The listed symbol of a pair named the wrong way round; None where it is not listed."""
    base, _, quote = symbol.upper().partition("-")
    turned = f"{quote}-{base}"
    return turned if turned in catalog.now().instruments else None


def page(symbol: str, *, asked: str = "", settings: Mapping[str, Any]) -> InstrumentPage:
    """The page of a listed instrument in the interval asked for, preferred, or usual.

    Raises Refused `not_found`.
    """
    pair = catalog.instrument(symbol)
    base, quote = catalog.currency(pair.base), catalog.currency(pair.quote)
    board_base, row = _row(base, quote)
    interval = _interval(asked or str(settings.get("interval", "")), row)
    place = rates.range_place(row)
    as_of = rates.moment_of(row.as_of)
    days = candles.series(pair.symbol, DAILY, limit=DAYS)
    known, fixed_on = _figures(pair, row, days)
    shown = days if interval == DAILY else candles.series(pair.symbol, interval, limit=ROWS + 1)
    return InstrumentPage(
        pair=pair,
        base=base,
        quote=quote,
        board_base=board_base,
        row=row,
        mark=_mark(row),
        range_x=None if place is None else f"{place * rates.RANGE_WIDTH:.1f}",
        interval=interval,
        lines=_lines(shown),
        figures=known,
        fixed_on=fixed_on,
        voices=contributors.of(board_base, row.code),
        calculator=estimate.of(
            from_code=quote.code, to_code=base.code, side="from", amount=estimate.FIRST_AMOUNT
        ),
        summary=technical.summary(pair.symbol, interval),
        signals=signal_feed.recent(pair.symbol, interval, SIGNALS),
        stories=stories.recent(pair.symbol, STORIES),
        others=tuple(other for other in catalog.instruments() if other.symbol != pair.symbol),
        price_at=as_of,
        asked_at=clock.now(),
        opens_in=sessions.opens_in(clock.now()),
    )


def _figures(
    pair: InstrumentInfo, row: board.Row, days: candles.Series
) -> tuple[figures.KeyFigures, date | None]:
    """The key figures; among real fixings the last of them in place of a simulated price."""
    price, at, fixed_on = as_decimal(row.price), rates.moment_of(row.as_of) or clock.now(), None
    if row.simulated and not days.simulated and days.candles:
        last = days.candles[-1]
        price, at, fixed_on = last.close, last.open_time, last.open_time.astimezone(UTC).date()
    on, hours = at.astimezone(UTC).date(), pair.trading_hours
    return figures.of(days.whole, price=price, on=on, trading_hours=hours), fixed_on


def _row(base: CurrencyInfo, quote: CurrencyInfo) -> tuple[str, board.Row]:
    """The price in the instrument's own direction: on its base's board, a coin's on its quote's."""
    board_base, shown = (base, quote) if base.is_fiat else (quote, base)
    try:
        rows = board.snapshot(board_base.code).rows
    except Refused:
        rows = ()
    found = next((row for row in rows if row.code == shown.code), None)
    return board_base.code, found or rates.unpriced(shown)


def _interval(wanted: str, row: board.Row) -> str:
    """A fixing has days and nothing below them."""
    if wanted in INTERVALS:
        return wanted
    return DAILY if row.state == "reference" else USUAL


def _lines(series: candles.Series) -> tuple[Line, ...]:
    """The newest candles, newest first."""
    known = [*series.candles, *([series.forming] if series.forming else [])]
    pairs = zip([None, *known], known, strict=False)
    lines = [
        Line(one, 100 * (one.close / before.close - 1) if before else None, one is series.forming)
        for before, one in pairs
    ]
    return tuple(reversed(lines[-ROWS:]))
