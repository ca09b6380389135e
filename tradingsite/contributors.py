"""Who says so? The sources behind one price of the board, each with what it said and when."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.errors import Refused
from market import catalog, quotes, sources

FIXING = "fixing"  # the note of a fixing, which its name says already
COUNTS = ("no", "one", "two", "three", "four", "five", "six")


@dataclass(frozen=True, slots=True)
class Voice:
    """One source: its price in the board's direction, and why it did not count."""

    name: str
    price: Decimal
    as_of: datetime
    used: bool
    note: str


@dataclass(frozen=True, slots=True)
class Voices:
    """All sources of one price; `via` names the steps where there is more than one."""

    code: str
    kind: str
    via: str
    voices: tuple[Voice, ...]

    @property
    def title(self) -> str:
        """`One price, three sources`."""
        count = len({voice.name for voice in self.voices if voice.used})
        word = COUNTS[count] if count < len(COUNTS) else str(count)
        return f"One price, {word} source{'' if count == 1 else 's'}"


def of(base: str, code: str) -> Voices | None:
    """The sources of `code` on the board of `base`; None while nothing is known."""
    try:
        info = catalog.currency(code)
        start, end = (base, info.code) if info.is_fiat else (info.code, base)
        price = quotes.pair(start, end)
    except Refused:
        return None
    voices = [voice for leg in price.legs for voice in _voices(leg, crossed=len(price.legs) > 1)]
    via = " → ".join(price.path) if len(price.legs) > 1 else ""
    return Voices(info.code, info.kind, via, tuple(voices))


def _voices(leg: quotes.Leg, *, crossed: bool) -> list[Voice]:
    pair = f" {leg.price.symbol.replace('-', '/')}" if crossed else ""
    turned = leg.inverted and not crossed
    return [
        Voice(
            name=sources.title(one.source) + pair,
            price=1 / one.mid if turned else one.mid,
            as_of=one.as_of,
            used=one.used,
            note="" if one.note == FIXING else one.note,
        )
        for one in leg.price.contributors
    ]
