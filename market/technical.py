"""What do the indicators say of one instrument, and why? Sentences of stored values; no advice.

`says` is the way an indicator points, `neutral` where it points nowhere, `unknown` where it has no
value yet. Whether it was right before is another question.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from market import candles, catalog
from market.studies import STUDIES, Study, digits, shelf

Says = Literal["up", "down", "neutral", "unknown"]
Figures = Mapping[str, float]
Said = tuple[Says, str]

ROUNDING = 1e-9
UNSEEN = 0.00005  # of the price: what two digits of a percentage do not show is no difference
FLOW_CANDLES = 20  # over which on-balance volume is compared


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator: which way it points, in words with its value."""

    name: str
    title: str
    says: Says
    sentence: str


@dataclass(frozen=True, slots=True)
class Summary:
    """All indicators of one instrument and interval at the close of its newest whole candle."""

    symbol: str
    interval: str
    as_of: datetime | None  # when that candle closed; None where none was computed yet
    is_behind: bool  # newer candles are made of too few minutes, and left out
    simulated: bool
    lines: tuple[Line, ...]

    @property
    def counts(self) -> dict[Says, int]:
        """How many lines point each way."""
        counted = Counter(line.says for line in self.lines)
        ways: tuple[Says, ...] = ("up", "down", "neutral", "unknown")
        return {way: counted[way] for way in ways}


def summary(symbol: str, interval: str) -> Summary:
    """What every indicator says at its defaults.

    Raises Refused `not_found` for the instrument and `malformed` for the interval.
    """
    pair, step = catalog.instrument(symbol), candles.step_of(interval)
    state = shelf.state(pair.id, interval)
    if state and state.simulated != candles.is_simulated_series(pair, interval):
        state = None  # of the other market: computed anew within the hour
    count = FLOW_CANDLES + 1
    rows = shelf.read(pair.id, interval, shelf.LAYOUT, limit=count, whole=True) if state else []
    known = dict(zip(shelf.LAYOUT, rows[-1].figures, strict=True)) if rows else {}
    if len(rows) > FLOW_CANDLES:
        known["obv.before"] = rows[0].figures[shelf.PLACES["obv.obv"] - 1]
    return Summary(
        symbol=pair.symbol,
        interval=interval,
        as_of=rows[-1].time + step if rows else None,
        is_behind=bool(rows and state and rows[-1].time != state.computed_to),
        simulated=bool(state and state.simulated),
        lines=tuple(_line(study, known) for study in STUDIES.values()),
    )


def _line(study: Study, known: Mapping[str, float | None]) -> Line:
    columns = (*shelf.columns_of(study), *(["obv.before"] if study.name == "obv" else []))
    found = {column.partition(".")[2]: known.get(column) for column in columns}
    figures = {name: value for name, value in found.items() if value is not None}
    close = known.get("close")
    if close is None or len(figures) < len(found):
        return Line(study.name, study.title, "unknown", _why_unknown(study, known))
    says, sentence = READINGS[study.name](figures | {"price": close})
    return Line(study.name, study.title, says, sentence)


def _why_unknown(study: Study, known: Mapping[str, float | None]) -> str:
    if study.needs_volume and known and known.get("volume") is None:
        return "No source tells the volume of this market."
    needed = FLOW_CANDLES if study.name == "obv" else study.warm_up(study.defaults)
    return f"Not enough history: it needs {needed + 1} candles, or the price did not move."


def _way(difference: float, scale: float, tolerance: float = ROUNDING) -> Says:
    """The sign of a difference; what rounding alone makes is none."""
    if abs(difference) <= abs(scale) * tolerance:
        return "neutral"
    return "up" if difference > 0 else "down"


def _side(line: str, title: str) -> Callable[[Figures], Said]:
    """Whether the price is above or below a line."""

    def read(figures: Figures) -> Said:
        price, level = figures["price"], figures[line]
        way = _way(price - level, price, UNSEEN)
        if way == "neutral":
            return way, f"The price is at the {title}, {digits.price(level)}."
        side = "above" if way == "up" else "below"
        away = abs(price / level - 1) * 100
        return way, f"The price is {away:.2f} % {side} the {title}, {digits.price(level)}."

    return read


def _scale(
    line: str, title: str, *, low: float, middle: float, high: float
) -> Callable[[Figures], Said]:
    """Where a bounded line stands: points up above its middle, and may be stretched."""

    def read(figures: Figures) -> Said:
        value = figures[line]
        if value >= high:
            return "up", f"{title} is {value:.1f}: up, and above {high:g} it is called stretched."
        if value <= low:
            return "down", f"{title} is {value:.1f}: down, and below {low:g} it is stretched."
        near = abs(value - middle) < (high - low) / 10
        way: Says = "neutral" if near else "up" if value > middle else "down"
        word = {
            "neutral": "near the middle",
            "up": "in the upper half",
            "down": "in the lower half",
        }
        return way, f"{title} is {value:.1f}, {word[way]} between {low:g} and {high:g}."

    return read


