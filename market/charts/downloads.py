"""Is the file somebody wants to download there yet? Made in `quant`, kept for a minute."""

from dataclasses import astuple, dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

from core.errors import Code, Refused
from market import quant

KEPT_S = 60
ASKED_S = 20  # until the task may be sent once more
RETRY_S = 1
TASK = "market.quant.parquet"
CONTENT_TYPE = "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class Wish:
    """A series as a file; `end` is ISO text, and it and `source` may be empty."""

    symbol: str
    interval: str
    limit: int
    end: str
    source: str

    @property
    def key(self) -> str:
        """Where its bytes are kept."""
        return "parquet:" + ":".join(map(str, astuple(self)))


def find(wish: Wish, *, address: str) -> bytes | None:
    """The file's bytes; None while they are being made for the caller at `address`.

    Raises Refused `not_ready`.
    """
    try:
        kept: bytes | None = cache.get(wish.key)
        if kept is None and cache.add(f"{wish.key}:asked", 1, ASKED_S):
            if quant.has_turn(address):
                quant.ask(TASK, *astuple(wish))
            else:  # somebody else may have one
                cache.delete(f"{wish.key}:asked")
    except RedisError as error:
        raise Refused(Code.NOT_READY, "Files cannot be made at the moment.") from error
    return kept


def keep(wish: Wish, content: bytes) -> None:
    """Keep a file that was made."""
    cache.set(wish.key, content, KEPT_S)
    cache.delete(f"{wish.key}:asked")
