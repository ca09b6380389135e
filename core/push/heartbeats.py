"""Which parts of the house are alive? Signs of life in Redis, for `/readyz` and `/metrics`."""

import time
from typing import Literal

from core.push import redis_client

Part = Literal["beat", "publisher"]
SIGN_KEPT_S = 3600


def sign(part: Part) -> None:
    """Say that `part` works now: `beat` by a scheduled task, `publisher` by each of its beats.

    Raises RedisError.
    """
    redis_client().set(f"alive:{part}", repr(time.time()), ex=SIGN_KEPT_S)


def age_s(part: Part) -> float | None:
    """Seconds since the part's last sign; None when none is known. Raises RedisError."""
    said = redis_client().get(f"alive:{part}")
    return None if said is None else max(0.0, time.time() - float(said))
