"""Which instruments is a story about, how much, and which way does it read for them?

The score is ours. A currency's share is the strongest of what names it: its own name counts 1, its
central bank 0.8, its country 0.5; in the title fully, further down by half. A pair's score is
1 - (1 - W·base)(1 - W·quote), so that naming both says more than either; W is 0.8, and 0.4 for the
hub, because a story of the dollar is about every pair a little. A coin counts by its own name
alone. What stays below 0.3 is no link.

The story's mood is about what it names first ("Dollar slips against the euro" is bad for the
dollar), so it reads the other way where that is the quote currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from market import catalog
from market.catalog import Catalog, InstrumentInfo
from market.news.entities import BANK, COUNTRY, CURRENCY, Entity

WEIGHTS = {CURRENCY: 1.0, BANK: 0.8, COUNTRY: 0.5}
FURTHER_DOWN = 0.5
LEG, HUB_LEG = 0.8, 0.4
SCORE_MIN = 0.3


@dataclass(frozen=True, slots=True)
class Link:
    """A story is about an instrument; `lean` is its mood for the base."""

    instrument_id: int
    score: float
    lean: float


def find(
    entities: Iterable[Entity], *, title_length: int, mood: float, listing: Catalog
) -> tuple[Link, ...]:
    """The instruments a text is about whose first `title_length` characters are its title."""
    shares: dict[str, float] = {}
    first: dict[str, int] = {}
    for entity in entities:
        weight = WEIGHTS.get(entity.kind, 0.0)
        if not entity.code or not weight or _is_coin_by_hearsay(entity, listing):
            continue
        share = weight if entity.place < title_length else weight * FURTHER_DOWN
        shares[entity.code] = max(shares.get(entity.code, 0.0), share)
        first[entity.code] = min(first.get(entity.code, entity.place), entity.place)
    links = (_link(pair, shares, first, mood) for pair in listing.instruments.values())
    return tuple(link for link in links if link.score >= SCORE_MIN)


def _link(
    pair: InstrumentInfo, shares: dict[str, float], first: dict[str, int], mood: float
) -> Link:
    is_coin = pair.kind != "fx"
    legs = (pair.base,) if is_coin else (pair.base, pair.quote)
    missed = 1.0
    for code in legs:
        missed *= 1 - shares.get(code, 0.0) * (HUB_LEG if code == catalog.HUB else LEG)
    named = [code for code in legs if code in first]
    subject = min(named, key=first.__getitem__, default=pair.base)
    lean = mood if subject == pair.base else -mood
    return Link(pair.id, round(1 - missed, 3), lean)


def _is_coin_by_hearsay(entity: Entity, listing: Catalog) -> bool:
    known = listing.currencies.get(entity.code)
    return known is not None and not known.is_fiat and entity.kind != CURRENCY
