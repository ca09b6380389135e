"""Is what a source said fit to be a price? Refused with a reason, or a good tick.

`Judge` remembers, per source and pair, the last good tick, when it last answered, how much it
usually moves, and a jump that waits for confirmation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from core.clock import iso
from market.inbox import Batch, RawTick, Transport
from market.moves import LONG_AGO, MEMORY, Move, Volatility, is_jump
from market.numbers import Reason, Unfit, moment, price, volume

FUTURE_MAX = timedelta(seconds=2)
SOCKET_SILENT = timedelta(seconds=5)  # a socket quiet for longer gives way to polls
FIXING_DISTANCE_MAX = Decimal("0.20")
SAMPLE_MAX = 200  # characters
SYMBOL_MAX = 25
TWO = Decimal(2)


@dataclass(slots=True)  # not frozen: a frozen one takes eight times as long to make
class Tick:
    """A good price of one source; `as_of` is the source's time, or ours where it gives none."""

    source: str
    symbol: str
    transport: Transport
    mid: Decimal
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    volume: Decimal | None
    as_of: datetime
    received_at: datetime

    def repeats(self, other: "Tick") -> bool:
        """Has nothing changed that has to change now and then if the source is not frozen?"""
        return (
            self.bid == other.bid
            and self.ask == other.ask
            and self.volume == other.volume
            and (self.bid is not None or self.last == other.last)
        )


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something refused; `sample` shows it, bounded."""

    source: str
    symbol: str
    reason: Reason
    at: datetime
    sample: str


UNSAID = RawTick("")
UNREAD = Tick("", "", "rest", Decimal(), None, None, None, None, LONG_AGO, LONG_AGO)


@dataclass(slots=True)
class Track:
    """What is remembered of one source's pair: what it said last, fit or not, and what is good."""

    kind: str
    said: RawTick = UNSAID
    read: Tick = field(default_factory=lambda: UNREAD)  # `said` in numbers
    good: Tick | None = None
    answered_at: datetime | None = None
    changed_at: datetime | None = None
    socket_at: datetime | None = None
    volatility: Volatility = field(default_factory=Volatility)
    move: Move | None = None
    fixed: Decimal | None = None  # the fixing that `low` and `high` are around
    low: Decimal = Decimal()
    high: Decimal = Decimal()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one batch's ticks; `confirmed` are jumps that have proved real."""

    good: tuple[Tick, ...]
    refused: tuple[Rejection, ...]
    confirmed: tuple[Tick, ...] = ()


