"""Who works alone? A turn at a named piece of work, taken by one process or thread at a time."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis.exceptions import LockError

from core.push import redis_client


@contextmanager
def alone(name: str, *, forgotten_s: float) -> Iterator[bool]:
    """Whether nobody else, in any process, is inside the block of that name.

    Whoever died inside is forgotten after `forgotten_s` seconds.
    """
    lock = redis_client().lock(name, timeout=forgotten_s, blocking=False)
    is_alone = lock.acquire()
    try:
        yield is_alone
    finally:
        if is_alone:
            with suppress(LockError):  # it took longer than that
                lock.release()
