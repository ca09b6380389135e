"""What is a currency worth now? The latest reference prices, and any pair through USD."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, cast

import redis

from core import clock, push
from core.errors import Code, Refused
from core.money import significant
from market import catalog

State = Literal["live", "reference", "delayed", "stale", "closed"]
# No source of today is `delayed`; the word waits for one that publishes late on purpose.
STATES: tuple[State, ...] = ("live", "reference", "delayed", "stale", "closed")  # best first
LATEST = "market:latest"  # Redis hash: symbol -> ReferencePrice as JSON
LIVE_AGE_MAX = timedelta(seconds=10)
FIXING_AGE_MAX = timedelta(days=5)
DISPUTED = "price_disputed"  # reason: two sources disagree
UNCONFIRMED = "unconfirmed move"  # reason: a jump that has not held its level for a minute yet
OLD_FIXING = "old fixing"
NO_NEW_PRICE = "no new price"
FIXING = "fixing"  # note of the contributor that shows the central bank's fixing
PATH_DIGITS = 20  # significant digits a price through USD is computed with


@dataclass(frozen=True, slots=True)
class Contributor:
    """What one source says of one instrument, and whether it counted."""

    source: str
    mid: Decimal
    bid: Decimal | None
    ask: Decimal | None
    as_of: datetime
    used: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """The price of one instrument: units of its quote per 1 base, with everyone who said so.

    `as_of` is the last answer that contained it (of a fixing: its moment). `fixing_date` is set
    where the price is the European Central Bank's.
    """

    symbol: str
    mid: Decimal
    bid: Decimal | None
    ask: Decimal | None
    as_of: datetime
    state: State
    reason: str = ""
    simulated: bool = False
    contributors: tuple[Contributor, ...] = ()
    fixing_date: date | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One step of a path: the instrument's price, turned upside down where `inverted`."""

    price: ReferencePrice
    inverted: bool

    @property
    def mid(self) -> Decimal:
        """Units of the step's target per 1 of its start."""
        return _inverse(self.price.mid) if self.inverted else self.price.mid

    @property
    def bid(self) -> Decimal | None:
        """What the step's start is sold at."""
        side = self.price.ask if self.inverted else self.price.bid
        return _inverse(side) if self.inverted and side else side

    @property
    def ask(self) -> Decimal | None:
        """What the step's start is bought at."""
        side = self.price.bid if self.inverted else self.price.ask
        return _inverse(side) if self.inverted and side else side


@dataclass(frozen=True, slots=True)
class PairPrice:
    """Units of `to_code` per 1 `from_code`, by the path shown. `mid` is exact to 20 digits."""

    from_code: str
    to_code: str
    mid: Decimal
    bid: Decimal | None
    ask: Decimal | None
    as_of: datetime
    state: State
    reason: str
    simulated: bool
    path: tuple[str, ...]
    legs: tuple[Leg, ...]

    @property
    def sources(self) -> tuple[Contributor, ...]:
        """Every contributor of every leg, used or not."""
        return tuple(one for leg in self.legs for one in leg.price.contributors)

    @property
    def fixing_date(self) -> date | None:
        """The oldest fixing in the path."""
        dates = [leg.price.fixing_date for leg in self.legs if leg.price.fixing_date]
        return min(dates, default=None)


VOICE_FIELDS = tuple(Contributor.__dataclass_fields__)
PRICE_FIELDS = tuple(ReferencePrice.__dataclass_fields__)


def latest() -> dict[str, ReferencePrice]:
    """The latest reference price of every instrument that has one; {} while nothing is known.

    Raises Refused `not_ready` while Redis is away.
    """
    return {price.symbol: price for price in _stored(None)}


def newest() -> dict[str, datetime]:
    """Of when the newest price of each source is that contributes to one; raises as `latest`."""
    found: dict[str, datetime] = {}
    for one in (one for price in latest().values() for one in price.contributors):
        found[one.source] = max(one.as_of, found.get(one.source, one.as_of))
    return found


def pair(from_code: str, to_code: str) -> PairPrice:
    """The price of one currency in another, in at most two legs through USD.

    Raises Refused `unknown_currency`, `same_currency`, and `not_ready` while a leg has no price.
    """
    start, end = catalog.currency(from_code).code, catalog.currency(to_code).code
    if start == end:
        raise Refused(Code.SAME_CURRENCY, "Choose two different currencies.")
    codes = [code for code in (start, end) if code != catalog.HUB]
    symbols = [catalog.leg(code).symbol for code in codes]
    known = {price.symbol: price for price in _stored(symbols)}
    for symbol in symbols:
        if symbol not in known:
            raise Refused(Code.NOT_READY, f"There is no price of {symbol} yet.", symbol=symbol)
    return through_hub(start, end, [known[symbol] for symbol in symbols])


