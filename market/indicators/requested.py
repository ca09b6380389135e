"""Which values were asked for, of parameters that nobody stores? Computed once, kept an hour."""

from datetime import datetime

from core import clock
from market import candles, indicators
from market.indicators.bars import bars_of
from market.indicators.upkeep import rowed
from market.studies import answers, parse


def answer(symbol: str, interval: str, text: str, limit: int, end: str) -> str:
    """Compute one wish over its range, with as many candles before as it remembers; keep it."""
    wish, at = parse(text), clock.now()
    reach = wish.study.reach(wish.parameters)
    count = candles.LIMIT_MAX if reach is None else min(limit + reach, candles.LIMIT_MAX)
    series = candles.series(
        symbol, interval, limit=count, end=datetime.fromisoformat(end) if end else None
    )
    bars = bars_of(series.candles, partial=series.partial)
    lines = indicators.compute(wish.study, bars, wish.parameters)
    columns = (rowed(line[-limit:]) for line in lines.values())
    values = [
        answers.told(candle.open_time, list(lines), figures)
        for candle, *figures in zip(series.candles[-limit:], *columns, strict=True)
    ]
    key = answers.key_of(symbol, interval, text, limit, end, simulated=series.simulated)
    left_out = [clock.iso(opens) for opens in sorted(series.partial)]
    answers.keep(key, values, left_out=left_out, at=at, is_past=bool(end))
    return f"{len(values)} values"
