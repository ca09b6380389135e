"""Who makes prices? One loop, four times a second: read, judge, settle, store, publish."""

import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import redis
import structlog
from django.db import DatabaseError, InterfaceError, OperationalError

from core import clock
from core.errors import Retryable
from market import candles, catalog, inbox, polling, restore
from market.candles import SIMULATED, Candle
from market.charts.live import Live, Stored
from market.frames import Frames
from market.pricing import Memory, Pending
from market.writer import Writer

log = structlog.get_logger(__name__)

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
BEAT_S = 0.25
BATCHES_MAX = 500  # read at one beat; more wait for the next
WAITING_S = 1.0  # between two tries to become the one writer, or to reach the database
SOURCES_EVERY = timedelta(seconds=5)
CATALOG_EVERY = timedelta(seconds=30)
TICKS_MAX = 200_000  # kept while the database is away
SET_BACK_S = 2.0
MISSHAPEN = (TypeError, ValueError, KeyError, AttributeError, ArithmeticError)
AWAY = (OperationalError, InterfaceError)


class ClockSetBack(Retryable):
    """All that is known is of a time to come; a process that begins now knows better."""


class Publisher:
    """The one writer of prices. All of it runs in the thread that calls it first."""

    def __init__(self, *, feeds: list[str]) -> None:
        self.feeds = feeds
        self.writer = Writer()
        self.frames = Frames()
        self.charts = Live()
        self.known: Memory | None = None
        self.position = "0-0"
        self.away: set[str] = set()
        self.retry_at = 0.0  # monotonic
        self.watch = clock.Watch()
        self.told_at = self.listed_at = LONG_AGO

    def lead(self, stop: threading.Event) -> bool:
        """Wait to become the one writer, then remember; False when told to stop before."""
        while not stop.is_set():
            try:
                if self.writer.lead():
                    self.remember()
                    self.away.clear()
                    return True
                self._lost("leadership", "another process writes prices")
            except AWAY as error:
                self._lost("database", error)
                self.writer.close()
            stop.wait(WAITING_S)
        return False

    def remember(self) -> None:
        """Take up where the last writer of prices left off. Raises Django's database errors."""
        with self.writer.transaction() as cursor:
            self.known = restore.memory(cursor, feeds=self.feeds, at=clock.now())
            self.position = restore.position(cursor)
        with suppress(redis.RedisError):  # then the days go on as they were said last
            polling.seed_again()

    def run(self, stop: threading.Event) -> None:
        """Beat until told to stop, then store what is left. Raises Deposed and ClockSetBack."""
        try:
            while not stop.is_set():
                started = time.monotonic()
                self._look_at_the_clock()
                self.beat(clock.now())
                stop.wait(max(0.0, BEAT_S - (time.monotonic() - started)))
            self.beat(clock.now(), last=True)
        finally:
            self.writer.close()

    def beat(self, at: datetime, *, last: bool = False) -> None:
        """One round: nothing that Redis or PostgreSQL refuses is lost, it waits for the next."""
        if self.known is None:
            raise RuntimeError("remember before the first beat")
        known, day = self.known, self.known.today.starts
        self._read(known)
        codes = known.settle(at)
        if last:
            known.pending.candles += known.minutes.all()
        self._store(known, at, last=last)
        self.frames.touch(codes, known)
        if known.today.starts != day:
            self.frames.touch_all()
        try:
            self.frames.send(known, at=at)
            self.charts.send(known, Stored(self._so_far, self._closed), at=at)
            self._found("redis")
        except redis.RedisError as error:
            self._lost("redis", error)
        except AWAY as error:  # a chart was asked for whose candle has to be read
            self._lost("database", error)
            self.writer.close()

    def _look_at_the_clock(self) -> None:
        """What sources say now would be older than what they said last, for hours perhaps."""
        back_s = self.watch.set_back_s()
        if back_s > SET_BACK_S:
            raise ClockSetBack(f"the clock was set back by {back_s:.0f} s")

    def _so_far(
        self, instrument_id: int, source: str, interval: str, start: datetime, before: datetime
    ) -> Candle | None:
        """What a candle has come to, of the market the source is of. Raises Django's errors."""
        known = self.known.listing.instruments.values() if self.known else ()
        pair = next(one for one in known if one.id == instrument_id)
        with self.writer.transaction() as cursor:
            heard = candles.sources_of(cursor, pair)
            names = candles.ranked(pair, heard, interval, simulated=source == SIMULATED)
            return candles.so_far(cursor, instrument_id, names, interval, start, before)

    def _closed(
        self, instrument_id: int, source: str, interval: str, start: datetime
    ) -> Candle | None:
        """A candle that is over, once it was rolled up. Raises Django's database errors."""
        if "database" in self.away:  # charts go on without it
            return None
        with self.writer.transaction() as cursor:
            return candles.closed_at(cursor, instrument_id, source, interval, start)

    def _read(self, known: Memory) -> None:
        try:
            entries = inbox.read(self.position, count=BATCHES_MAX)
        except redis.RedisError as error:
            self._lost("redis", error)
            return
        for key, batch in entries:
            try:
                known.take(batch)
            except MISSHAPEN:  # else it would end every process that reads it
                log.exception("a batch could not be judged", source=batch.source, entry=key)
            self.position = known.pending.position = key

    def _store(self, known: Memory, at: datetime, *, last: bool) -> None:
        """Write what is pending; while the database is away it is kept, up to a bound."""
        if time.monotonic() < self.retry_at and not last:
            return
        telling = last or at - self.told_at >= SOURCES_EVERY
        if not (known.pending or telling):
            return
        try:
            self._follow(known, at)
            self.writer.write(known.pending, known.sources.values() if telling else (), at=at)
        except AWAY as error:
            self._lost("database", error)
            self.writer.close()
            self.retry_at = time.monotonic() + WAITING_S
            self._bound(known.pending)
            return
        except DatabaseError:  # trying the same again would fail for ever
            log.exception("the database refused what was pending", lost=len(known.pending.ticks))
            known.pending = Pending(position=self.position)
            return
        self._found("database")
        known.pending = Pending()
        if telling:
            self.told_at = at

    def _follow(self, known: Memory, at: datetime) -> None:
        """Go by the operator's catalog: a currency may have been switched off or on."""
        if at - self.listed_at < CATALOG_EVERY:
            return
        with self.writer.transaction() as cursor:
            listing = catalog.read(cursor)
        if listing != known.listing:
            known.follow(listing)
            self.frames.touch_all()
        self.listed_at = at

    def _lost(self, what: str, error: object) -> None:
        """Say once that something is away; prices wait for it."""
        if what not in self.away:
            self.away.add(what)
            log.warning("prices wait", for_=what, error=str(error))

    def _found(self, what: str) -> None:
        if what in self.away:
            self.away.remove(what)
            log.info("prices wait no longer", for_=what)

    @staticmethod
    def _bound(pending: Pending) -> None:
        surplus = len(pending.ticks) - TICKS_MAX
        if surplus > 0:
            del pending.ticks[:surplus]
            log.error("ticks lost: the database is away for too long", lost=surplus)
