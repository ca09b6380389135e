"""How is an account spread over currencies? Each balance's share of the total, and its drawing."""

from dataclasses import dataclass
from decimal import Decimal

from market import catalog
from portfolio.valuation import Line, Valuation

WIDTH = Decimal(320)  # of the bar, in its own units
GAP = Decimal("1.6")
FAINTEST, STEP = Decimal("0.14"), Decimal("0.16")  # opacity of the slices, largest first


@dataclass(frozen=True, slots=True)
class Holding:
    """One balance with its share of what is priced; None where it has no price."""

    line: Line
    name: str
    share: Decimal | None

    @property
    def told(self) -> str:
        """Where its value comes from: rate, time and path."""
        price = self.line.price
        if price is None:
            return f"Counted in {self.line.value_currency} as it is"
        sources = ", ".join(sorted({one.source for one in price.sources if one.used}))
        return (
            f"1 {price.from_code} = {price.mid:.6g} {price.to_code} at {price.as_of:%H:%M:%S} UTC,"
            f" {' → '.join(price.path)}, {sources or price.state}"
        )


@dataclass(frozen=True, slots=True)
class Slice:
    """One piece of the allocation bar."""

    holding: Holding
    x: str
    width: str
    opacity: str


def of(worth: Valuation) -> tuple[Holding, ...]:
    """Every line with its share, in the valuation's order."""
    names = {info.code: info.name for info in catalog.currencies()}
    return tuple(
        Holding(line, names.get(line.currency, line.currency), _share(line, worth.total))
        for line in worth.lines
    )


def slices(holdings: tuple[Holding, ...]) -> tuple[Slice, ...]:
    """The allocation bar: largest share first and darkest."""
    shown = sorted((one for one in holdings if one.share), key=_size, reverse=True)
    drawn, x = [], Decimal(0)
    for place, holding in enumerate(shown):
        width = WIDTH * _size(holding)
        opacity = max(FAINTEST, 1 - STEP * place)
        drawn.append(Slice(holding, f"{x:.1f}", f"{max(width - GAP, GAP):.1f}", f"{opacity:.2f}"))
        x += width
    return tuple(drawn)


def _share(line: Line, total: Decimal) -> Decimal | None:
    if line.value is None:
        return None
    return line.value / total if total else Decimal(0)


def _size(holding: Holding) -> Decimal:
    return holding.share or Decimal(0)
