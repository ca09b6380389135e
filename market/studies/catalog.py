"""Which indicators are there? Names, parameters, warm-ups, and what each says in plain words.

A warm-up is the number of candles that pass before the first value. `reach` is how many earlier
candles still move a value by more than one part in 10^10; None means all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from core.errors import Code, Refused

Values = Mapping[str, float]
Count = Callable[[Values], int]
Pane = Literal["overlay", "separate"]

EMA_TAIL, WILDER_TAIL = 12, 24  # lengths after which exponential memory is below 10^-10
SESSION_CANDLES = 1440  # of a day, at most


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number a person may change, from `low` to `high`; `whole` ones are counted in candles."""

    name: str
    title: str
    default: float
    low: float
    high: float
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Output:
    """One line of an indicator; its first value stands at index `warm_up(parameters)`."""

    name: str
    title: str
    warm_up: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """An indicator as people choose it; `cumulative` ones count from the first candle known."""

    name: str
    title: str
    meaning: str
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[Output, ...]
    reach: Callable[[Values], int | None]
    pane: Pane = "separate"
    needs_volume: bool = False
    cumulative: bool = False
    rising: tuple[str, ...] = ()  # parameters that have to grow in this order

    @property
    def defaults(self) -> dict[str, float]:
        """Every parameter as it stands when nobody chose."""
        return {one.name: one.default for one in self.parameters}

    def warm_up(self, values: Values) -> int:
        """Candles that pass before every output has a value."""
        return max(one.warm_up(values) for one in self.outputs)


def find(name: str) -> Study:
    """The indicator of that name, in any case; raises Refused `not_found`."""
    found = STUDIES.get(name.lower())
    if found is None:
        raise Refused(Code.NOT_FOUND, f"{name[:20]!r} is not an indicator we know.")
    return found


def _length(default: int, title: str = "Length", *, high: int = 200) -> Parameter:
    return Parameter("length", title, default, 2, high)


def _lines(warm_up: Count, **titles: str) -> tuple[Output, ...]:
    return tuple(Output(name, title, warm_up) for name, title in titles.items())


def _window(values: Values) -> int:
    return int(values["length"]) - 1


def _after(values: Values) -> int:
    return int(values["length"])


def _of(factor: int, extra: int = 0) -> Count:
    return lambda values: int(values["length"]) * factor + extra


AVERAGES = (
    Study(
        name="sma",
        title="Simple moving average",
        meaning="The mean close of the last candles: where the price has been on the whole.",
        parameters=(_length(20, high=500),),
        outputs=_lines(_window, sma="SMA"),
        reach=_of(1),
        pane="overlay",
    ),
    Study(
        name="ewma",
        title="Exponential moving average",
        meaning="A mean close in which newer candles weigh more, so it turns sooner.",
        parameters=(_length(20, high=500),),
        outputs=_lines(_window, ewma="EWMA"),
        reach=_of(EMA_TAIL),
        pane="overlay",
    ),
    Study(
        name="macd",
        title="MACD",
        meaning="The distance of a fast average from a slow one. Crossing its own signal line"
        " shows momentum turning.",
        parameters=(
            Parameter("fast", "Fast", 12, 2, 100),
            Parameter("slow", "Slow", 26, 3, 200),
            Parameter("signal", "Signal", 9, 2, 100),
        ),
        rising=("fast", "slow"),
        outputs=(
            *_lines(lambda p: int(p["slow"]) - 1, macd="MACD"),
            *_lines(
                lambda p: int(p["slow"] + p["signal"]) - 2, signal="Signal", histogram="Histogram"
            ),
        ),
        reach=lambda p: int(p["slow"] + p["signal"]) * EMA_TAIL,
    ),
    Study(
        name="vwap",
        title="Volume-weighted average price",
        meaning="What was paid on average per unit since the UTC day began (daily candles: since"
        " the month began).",
        outputs=_lines(lambda _: 0, vwap="VWAP"),
        reach=lambda _: SESSION_CANDLES,
        pane="overlay",
        needs_volume=True,
    ),
)

BANDS = (
    Study(
        name="bollinger",
        title="Bollinger bands",
        meaning="An average with a band of standard deviations around it. Narrow bands mean quiet;"
        " a close beyond a band is unusual.",
        parameters=(_length(20), Parameter("deviations", "Deviations", 2.0, 0.5, 5.0, whole=False)),
        outputs=_lines(
            _window, middle="Middle", upper="Upper", lower="Lower", percent_b="%B", width="Width"
        ),
        reach=_of(1),
        pane="overlay",
    ),
    Study(
        name="keltner",
        title="Keltner channel",
        meaning="An average with a band as wide as the usual range of a candle.",
        parameters=(
            _length(20),
            Parameter("atr", "ATR length", 10, 2, 100),
            Parameter("multiplier", "Multiplier", 2.0, 0.5, 5.0, whole=False),
        ),
        outputs=(
            *_lines(_window, middle="Middle"),
            *_lines(lambda p: max(_window(p), int(p["atr"])), upper="Upper", lower="Lower"),
        ),
        reach=lambda p: max(int(p["length"]) * EMA_TAIL, int(p["atr"]) * WILDER_TAIL),
        pane="overlay",
    ),
    Study(
        name="donchian",
        title="Donchian channel",
        meaning="The highest high and lowest low of the last candles: leaving it is a breakout.",
        parameters=(_length(20),),
        outputs=_lines(_window, upper="Upper", middle="Middle", lower="Lower"),
        reach=_of(1),
        pane="overlay",
    ),
    Study(
        name="ichimoku",
        title="Ichimoku cloud",
        meaning="Midpoints of three ranges. The cloud above today's candle was known one base"
        " length ago; the leading spans are drawn that far ahead.",
        parameters=(
            Parameter("conversion", "Conversion", 9, 2, 100),
            Parameter("base", "Base", 26, 3, 150),
            Parameter("span", "Leading span", 52, 4, 200),
        ),
        rising=("conversion", "base", "span"),
        outputs=(
            *_lines(lambda p: int(p["conversion"]) - 1, conversion="Conversion"),
            *_lines(lambda p: int(p["base"]) - 1, base="Base", leading_a="Leading span A"),
            *_lines(lambda p: int(p["span"]) - 1, leading_b="Leading span B"),
            *_lines(lambda p: int(p["base"]) * 2 - 1, span_a="Cloud A"),
            *_lines(lambda p: int(p["base"] + p["span"]) - 1, span_b="Cloud B"),
        ),
        reach=lambda p: int(p["base"] + p["span"]),
        pane="overlay",
    ),
    Study(
        name="fibonacci",
        title="Fibonacci retracements",
        meaning="How much of the last swing, from its low to its high or back, has been given up:"
        " levels many people watch.",
        parameters=(_length(120, high=500),),
        outputs=_lines(
            _window,
            high="High",
            r236="23.6 %",
            r382="38.2 %",
            r500="50 %",
            r618="61.8 %",
            r786="78.6 %",
            low="Low",
        ),
        reach=_of(1),
        pane="overlay",
    ),
)

