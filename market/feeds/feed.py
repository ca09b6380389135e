"""What is a source of prices? Something that answers with raw, unjudged batches."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from core.errors import Retryable
from market.inbox import Batch, Problem, RawCandle, RawTick


class Feed(Protocol):
    """A source that is asked (polled)."""

    name: str

    def fetch(self, symbols: Sequence[str]) -> Batch:
        """One answer about as many of the catalog's instruments as the source lists.

        Raises Trouble when the whole answer is unusable.
        """
        ...

    def pause_s(self) -> float:
        """How long after an answer the source will have nothing new to say."""
        ...


class CandleFeed(Feed, Protocol):
    """A source that knows the past days as well."""

    def pairs(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """The source's markets for these instruments, for example BTC-USDT for BTC-USD."""
        ...

    def listed(self, symbols: Sequence[str]) -> Mapping[str, str]:
        """Those of its pairs it trades now, by the source's own id; raises Trouble."""
        ...

    def candles(self, pair: str, *, days: int) -> Batch:
        """The latest daily candles (UTC) of one of its markets; raises Trouble."""
        ...


class Ear(Protocol):
    """Who listens to one connection."""

    def begin(self) -> None:
        """The connection stands: from now on silence counts."""
        ...

    def hear(self, message: Any) -> bool:
        """Take one message; False when it is no sign of life."""
        ...


class StreamFeed(Protocol):
    """A source that speaks by itself."""

    @property
    def name(self) -> str:
        """The source's name in the roster."""
        ...

    async def stream(self, symbols: Sequence[str], ear: Ear) -> None:
        """Give every message to `ear`; returns or raises only when the connection has ended."""
        ...

    def read_message(self, message: Any) -> list[RawTick] | None:
        """Ticks of one message; None when it is no sign of life."""
        ...


class HistoryFeed(CandleFeed, Protocol):
    """A source that tells its past candles page by page, however far back."""

    intervals: Sequence[str]
    page: int  # candles of one answer at most
    forgets: bool  # tells its last page, however far back it is asked
    has_volume: bool

    def history(
        self, pair: str, interval: str, *, since: datetime, count: int
    ) -> tuple[RawCandle, ...]:
        """Candles of one of its markets from a moment on, the forming one too; raises Trouble."""
        ...


class Trouble(Retryable):
    """A source did not answer usably; it wants to be left alone for `wait_s` seconds."""

    def __init__(self, problem: Problem, detail: str, *, wait_s: float = 0.0) -> None:
        super().__init__(f"{problem}: {detail}", wait_s=wait_s)
        self.problem: Problem = problem
        self.detail = detail
        self.wait_s = wait_s
