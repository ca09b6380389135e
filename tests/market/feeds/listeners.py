"""Who listens to a stream in tests, and what was heard?"""

import asyncio
from collections.abc import Callable

from market.feeds.feed import StreamFeed
from market.feeds.sockets import Pace
from market.inbox import Batch, RawTick

SYMBOLS = ("BTC-USD", "ETH-USD")
QUICK = Pace(silence_s=0.6, hand_over_s=0.05, back_off_s=(0.05, 0.1, 0.2))
SOON_S = 8.0


class Listener:
    """Everything a stream delivered."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    async def hear(self, batch: Batch) -> None:
        self.batches.append(batch)

    def ticks(self) -> list[RawTick]:
        return [tick for batch in self.batches for tick in batch.ticks]

    def problems(self) -> list[Batch]:
        return [batch for batch in self.batches if batch.problem]

    async def until(self, seen: Callable[[], object]) -> None:
        async with asyncio.timeout(SOON_S):
            while not seen():
                await asyncio.sleep(0.02)


Listen = Callable[[StreamFeed], Listener]
