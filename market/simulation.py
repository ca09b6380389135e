"""Which instruments does the simulated market price? The publisher decides, its feed asks."""

import json
from typing import cast

from core import push

SIMULATED = "market:simulated"


def symbols() -> frozenset[str]:
    """Instruments whose simulated feed is wanted now, by symbol; raises RedisError."""
    text = cast("bytes | None", push.redis_client().get(SIMULATED))
    return frozenset(json.loads(text)) if text else frozenset()
