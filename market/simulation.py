"""Which instruments does the simulated market price? The publisher decides, its feed asks."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import redis

from core import push
from core.errors import Code, Refused

SIMULATED = "market:simulated"  # Redis key: JSON list of symbols
SOURCE = "replay"
PATIENCE = timedelta(seconds=20)
# How far back the simulated past is made, by the interval it is made in.
REACH = {"1m": timedelta(days=1), "1h": timedelta(days=60)}


@dataclass(slots=True)
class Simulation:
    """Whether this data folder has a simulated market, and what has become real since.

    `chosen` once, it stays chosen: by FEEDS, or because no source answered in the first 20 s.
    An instrument in `real` has had a good real quote and never goes back; `alone` means that
    the operator asked for the simulated market and nothing else.
    """

    started_at: datetime
    chosen: bool = False
    alone: bool = False
    answered: bool = False
    real: set[str] = field(default_factory=set)

    def symbols(self, listed: Iterable[str], *, at: datetime) -> frozenset[str]:
        """The instruments simulated at this moment."""
        if not self.chosen and not self.answered and at - self.started_at >= PATIENCE:
            self.chosen = True
        if not self.chosen:
            return frozenset()
        return frozenset(listed) if self.alone else frozenset(listed) - self.real


def symbols() -> frozenset[str]:
    """Instruments whose simulated feed is wanted now, by symbol; raises RedisError."""
    text = cast("bytes | None", push.redis_client().get(SIMULATED))
    return frozenset(json.loads(text)) if text else frozenset()


@dataclass(slots=True)
class Heard:
    """What `symbols` answered last in this process; None before its first answer."""

    symbols: frozenset[str] | None = None


LAST = Heard()


def last_symbols() -> frozenset[str]:
    """The same, or what it was before Redis went away; raises Refused `not_ready`.

    To guess would show real prices of a simulated market, or the other way round.
    """
    try:
        LAST.symbols = symbols()
    except redis.RedisError as error:
        if LAST.symbols is None:
            raise Refused(Code.NOT_READY, "Prices are not available at the moment.") from error
    return LAST.symbols
