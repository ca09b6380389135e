"""How much work waits? The lengths of Celery's queues, as its broker Redis holds them."""

from dataclasses import dataclass

from core.push import redis_client

NAMES = ("celery", "quant")
TITLES = {"celery": "worker", "quant": "quant"}


@dataclass(frozen=True, slots=True)
class Queue:
    """Tasks that wait for one kind of process."""

    name: str
    waiting: int


def waiting() -> list[Queue]:
    """Every queue, longest first. Raises RedisError."""
    store = redis_client()
    found = [Queue(TITLES[name], int(store.llen(name))) for name in NAMES]
    return sorted(found, key=lambda queue: -queue.waiting)