def _channel(title: str) -> Callable[[Figures], Said]:
    """Whether the price has left a band."""

    def read(figures: Figures) -> Said:
        price, upper, lower = figures["price"], figures["upper"], figures["lower"]
        if _way(price - upper, price) == "up":
            return "up", f"The price is above the upper {title}, {digits.price(upper)}."
        if _way(price - lower, price) == "down":
            return "down", f"The price is below the lower {title}, {digits.price(lower)}."
        return (
            "neutral",
            f"The price is inside the {title}, between {digits.price(lower)} and"
            f" {digits.price(upper)}.",
        )

    return read


def _macd(figures: Figures) -> Said:
    line, signal = figures["macd"], figures["signal"]
    way = _way(line - signal, figures["price"])
    side = {"up": "above", "down": "below", "neutral": "at"}[way]
    return (
        way,
        f"MACD is {digits.distance(line)}, {side} its signal line at {digits.distance(signal)}.",
    )


def _adx(figures: Figures) -> Said:
    strength, plus, minus = figures["adx"], figures["plus_di"], figures["minus_di"]
    if strength < 25:
        return "neutral", f"ADX is {strength:.1f}: below 25 there is no clear trend."
    way: Says = "up" if plus > minus else "down"
    words = f"+DI is {plus:.1f}, -DI {minus:.1f}"
    return way, f"ADX is {strength:.1f}: there is a trend, and it goes {way} ({words})."


def _aroon(figures: Figures) -> Said:
    value = figures["oscillator"]
    way: Says = "up" if value > 50 else "down" if value < -50 else "neutral"
    newer = "high" if value > 0 else "low"
    return way, f"Aroon's oscillator is {value:.0f}: the last {newer} is the more recent extreme."


def _ichimoku(figures: Figures) -> Said:
    price = figures["price"]
    low, high = sorted((figures["span_a"], figures["span_b"]))
    between = f"{digits.price(low)} to {digits.price(high)}"
    if low <= price <= high:
        return "neutral", f"The price is inside the cloud, {between}."
    way: Says = "up" if price > high else "down"
    return way, f"The price is {'above' if way == 'up' else 'below'} the cloud, {between}."


def _roc(figures: Figures) -> Said:
    value = figures["roc"]
    way = _way(value, 100, UNSEEN)
    if way == "neutral":
        return way, "The price is where it was 12 candles ago."
    return way, f"The price differs by {value:+.2f} % from 12 candles ago."


def _obv(figures: Figures) -> Said:
    change = figures["obv"] - figures["before"]
    way = _way(change, figures["obv"])
    word = {"up": "more volume when rising", "down": "more volume when falling"}
    what = word.get(way, "as much volume when rising as when falling")
    return way, f"Over {FLOW_CANDLES} candles there was {what} ({digits.plain(change)} on balance)."


def _atr(figures: Figures) -> Said:
    part = figures["atr"] / figures["price"] * 100
    span = digits.distance(figures["atr"])
    return "neutral", f"A candle usually spans {span}, {part:.2f} % of the price."


def _fibonacci(figures: Figures) -> Said:
    price, levels = figures["price"], sorted(set(figures.values()) - {figures["price"]})
    below = max((level for level in levels if level <= price), default=figures["low"])
    above = min((level for level in levels if level >= price), default=figures["high"])
    return (
        "neutral",
        f"The price is between the levels {digits.price(below)} and {digits.price(above)}.",
    )


READINGS: Mapping[str, Callable[[Figures], Said]] = {
    "sma": _side("sma", "average of 20 candles"),
    "ewma": _side("ewma", "exponential average of 20 candles"),
    "macd": _macd,
    "vwap": _side("vwap", "volume-weighted average"),
    "bollinger": _channel("Bollinger band"),
    "keltner": _channel("Keltner channel"),
    "donchian": _side("middle", "middle of the last 20 candles"),
    "ichimoku": _ichimoku,
    "fibonacci": _fibonacci,
    "rsi": _scale("rsi", "RSI", low=30, middle=50, high=70),
    "stochastic": _scale("k", "The stochastic's %K", low=20, middle=50, high=80),
    "cci": _scale("cci", "CCI", low=-100, middle=0, high=100),
    "mfi": _scale("mfi", "MFI", low=20, middle=50, high=80),
    "williams": _scale("williams", "Williams %R", low=-80, middle=-50, high=-20),
    "roc": _roc,
    "adx": _adx,
    "aroon": _aroon,
    "sar": _side("sar", "parabolic SAR"),
    "atr": _atr,
    "obv": _obv,
}