def through_hub(start: str, end: str, prices: list[ReferencePrice]) -> PairPrice:
    """The pair as the product of its legs: the worst leg's state, the oldest leg's time.

    Where one leg is a fixing, the other is its fixing of the same day if there is one.
    """
    path = (start, end) if catalog.HUB in (start, end) else (start, catalog.HUB, end)
    prices = _on_one_day(prices)
    legs = tuple(
        Leg(price, inverted=not price.symbol.startswith(f"{step}-"))
        for step, price in zip(path, prices, strict=False)
    )
    worst = max(legs, key=lambda leg: STATES.index(leg.price.state)).price
    return PairPrice(
        from_code=start,
        to_code=end,
        mid=cast(Decimal, _product([leg.mid for leg in legs])),
        bid=_product([leg.bid for leg in legs]),
        ask=_product([leg.ask for leg in legs]),
        as_of=min(leg.price.as_of for leg in legs),
        state=worst.state,
        reason=worst.reason,
        simulated=any(leg.price.simulated for leg in legs),
        path=path,
        legs=legs,
    )


def _on_one_day(prices: list[ReferencePrice]) -> list[ReferencePrice]:
    dates = {price.fixing_date for price in prices if price.fixing_date}
    if len(prices) == 1 or len(dates) != 1:
        return prices
    day = dates.pop()
    return [price if price.fixing_date else _fixed(price, day) for price in prices]


def _fixed(price: ReferencePrice, day: date) -> ReferencePrice:
    """The instrument's fixing of that day, which stands among its contributors, or `price`."""
    for voice in price.contributors:
        if voice.note == FIXING and voice.as_of.date() == day:
            return replace(
                price,
                mid=voice.mid,
                bid=None,
                ask=None,
                as_of=voice.as_of,
                state="reference",
                reason=fixing_of(day),
                simulated=False,
                contributors=(replace(voice, used=True),),
                fixing_date=day,
            )
    return price


def encode(price: ReferencePrice) -> str:
    """`price` as it is kept in Redis."""
    fields = {name: getattr(price, name) for name in PRICE_FIELDS}
    return json.dumps(fields | {"contributors": voices(price)}, default=str, separators=(",", ":"))


def voices(price: ReferencePrice) -> list[dict[str, Any]]:
    """Everyone who spoke of `price`, as JSON has them."""
    return [_encoded(voice) for voice in price.contributors]


def decode(text: bytes | str) -> ReferencePrice:
    """The price that `encode` wrote; raises ValueError, TypeError or KeyError on anything else."""
    fields = json.loads(text)
    fields["contributors"] = tuple(_contributor(one) for one in fields["contributors"])
    fields["as_of"] = datetime.fromisoformat(fields["as_of"])
    fixed = fields["fixing_date"]
    fields["fixing_date"] = date.fromisoformat(fixed) if fixed else None
    return ReferencePrice(**_decimals(fields))


def fixing_of(day: date) -> str:
    """Why a price is a reference."""
    return f"ECB fixing of {day:%-d %b %Y}"


def aged(price: ReferencePrice, at: datetime) -> ReferencePrice:
    """`price` as a reader at that moment has to see it: nothing stays live by being left alone.

    Nor by being of a time to come, as after the clock was set back.
    """
    if price.state in ("live", "delayed") and abs(at - price.as_of) > LIVE_AGE_MAX:
        return replace(price, state="stale", reason=NO_NEW_PRICE)
    if price.state == "reference" and at - price.as_of > FIXING_AGE_MAX:
        return replace(price, state="stale", reason=OLD_FIXING)
    return price


def _stored(symbols: list[str] | None) -> list[ReferencePrice]:
    try:
        client = push.redis_client()
        if symbols is None:
            texts = list(cast("dict[bytes, bytes]", client.hgetall(LATEST)).values())
        else:
            texts = cast("list[bytes]", client.hmget(LATEST, symbols)) if symbols else []
    except redis.RedisError as error:
        raise Refused(Code.NOT_READY, "Prices are not available at the moment.") from error
    now = clock.now()
    return [aged(decode(text), now) for text in texts if text]


def _encoded(voice: Contributor) -> dict[str, Any]:
    values = ((name, getattr(voice, name)) for name in VOICE_FIELDS)
    return {name: value if isinstance(value, bool | None) else str(value) for name, value in values}


def _contributor(fields: dict[str, Any]) -> Contributor:
    fields["as_of"] = datetime.fromisoformat(fields["as_of"])
    return Contributor(**_decimals(fields))


def _decimals(fields: dict[str, Any]) -> dict[str, Any]:
    prices = {name: fields[name] for name in ("mid", "bid", "ask")}
    return fields | {name: Decimal(text) if text else None for name, text in prices.items()}


def _inverse(price: Decimal) -> Decimal:
    return significant(1 / price, PATH_DIGITS)


def _product(factors: list[Decimal | None]) -> Decimal | None:
    result = Decimal(1)
    for factor in factors:
        if factor is None:
            return None
        result *= factor
    return significant(result, PATH_DIGITS)