class Judge:
    """Judges ticks; `kinds` names the pairs there are, `fixing` gives a pair's latest one."""

    def __init__(
        self, kinds: Mapping[str, str], fixing: Callable[[str], Decimal | None] = lambda _: None
    ) -> None:
        self.kinds = kinds
        self.fixing = fixing
        self.tracks: dict[str, dict[str, Track]] = {}  # symbol, then source

    def judge(self, batch: Batch) -> Verdict:
        """Sort a batch's ticks into good and refused."""
        good: list[Tick] = []
        refused: list[Rejection] = []
        confirmed: list[Tick] = []
        for raw in batch.ticks:
            try:
                track = self.track(raw.symbol, batch.source)
                tick = read_tick(raw, batch, track)
                track.said, track.read = raw, tick
                if not self._is_news(tick, track):
                    continue
                if self._accept(tick, track):
                    confirmed.append(tick)
                good.append(tick)
            except Unfit as unfit:
                refused.append(rejection(batch, unfit.reason, raw.symbol, raw))
        return Verdict(tuple(good), tuple(refused), tuple(confirmed))

    def track(self, symbol: str, source: str) -> Track:
        """The memory of one source's pair, made at its first tick; raises Unfit for no pair."""
        if not isinstance(symbol, str) or symbol not in self.kinds:
            raise Unfit(Reason.UNKNOWN if symbol and isinstance(symbol, str) else Reason.MISSING)
        try:
            return self.tracks[symbol][source]
        except KeyError:
            made = Track(self.kinds[symbol])
            self.tracks.setdefault(symbol, {})[source] = made
            return made

    def forget(self, symbol: str, source: str) -> None:
        """Drop what is known of a source's pair."""
        self.tracks.get(symbol, {}).pop(source, None)

    def _is_news(self, tick: Tick, track: Track) -> bool:
        """May the tick replace what is known? An unchanged answer proves life, and no more.

        Raises Unfit `older_than_last` and `duplicate`.
        """
        last = track.good
        if last is not None and last.transport == tick.transport and tick.as_of <= last.as_of:
            self._check_order(tick, track, last)
        if tick.transport == "rest" and last is not None and self._socket_rules(tick, track):
            track.answered_at = _later(track.answered_at, tick.received_at)
            return False
        return True

    @staticmethod
    def _check_order(tick: Tick, track: Track, last: Tick) -> None:
        """Raise Unfit for an older tick, or the same message again.

        A poll that finds nothing new is no duplicate but a sign of life.
        """
        if tick.as_of < last.as_of:
            raise Unfit(Reason.OLDER)
        same = tick.last == last.last and tick.repeats(last)
        if same and (tick.transport == "socket" or tick.received_at == last.received_at):
            track.answered_at = tick.received_at
            raise Unfit(Reason.DUPLICATE)

    @staticmethod
    def _socket_rules(tick: Tick, track: Track) -> bool:
        """A poll never replaces the price of a socket that still speaks, or a younger one."""
        if track.socket_at is None or track.good is None or track.good.transport != "socket":
            return False
        speaks = tick.received_at - track.socket_at <= SOCKET_SILENT
        return speaks or tick.as_of < track.good.as_of

    def _accept(self, tick: Tick, track: Track) -> bool:
        """Make the tick the pair's last good one; True when it confirms a jump.

        Raises Unfit `far_from_fixing` and `jump`.
        """
        if track.kind == "fx":
            self._check_fixing(tick, track)
        last, moved = track.good, track.move is not None
        if last is not None and tick.received_at - last.received_at <= MEMORY:
            if is_jump(tick.mid, last.mid, volatility=track.volatility, kind=track.kind):
                self._check_move(tick, track)
            else:
                track.move = None
        confirmed = moved and track.move is not None
        track.move = None
        if confirmed:
            track.volatility = Volatility()
        if tick.received_at >= track.volatility.due:
            track.volatility.note(tick.mid, tick.received_at)
        if last is None or not tick.repeats(last):
            track.changed_at = tick.received_at
        if tick.transport == "socket":
            track.socket_at = tick.received_at
        track.good, track.answered_at = tick, tick.received_at
        return confirmed

    def _check_fixing(self, tick: Tick, track: Track) -> None:
        fixed = self.fixing(tick.symbol)
        if fixed is None:
            return
        if fixed is not track.fixed:
            track.fixed, away = fixed, fixed * FIXING_DISTANCE_MAX
            track.low, track.high = fixed - away, fixed + away
        if not track.low <= tick.mid <= track.high:
            raise Unfit(Reason.FAR_FROM_FIXING)

    @staticmethod
    def _check_move(tick: Tick, track: Track) -> None:
        """Raise Unfit `jump` unless the move has held its level for a minute."""
        if track.move is None or not track.move.holds(tick.mid, track.kind):
            track.move = Move(tick.mid, tick.received_at)
        if not track.move.is_confirmed(tick.received_at):
            track.answered_at = tick.received_at
            raise Unfit(Reason.JUMP)


def read_tick(raw: RawTick, batch: Batch, track: Track) -> Tick:
    """The tick as numbers: both sides, or a last price alone; raises Unfit.

    Most figures are the same text as in the message before, and are not read again.
    """
    said, known = track.said, track.read
    if (raw.bid is None) != (raw.ask is None):
        raise Unfit(Reason.MISSING)
    bid = known.bid if raw.bid == said.bid else None if raw.bid is None else price(raw.bid)
    ask = known.ask if raw.ask == said.ask else None if raw.ask is None else price(raw.ask)
    last = known.last if raw.last == said.last else None if raw.last is None else price(raw.last)
    repeated = bid is known.bid and ask is known.ask and bid is not None
    mid = known.mid if repeated else _mid(bid, ask, last)
    received_at = batch.received_at
    as_of = received_at if raw.as_of is None else moment(raw.as_of)
    if as_of > received_at and as_of - received_at > FUTURE_MAX:
        raise Unfit(Reason.FUTURE)
    size = known.volume if raw.volume == said.volume else volume(raw.volume)
    return Tick(
        batch.source, raw.symbol, batch.transport, mid, bid, ask, last, size, as_of, received_at
    )


def rejection(batch: Batch, reason: Reason, symbol: object, what: object) -> Rejection:
    """The record of something refused in a batch."""
    return Rejection(
        source=batch.source,
        symbol=_printable(str(symbol), SYMBOL_MAX),
        reason=reason,
        at=batch.received_at,
        sample=_printable(f"{iso(batch.received_at)} {what}", SAMPLE_MAX),
    )


def _mid(bid: Decimal | None, ask: Decimal | None, last: Decimal | None) -> Decimal:
    if bid is not None and ask is not None:
        if bid > ask:
            raise Unfit(Reason.BID_ABOVE_ASK)
        return (bid + ask) / TWO
    if last is None:
        raise Unfit(Reason.NULL)
    return last


def _later(known: datetime | None, other: datetime) -> datetime:
    return other if known is None else max(known, other)


def _printable(text: str, length_max: int) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)[:length_max]
