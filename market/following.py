"""Which coins beyond the catalog's own do we follow? The first of the list by market value.

The list's first coins join the instruments until `FOLLOWED_MAX` coins are followed. Those of the
catalog's files are pinned. Whoever joined stays until staff takes it out, which later lists mind.
A followed coin is an instrument like any other: priced as soon as a venue of ours trades it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from core.errors import Code, Refused
from market import catalog
from market.models import Currency, Instrument, TopCoin

FX = Instrument.Kind.FX
FOLLOWED_MAX = 30
# Claims on another coin or on a currency: their price is that of something we have already.
STAND_INS = re.compile(r"\b(wrapped|staked|staking|bridged|restaked|pegged)\b", re.IGNORECASE)
COPIES = re.compile(r"USD|DAI|EUR|dollar", re.IGNORECASE)
NEAR_ONE = (Decimal("0.97"), Decimal("1.03"))
POSITION = 2000  # behind the catalog's own
PRICE_DIGITS = 5  # of a price are quoted
DECIMALS, DECIMALS_MAX = 8, 18
MAX_PRICE_AGE_S = 10


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list; `price` and `market_value` in USD."""

    code: str
    name: str
    rank: int
    price: Decimal
    market_value: Decimal


@dataclass(frozen=True, slots=True)
class Ranked:
    """A coin by market value; `instrument` is what it is priced by here, if it is followed."""

    code: str
    name: str
    rank: int
    price: Decimal
    market_value: Decimal
    as_of: datetime
    instrument: str | None


def top() -> tuple[Ranked, ...]:
    """The last list, by rank."""
    legs = catalog.now().leg
    return tuple(
        Ranked(
            code=coin.code,
            name=coin.name,
            rank=coin.rank or 0,
            price=coin.price.normalize(),
            market_value=coin.market_value.normalize(),
            as_of=coin.as_of,
            # A coin may call itself by the code of a country's money, which it is not.
            instrument=leg.symbol if (leg := legs(coin.code)) and leg.kind != FX else None,
        )
        for coin in TopCoin.objects.filter(rank__isnull=False)
    )


def listed_at() -> datetime | None:
    """When the last list was fetched."""
    return TopCoin.objects.order_by("-as_of").values_list("as_of", flat=True).first()


def store(listed: Iterable[Listed], *, at: datetime, follows: bool = True) -> tuple[str, ...]:
    """Keep ranks and values and, where it `follows`, take in what there is room for; who came."""
    joined = _store(listed, at=at, follows=follows)
    catalog.forget()
    return joined


@transaction.atomic
def _store(listed: Iterable[Listed], *, at: datetime, follows: bool) -> tuple[str, ...]:
    lines = {line.code: line for line in listed}
    _keep(lines.values(), at=at)
    removed = TopCoin.objects.filter(is_removed=True).values_list("code", flat=True)
    if not follows:
        return ()
    known = {*Currency.objects.values_list("code", flat=True), *removed}
    room = _room()
    joining = [line for line in lines.values() if line.code not in known and _is_its_own(line)]
    for line in joining[:room]:
        _follow(line, at=at)
    return tuple(line.code for line in joining[:room])


def remove(code: str) -> None:
    """Follow a coin no longer, until `restore`; raises Refused `forbidden` for a pinned one."""
    _switch(code, is_removed=True)


def restore(code: str) -> None:
    """Follow a removed coin again, or let the next list do so; refuses like `remove`, and where
    as many are followed as may be."""
    if not _room() and Instrument.objects.filter(base__code=code, is_active=False).exists():
        message = f"{FOLLOWED_MAX} coins are followed; {code} has to wait until one is taken out."
        raise Refused(Code.FORBIDDEN, message)
    _switch(code, is_removed=False)


def _switch(code: str, *, is_removed: bool) -> None:
    if code in catalog.own_codes():
        raise Refused(Code.FORBIDDEN, f"{code} is one of the catalog's own and stays.")
    with transaction.atomic():
        TopCoin.objects.filter(code=code).update(is_removed=is_removed)
        Currency.objects.filter(code=code).update(is_active=not is_removed)
        Instrument.objects.filter(base__code=code).update(is_active=not is_removed)
    catalog.forget()


def _room() -> int:
    """How many more coins may be followed."""
    followed = Instrument.objects.exclude(kind=FX).filter(is_active=True).count()
    return max(FOLLOWED_MAX - followed, 0)


def _keep(lines: Iterable[Listed], *, at: datetime) -> None:
    rows = [
        TopCoin(
            code=line.code,
            name=line.name,
            rank=line.rank,
            price=line.price,
            market_value=line.market_value,
            as_of=at,
        )
        for line in lines
    ]
    TopCoin.objects.exclude(code__in=[row.code for row in rows]).update(rank=None)
    TopCoin.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "rank", "price", "market_value", "as_of"],
    )


def _follow(line: Listed, *, at: datetime) -> None:
    coin = Currency.objects.create(
        code=line.code,
        name=line.name,
        kind=Currency.Kind.CRYPTO,
        decimals=DECIMALS,
        symbol=line.code[:8],
        position=POSITION,
    )
    first_digit = line.price.adjusted()
    Instrument.objects.create(
        symbol=f"{line.code}-{catalog.HUB}",
        base=coin,
        quote=Currency.objects.get(code=catalog.HUB),
        kind=Instrument.Kind.CRYPTO,
        price_increment=_ten_to(max(first_digit - PRICE_DIGITS + 1, -DECIMALS_MAX)),
        quantity_increment=_ten_to(-DECIMALS),
        min_quantity=_ten_to(min(max(-first_digit, -DECIMALS), DECIMALS)),  # some dollars' worth
        max_price_age_s=MAX_PRICE_AGE_S,
        trading_hours="always",
    )
    TopCoin.objects.filter(code=line.code).update(followed_at=at)


def _is_its_own(line: Listed) -> bool:
    """Whether it is no claim on another coin and no copy of a currency."""
    near_one = NEAR_ONE[0] < line.price < NEAR_ONE[1]
    is_copy = near_one and COPIES.search(f"{line.code} {line.name}")
    return not (is_copy or STAND_INS.search(line.name))


def _ten_to(power: int) -> Decimal:
    return Decimal(1).scaleb(power)
