"""How do prices come of what sources say? The writer's memory: all said, judged and settled.

`take` judges a batch, `settle` makes the prices of a moment; both put what has to be stored into
`pending` and touch neither PostgreSQL nor Redis.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import structlog

from core import clock
from market import candle_store, fixings
from market.candles import DAY, SIMULATED, Candle
from market.catalog import Catalog, InstrumentInfo
from market.consolidation import TETHER, consolidate, frozen_sources, opinions
from market.feeds import replay
from market.fixings import Book, Fixing
from market.inbox import Batch
from market.minutes import Minutes
from market.numbers import Reason, Unfit
from market.quality import Judge, Rejection, Tick, rejection
from market.quotes import ReferencePrice
from market.rejections import Tallies
from market.simulation import SOURCE as SIMULATED_SOURCE
from market.simulation import Simulation
from market.sources import Source
from market.ticks import PriceRow
from market.today import Today, minute_source, worth_of

log = structlog.get_logger(__name__)

PRICE_ROW_EVERY = timedelta(seconds=5)  # a price is stored so often, and whenever its state turns
LAST_PRICE_MAX_AGE = timedelta(days=1)  # an older one is no "last price before midnight"


@dataclass(slots=True)
class Pending:
    """What has to be written, in one transaction."""

    ticks: list[Tick] = field(default_factory=list)
    prices: list[PriceRow] = field(default_factory=list)
    fixings: list[Fixing] = field(default_factory=list)
    candles: list[Candle] = field(default_factory=list)
    tallies: Tallies = field(default_factory=Tallies)
    latest: dict[int, ReferencePrice] = field(default_factory=dict)
    first_real: dict[int, datetime] = field(default_factory=dict)
    position: str = ""

    def __bool__(self) -> bool:
        rows = (self.ticks, self.prices, self.fixings, self.candles, self.latest, self.first_real)
        return any(rows) or bool(self.tallies.counts or self.position)


class Memory:
    """The market as the writer of prices sees it."""

    def __init__(
        self, listing: Catalog, *, simulation: Simulation, today: Today, book: Book | None = None
    ) -> None:
        self.simulation, self.today, self.book = simulation, today, book or Book()
        self.judge = Judge({}, fixing=self.fixed_mid)
        self.minutes = Minutes()
        self.sources: dict[str, Source] = {}
        self.prices: dict[str, ReferencePrice] = {}
        self.made: dict[str, ReferencePrice] = {}  # the last ones that sources made
        self.pending = Pending()
        self.simulated: frozenset[str] = frozenset()
        self.fresh_ticks: dict[tuple[str, str], Tick] = {}
        self.written_at: dict[str, datetime] = {}
        self.follow(listing)

    def follow(self, listing: Catalog) -> None:
        """Go by this catalog from now on."""
        self.listing = listing
        self.direct = [pair for pair in listing.instruments.values() if not pair.is_cross]
        kinds = {pair.symbol: pair.kind for pair in listing.instruments.values()}
        coins = [pair.base for pair in self.direct if pair.kind != "fx" and pair.base != TETHER]
        self.judge.kinds = kinds | {f"{coin}-{TETHER}": "crypto" for coin in coins}

    def fixed_mid(self, symbol: str) -> Decimal | None:
        """The latest fixing of an FX pair."""
        pair = self.listing.instruments[symbol]
        fixed = self.book.latest(pair.base, pair.quote)
        return fixed.mid if fixed else None

    def take(self, batch: Batch) -> None:
        """Judge a batch. What the simulated market says of real instruments is not heard."""
        if batch.source == SIMULATED_SOURCE:
            batch = self._simulated_part(batch)
        verdict = self.judge.judge(batch)
        for tick in verdict.confirmed:
            log.warning("jump confirmed", source=tick.source, symbol=tick.symbol, mid=tick.mid)
        for tick in verdict.good:
            if tick.source != SIMULATED_SOURCE:  # which can be computed again from its seed
                self.fresh_ticks[tick.source, tick.symbol] = tick
                pair = self.listing.instruments.get(tick.symbol)
                if pair is not None:
                    self.minutes.note(pair.id, tick.source, tick.mid, at=tick.received_at)
        fixed, refused_fixings = self._take_fixings(batch)
        days, refused_days = self._take_days(batch)
        refused = [*verdict.refused, *refused_fixings, *refused_days]
        if batch.problem is not None:
            refused.append(rejection(batch, Reason(batch.problem), "", batch.detail))
        self.pending.tallies.add(refused)
        source = self.sources.setdefault(batch.source, Source(batch.source))
        source.note(batch, accepted=len(verdict.good) + fixed + days, refused=len(refused))
        if source.last_success_at is not None and batch.source != SIMULATED_SOURCE:
            self.simulation.answered = True

    def settle(self, at: datetime) -> set[str]:
        """Make every price of this moment; answers with the currencies whose row may differ."""
        self._begin_day(at)
        self.pending.ticks += self.fresh_ticks.values()
        self.fresh_ticks = {}
        self._look_for_simulated(at)
        frozen = frozen_sources(self.judge, at)
        for source in self.sources.values():
            source.frozen = source.name in frozen
        changed = {pair.symbol for pair in self.direct if self._settle_pair(pair, at, frozen)}
        self._note_day(changed, at)
        self.pending.candles += self._due(at)
        return {worth_of(pair)[0] for pair in self.direct if pair.symbol in changed}

    def _due(self, at: datetime) -> list[Candle]:
        """Minutes to write; a simulated coin has traded something in them."""
        due = self.minutes.due(at)
        symbols = {pair.id: pair.symbol for pair in self.direct}
        for one in due:
            symbol = symbols.get(one.instrument_id)
            if one.source == SIMULATED and symbol is not None:
                traded = replay.traded(symbol, int(one.open_time.timestamp()))
                one.volume = Decimal(traded) if traded else None
        return due

    def worths(self, *, live: bool) -> dict[str, Decimal]:
        """Every currency's worth in USD, of live prices only or of all that sources made."""
        known = self.prices if live else self.made
        result = {}
        for pair in self.direct:
            price = known.get(pair.symbol)
            if price is not None and (price.state == "live" or not live):
                code, inverted = worth_of(pair)
                result[code] = 1 / price.mid if inverted else price.mid
        return result

    def _simulated_part(self, batch: Batch) -> Batch:
        return replace(
            batch,
            ticks=tuple(tick for tick in batch.ticks if tick.symbol in self.simulated),
            candles=tuple(day for day in batch.candles if day.symbol in self.simulated),
            fixings=(),
        )

    def _take_fixings(self, batch: Batch) -> tuple[int, list[Rejection]]:
        """Fixings make an instrument real: a fiat currency without a live source has no other."""
        taken, refused = 0, []
        for raw in batch.fixings:
            try:
                fixing, spoiled = fixings.read(raw, at=batch.received_at)
                refused += [rejection(batch, reason, code, raw.date) for code, reason in spoiled]
                self.book.add(fixing)
                self.pending.fixings.append(fixing)
                taken += 1
                for pair in self.direct:
                    if pair.kind == "fx" and worth_of(pair)[0] in (*fixing.rates, fixings.ANCHOR):
                        self._become_real(pair, batch.received_at)
            except Unfit as unfit:
                refused.append(rejection(batch, unfit.reason, "", raw))
        return taken, refused

    def _take_days(self, batch: Batch) -> tuple[int, list[Rejection]]:
        """Sources' daily candles; those in USDT are not ours to keep."""
        taken, refused = 0, []
        for raw in batch.candles:
            pair = self.listing.instruments.get(raw.symbol)
            try:
                if pair is None and raw.symbol not in self.judge.kinds:
                    raise Unfit(Reason.UNKNOWN)
                if pair is None:
                    continue
                day = candle_store.read_said(
                    raw,
                    instrument_id=pair.id,
                    source=SIMULATED if batch.source == SIMULATED_SOURCE else batch.source,
                    interval=DAY,
                    at=batch.received_at,
                )
                self.pending.candles.append(day)
                taken += 1
                if not pair.is_cross:
                    self.today.seed(pair, day)
            except Unfit as unfit:
                refused.append(rejection(batch, unfit.reason, raw.symbol, raw))
        return taken, refused

    def _begin_day(self, at: datetime) -> None:
        if clock.midnight(at) > self.today.starts:
            known = self.worths(live=False)
            for pair in self.direct:
                made = self.made.get(pair.symbol)
                if made is not None and at - made.as_of > LAST_PRICE_MAX_AGE:
                    known.pop(worth_of(pair)[0], None)
            self.today.roll(known, at=at)

    def _look_for_simulated(self, at: datetime) -> None:
        listed = [pair.symbol for pair in self.direct]
        self.simulated = self.simulation.symbols(listed, at=at)
        codes = (worth_of(pair)[0] for pair in self.direct if pair.symbol in self.simulated)
        self.today.simulated = frozenset(codes)

    def _settle_pair(self, pair: InstrumentInfo, at: datetime, frozen: frozenset[str]) -> bool:
        """Make the price of one instrument against USD; whether it is another than before."""
        said = opinions(self.judge, pair, at=at, frozen=frozen)
        real = [one for one in said if one.voice.source != SIMULATED_SOURCE]
        if any(one.usable for one in real):
            self._become_real(pair, at)
        if pair.symbol in self.simulated:
            said = [one for one in said if one.voice.source == SIMULATED_SOURCE]
        else:
            said = real
        price = consolidate(
            pair,
            said,
            previous=self.made.get(pair.symbol),
            fixed=self.book.latest(pair.base, pair.quote) if pair.kind == "fx" else None,
            at=at,
        )
        before = self.prices.get(pair.symbol)
        if price is None or price == before:
            return False
        self.prices[pair.symbol] = price
        if price.state == "live":
            self.made[pair.symbol] = price
        self._record(pair, price, before, at)
        return True

    def _become_real(self, pair: InstrumentInfo, at: datetime) -> None:
        """End the instrument's simulated feed for good, unless it was asked for alone."""
        if pair.symbol in self.simulation.real:
            return
        self.simulation.real.add(pair.symbol)
        self.pending.first_real[pair.id] = at
        if pair.symbol in self.simulated and not self.simulation.alone:
            self.simulated -= {pair.symbol}
            self.today.forget(worth_of(pair)[0])
            self.today.simulated -= {worth_of(pair)[0]}
            self.judge.forget(pair.symbol, SIMULATED_SOURCE)
            self.made.pop(pair.symbol, None)
            log.info("simulated market ends", symbol=pair.symbol)

    def _record(
        self,
        pair: InstrumentInfo,
        price: ReferencePrice,
        before: ReferencePrice | None,
        at: datetime,
    ) -> None:
        turned = before is None or before.state != price.state
        if turned or at - self.written_at[pair.symbol] >= PRICE_ROW_EVERY:
            self.written_at[pair.symbol] = at
            self.pending.prices.append(PriceRow(at, pair.id, price))
            if price.state == "live":
                self.pending.latest[pair.id] = price

    def _note_day(self, changed: set[str], at: datetime) -> None:
        """Today's extremes, and the minutes of every instrument that has just been quoted live."""
        worths = self.worths(live=True)
        told = {
            worth_of(pair)[0]: pair
            for pair in self.direct
            if pair.symbol in changed and worth_of(pair)[0] in worths
        }
        self.today.note(worths, moved=told, at=at)
        for pair in self.listing.instruments.values():
            if not {pair.base, pair.quote} & told.keys():
                continue
            mid = self._live_mid(pair, worths)
            if mid is not None:
                legs = [self.listing.leg(code) for code in (pair.base, pair.quote)]
                simulated = any(leg and leg.symbol in self.simulated for leg in legs)
                self.minutes.note(pair.id, minute_source(simulated), mid, at=at)

    def _live_mid(self, pair: InstrumentInfo, worths: dict[str, Decimal]) -> Decimal | None:
        if not pair.is_cross:
            return self.prices[pair.symbol].mid
        if pair.base not in worths or pair.quote not in worths:
            return None
        return worths[pair.base] / worths[pair.quote]
