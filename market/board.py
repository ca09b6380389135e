"""What does everybody see? One table of rates per base currency.

The publisher makes the rows and writes the frames; everybody else reads the latest snapshot.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import redis

from core import clock, push
from core.clock import iso
from core.errors import Code, Refused
from core.money import significant, wire
from market import catalog
from market.catalog import CurrencyInfo
from market.fixings import Book
from market.quotes import LIVE_AGE_MAX, NO_NEW_PRICE, ReferencePrice, through_hub
from market.today import DayStats, Today

NO_PRICE = "no price yet"
FAR = datetime.max.replace(tzinfo=UTC)
WANTED = "board:wanted"  # sorted set: base -> unix time it was last wanted

LEFT_ALONE_MAX = LIVE_AGE_MAX + timedelta(seconds=2)  # the publisher has that long to say it itself


@dataclass(frozen=True, slots=True)
class Row:
    """One line, as on the wire: prices are text, missing is None, times ISO 8601.

    `price` is units of `code` per 1 base for fiat, price in base for crypto (`kind`). `since` is
    set where high and low do not cover the whole UTC day.
    """

    code: str
    name: str
    kind: str
    price: str | None = None
    high: str | None = None
    low: str | None = None
    change_pct: str | None = None
    bid: str | None = None
    ask: str | None = None
    as_of: str | None = None
    state: str = "stale"
    source: str = ""
    simulated: bool = False
    reason: str = ""
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A whole board: `seq` counts the changes of this base within one `epoch` of the publisher."""

    base: str
    seq: int
    epoch: str
    as_of: datetime
    rows: tuple[Row, ...]


def channel(base: str) -> str:
    """Redis channel of a base's frames, and the key of its latest snapshot frame."""
    return f"board:{base}"


def snapshot_text(base: str) -> bytes | None:
    """The latest snapshot frame of a base as the publisher encoded it; raises RedisError."""
    return cast("bytes | None", push.redis_client().get(channel(base)))


def snapshot(base: str) -> Board:
    """The board of a fiat base, wanted from now on.

    Raises Refused `unknown_currency`, and `not_ready` without prices.
    """
    code = base.upper()
    if code not in catalog.bases():
        raise Refused(Code.UNKNOWN_CURRENCY, f"There is no board of {base[:12]!r}.")
    try:
        want(code, at=clock.now())
        text = snapshot_text(code)
    except redis.RedisError as error:
        raise Refused(Code.NOT_READY, "Prices are not available at the moment.") from error
    if text is None:
        raise Refused(Code.NOT_READY, "There are no prices yet.")
    return aged(_board(json.loads(text)), clock.now())


def aged(board: Board, at: datetime) -> Board:
    """`board` as it has to be shown at that moment: nothing stays live by being left alone."""
    return replace(board, rows=tuple(_aged(line, at) for line in board.rows))


def _aged(line: Row, at: datetime) -> Row:
    is_old = live_until(line.state, line.as_of) < at
    return replace(line, state="stale", reason=NO_NEW_PRICE) if is_old else line


def live_until(state: str, as_of: str | None) -> datetime:
    """When a row stops being live by being left alone; others do not change by themselves."""
    if state not in ("live", "delayed") or as_of is None:
        return FAR
    return datetime.fromisoformat(as_of) + LEFT_ALONE_MAX


def want(base: str, *, at: datetime) -> None:
    """Say that somebody looks at this base, so that it gets every beat; raises RedisError."""
    push.redis_client().zadd(WANTED, {base: at.timestamp()})


def row(
    info: CurrencyInfo,
    *,
    base: str,
    legs: Mapping[str, ReferencePrice],
    today: Today,
    book: Book,
) -> Row:
    """The line of one currency on the board of a base.

    `legs` are the prices against USD by currency. A pair with a fixing in it has no extremes, and
    its change is against the fixing before.
    """
    start, end = (base, info.code) if info.is_fiat else (info.code, base)
    codes = [code for code in (start, end) if code != catalog.HUB]
    if not all(code in legs for code in codes):
        return Row(info.code, info.name, info.kind, reason=NO_PRICE)
    pair = through_hub(start, end, [legs[code] for code in codes])
    if pair.fixing_date is None:
        stats = today.stats(start, end)
    else:
        fixed = book.price(start, end, on=pair.fixing_date) if info.is_fiat else None
        stats = DayStats(previous=fixed.before if fixed else None)
    change = 100 * (pair.mid / stats.previous - 1) if stats.previous else None
    voices = [voice for voice in pair.sources if voice.used] or pair.sources
    return Row(
        code=info.code,
        name=info.name,
        kind=info.kind,
        price=_text(pair.mid),
        high=_text(stats.high),
        low=_text(stats.low),
        change_pct=_text(change),
        bid=_text(pair.bid),
        ask=_text(pair.ask),
        as_of=iso(pair.as_of),
        state=pair.state,
        source=", ".join(sorted({voice.source for voice in voices})),
        simulated=pair.simulated,
        reason=pair.reason,
        since=iso(stats.since) if stats.since else None,
    )


def _text(number: Decimal | None) -> str | None:
    """A number as it is sent: 10 significant digits, no exponent, no zeros that say nothing."""
    return None if number is None else wire(significant(number).normalize())


def _board(frame: dict[str, Any]) -> Board:
    return Board(
        base=frame["base"],
        seq=frame["seq"],
        epoch=frame["epoch"],
        as_of=datetime.fromisoformat(frame["as_of"]),
        rows=tuple(Row(**row) for row in frame["rows"]),
    )
