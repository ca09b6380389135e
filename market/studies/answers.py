"""What are an indicator's values? Stored ones at once; other parameters once they are computed.

An answer that was computed on request is kept for an hour, one up to an `end` of the caller's own
for minutes. Once another candle has closed it is still shown, as `computing`, until the newer one
is there.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.core.cache import cache

from core import clock
from core.errors import Code, Refused
from market import candles, catalog, gaps, quant
from market.catalog import InstrumentInfo
from market.studies import shelf
from market.studies.wishes import Wish

State = Literal["ready", "computing"]
Values = list[dict[str, str | None]]

LIMITS = (500, 1000, 2000, 5000)  # what is asked for is computed in one of these sizes
FIGURES_MAX = 25_000  # rows times indicators of one answer
KEPT_S, PAST_KEPT_S, ASKED_AGAIN_S = 3600, 300, 30
GRACE = timedelta(seconds=5)
TASK = "market.quant.answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """One indicator's values, oldest first: `time` and a text or None for each output.

    `left_out` are the times of candles made of too few minutes, which have no value therefore.
    """

    wish: Wish
    values: Values
    state: State
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """The newest `limit` closed candles of a series that opened before `end`."""

    symbol: str
    interval: str
    limit: int
    end: datetime | None = None


def of(wishes: Sequence[Wish], asked: Range, *, address: str) -> list[Answer]:
    """Every wish answered as far as it can be now; raises Refused for an unfit range.

    `address` is the caller's, whose computations are counted.
    """
    pair = catalog.instrument(asked.symbol)
    asked = replace(asked, end=_settled(asked.end, candles.step_of(asked.interval)))
    if not 1 <= asked.limit <= candles.LIMIT_MAX or asked.limit * len(wishes) > FIGURES_MAX:
        raise Refused(
            Code.MALFORMED,
            f"`limit` is 1 to {candles.LIMIT_MAX}; times indicators at most {FIGURES_MAX}.",
        )
    stored = [wish for wish in wishes if wish.is_default]
    held = _stored(pair, asked, stored) if stored else None
    if held is None:
        return [_computed(pair, wish, asked, address) for wish in wishes]
    return [
        held[wish] if wish in held else _computed(pair, wish, asked, address) for wish in wishes
    ]


def keep(key: str, values: Values, *, left_out: Sequence[str], at: datetime, is_past: bool) -> None:
    """Remember what was computed on request, at that moment; shorter where it ends in the past."""
    known = {"at": at.isoformat(), "values": values, "left_out": left_out}
    text = json.dumps(known, separators=(",", ":"))
    cache.set(key, zlib.compress(text.encode(), 1), PAST_KEPT_S if is_past else KEPT_S)


def key_of(symbol: str, interval: str, text: str, limit: int, end: str, *, simulated: bool) -> str:
    """Where an answer is kept; one of the simulated market is none of the real one."""
    market = "simulated" if simulated else "real"
    return f"study:{market}:{symbol}:{interval}:{text}:{limit}:{end}"


def _stored(
    pair: InstrumentInfo, asked: Range, wishes: Sequence[Wish]
) -> Mapping[Wish, Answer] | None:
    """The values on the shelf; None where it holds fewer than there are candles, or others."""
    state = shelf.state(pair.id, asked.interval)
    if state is None or state.simulated != candles.is_simulated_series(pair, asked.interval):
        return None
    columns = [column for wish in wishes for column in shelf.columns_of(wish.study)]
    columns.append("close")  # which a candle of too few minutes lacks
    rows = shelf.read(pair.id, asked.interval, columns, limit=asked.limit, end=asked.end)
    if len(rows) < asked.limit and _count(asked) > len(rows) + 1:
        return None
    left_out = [clock.iso(row.time) for row in rows if row.figures[-1] is None]
    found, first = {}, 0
    for wish in wishes:
        names = [output.name for output in wish.study.outputs]
        part = slice(first, first := first + len(names))
        values = [told(row.time, names, row.figures[part]) for row in rows]
        found[wish] = Answer(wish, values, "ready", left_out)
    return found


def told(
    time: datetime, names: Sequence[str], figures: Sequence[float | None]
) -> dict[str, str | None]:
    """One candle's values as they go over the wire."""
    texts = map(shelf.text, figures)
    return {"time": clock.iso(time), **dict(zip(names, texts, strict=True))}


def _count(asked: Range) -> int:
    found = candles.series(asked.symbol, asked.interval, end=asked.end, limit=asked.limit)
    return len(found.candles)


def _settled(end: datetime | None, step: timedelta) -> datetime | None:
    """When the candle ends that `end` lies in: every `end` in it means the same candles.

    None, the newest ones, where it has not ended yet.
    """
    now = clock.now()
    if end is None or end > now:
        return None
    since = max(end, gaps.EPOCH).astimezone(UTC)
    ended = since + (gaps.EPOCH - since) % step
    return ended if ended <= now else None


def _computed(pair: InstrumentInfo, wish: Wish, asked: Range, address: str) -> Answer:
    size = next(size for size in LIMITS if size >= asked.limit)
    end = asked.end.isoformat() if asked.end else ""
    simulated = candles.is_simulated_series(pair, asked.interval)
    key = key_of(pair.symbol, asked.interval, wish.text, size, end, simulated=simulated)
    kept = cache.get(key)
    found: dict[str, Any] = json.loads(zlib.decompress(kept)) if kept else {}
    values = found.get("values", [])[-asked.limit :]
    times = {value["time"] for value in values}
    left_out = [at for at in found.get("left_out", ()) if at in times]
    if kept and _is_fresh(found["at"], asked):
        return Answer(wish, values, "ready", left_out)
    if cache.add(f"{key}:asked", 1, ASKED_AGAIN_S):
        if quant.has_turn(address):
            quant.ask(TASK, pair.symbol, asked.interval, wish.text, size, end)
        else:  # somebody else may have one
            cache.delete(f"{key}:asked")
    return Answer(wish, values, "computing", left_out)


def _is_fresh(at: str, asked: Range) -> bool:
    """Whether no candle of the range has closed since."""
    closed = gaps.bucket(clock.now() - GRACE, candles.step_of(asked.interval))
    last = min(closed, asked.end) if asked.end else closed
    return datetime.fromisoformat(at) >= last + GRACE