MOMENTUM = (
    Study(
        name="rsi",
        title="Relative strength index",
        meaning="How much of the recent movement went up, from 0 to 100. Above 70 a rise is called"
        " stretched, below 30 a fall.",
        parameters=(_length(14),),
        outputs=_lines(_after, rsi="RSI"),
        reach=_of(WILDER_TAIL),
    ),
    Study(
        name="stochastic",
        title="Stochastic",
        meaning="Where the close stands in the recent range, from 0 (at the low) to 100.",
        parameters=(
            _length(14),
            Parameter("smooth", "Smoothing", 3, 2, 50),
            Parameter("signal", "Signal", 3, 2, 50),
        ),
        outputs=(
            *_lines(lambda p: int(p["length"] + p["smooth"]) - 2, k="%K"),
            *_lines(lambda p: int(p["length"] + p["smooth"] + p["signal"]) - 3, d="%D"),
        ),
        reach=lambda p: int(p["length"] + p["smooth"] + p["signal"]),
    ),
    Study(
        name="cci",
        title="Commodity channel index",
        meaning="How far the price is from its average, measured in usual distances; beyond 100"
        " either way is far.",
        parameters=(_length(20),),
        outputs=_lines(_window, cci="CCI"),
        reach=_of(1),
    ),
    Study(
        name="mfi",
        title="Money flow index",
        meaning="The relative strength index weighed by volume, from 0 to 100.",
        parameters=(_length(14),),
        outputs=_lines(_after, mfi="MFI"),
        reach=_of(1, 1),
        needs_volume=True,
    ),
    Study(
        name="williams",
        title="Williams %R",
        meaning="How far the close is below the recent high, from 0 (at the high) to -100.",
        parameters=(_length(14),),
        outputs=_lines(_window, williams="%R"),
        reach=_of(1),
    ),
    Study(
        name="roc",
        title="Rate of change",
        meaning="By how many per cent the close differs from the one some candles ago.",
        parameters=(_length(12),),
        outputs=_lines(_after, roc="ROC"),
        reach=_of(1, 1),
    ),
)

TREND = (
    Study(
        name="adx",
        title="Average directional index",
        meaning="How strong a trend is, whichever way: above 25 there is one. +DI above -DI means"
        " it goes up.",
        parameters=(_length(14, high=130),),
        outputs=(
            *_lines(_after, plus_di="+DI", minus_di="-DI"),
            *_lines(lambda p: int(p["length"]) * 2 - 1, adx="ADX"),
        ),
        reach=_of(WILDER_TAIL * 3 // 2),
    ),
    Study(
        name="aroon",
        title="Aroon",
        meaning="How long ago the last high and low were, from 100 (now) to 0 (long ago).",
        parameters=(_length(25),),
        outputs=_lines(_after, up="Up", down="Down", oscillator="Oscillator"),
        reach=_of(1, 1),
    ),
    Study(
        name="sar",
        title="Parabolic SAR",
        meaning="A trail that follows the price and changes sides when it is touched: below the"
        " price a rise, above it a fall.",
        parameters=(
            Parameter("acceleration", "Acceleration", 0.02, 0.001, 0.5, whole=False),
            Parameter("maximum", "Maximum", 0.2, 0.01, 1.0, whole=False),
        ),
        rising=("acceleration", "maximum"),
        outputs=_lines(lambda _: 1, sar="SAR"),
        reach=lambda _: None,
        pane="overlay",
    ),
    Study(
        name="atr",
        title="Average true range",
        meaning="How far the price usually moves within one candle, gaps between candles included.",
        parameters=(_length(14),),
        outputs=_lines(_after, atr="ATR"),
        reach=_of(WILDER_TAIL),
    ),
    Study(
        name="obv",
        title="On-balance volume",
        meaning="Volume added when the close rises and taken away when it falls; only its direction"
        " means something, it counts from the first candle known.",
        outputs=_lines(lambda _: 0, obv="OBV"),
        reach=lambda _: None,
        needs_volume=True,
        cumulative=True,
    ),
)

STUDIES: Mapping[str, Study] = {
    study.name: study for study in (*AVERAGES, *BANDS, *MOMENTUM, *TREND)
}
