"""Did the price jump? A move far beyond the usual has to stay where it went before it counts."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

ONE = Decimal(1)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
STEP = timedelta(seconds=5)
HALF_LIFE_STEPS = 720  # one hour of 5 s steps
SIGMAS = 10
FLOOR = {"fx": Decimal("0.005"), "stablecoin": Decimal("0.005"), "crypto": Decimal("0.03")}
TOLERANCE = {"fx": Decimal("0.001"), "stablecoin": Decimal("0.003"), "crypto": Decimal("0.005")}
CONFIRMED_AFTER = timedelta(seconds=60)
MEMORY = timedelta(minutes=5)  # an older last price says nothing about a jump


@dataclass(slots=True)
class Volatility:
    """Exponentially weighted deviation of log returns over 5 s steps."""

    level: Decimal | None = None
    at: datetime | None = None
    variance: float = 0.0
    due: datetime = LONG_AGO  # until then there is nothing to take in

    @property
    def sigma(self) -> Decimal:
        """The usual move of one step, as a share of the price."""
        return Decimal(math.sqrt(self.variance))

    def note(self, mid: Decimal, at: datetime) -> None:
        """Take in a price; a longer silence counts as that many equal steps."""
        if self.level is None or self.at is None:
            self.level, self.at, self.due = mid, at, at + STEP
            return
        if at < self.due:
            return
        steps = (at - self.at) / STEP
        kept = 0.5 ** (steps / HALF_LIFE_STEPS)
        move = math.log(mid / self.level)
        self.variance = kept * self.variance + (1 - kept) * move * move / steps
        self.level, self.at, self.due = mid, at, at + STEP


@dataclass(frozen=True, slots=True)
class Move:
    """A jump that waits for confirmation: the level it went to, and since when."""

    level: Decimal
    since: datetime

    def holds(self, mid: Decimal, kind: str) -> bool:
        """Is this price still at the new level?"""
        return distance(mid, self.level) <= TOLERANCE[kind]

    def is_confirmed(self, at: datetime) -> bool:
        """Has the source stayed at the new level for a minute?"""
        return at - self.since >= CONFIRMED_AFTER


def is_jump(mid: Decimal, last: Decimal, *, volatility: Volatility, kind: str) -> bool:
    """Is the step from `last` beyond 10 sigma and beyond the floor of its kind?"""
    if abs(mid - last) <= FLOOR[kind] * last:  # nearly always, and no division
        return False
    return distance(mid, last) > SIGMAS * volatility.sigma


def distance(mid: Decimal, from_: Decimal) -> Decimal:
    """How far apart two prices are, as a share of `from_`."""
    return abs(mid / from_ - ONE)
