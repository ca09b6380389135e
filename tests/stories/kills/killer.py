"""What dies, and when? `kill -9` of the supervisor's own children, and a Redis that forgets."""

import os
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

import redis

from tests.tradingsite.stack import Stack, wait_until

FLUSH = "flush"  # Redis lives on and has forgotten everything
CHILDREN = ("web", "worker", "stream", "postgres", "redis")
KINDS = (*CHILDREN, FLUSH)
BACK_S = 60.0
OK = 200


@dataclass(frozen=True, slots=True)
class Blow:
    """What was hit at once, and how long people may have noticed; monotonic seconds."""

    kinds: tuple[str, ...]
    at: float
    well_at: float

    @property
    def name(self) -> str:
        """As people say it."""
        return " and ".join(self.kinds)

    @property
    def back_s(self) -> float:
        """How long the whole house took to be well again."""
        return self.well_at - self.at


class Killer:
    """Strikes, and each time lets the house get over it."""

    def __init__(self, stack: Stack, *, seed: str) -> None:
        self.stack, self.random = stack, random.Random(seed)
        self.blows: list[Blow] = []

    def strike(self, plan: Sequence[tuple[str, ...]], *, every_s: float) -> None:
        """All of the plan, about `every_s` apart; longer where the house needs it."""
        for kinds in plan:
            began = time.monotonic()
            self.hit(kinds)
            pause_s = every_s * self.random.uniform(0.7, 1.3) - (time.monotonic() - began)
            time.sleep(max(0.5, pause_s))

    def hit(self, kinds: tuple[str, ...]) -> None:
        """One blow; returns when the house is well again."""
        wait_until(lambda: all(self.pid(kind) for kind in kinds if kind != FLUSH), timeout_s=BACK_S)
        at = time.monotonic()
        killed = {kind: self.kill(kind) for kind in kinds if kind != FLUSH}
        if FLUSH in kinds:
            with redis.Redis(unix_socket_path=str(self.stack.data.redis_socket)) as store:
                store.flushall()
        wait_until(
            lambda: all(self.pid(kind) not in (pid, None) for kind, pid in killed.items()),
            timeout_s=BACK_S,
        )
        wait_until(lambda: self.stack.get("/readyz") == OK, timeout_s=BACK_S)
        self.blows.append(Blow(kinds, at, time.monotonic()))

    def kill(self, kind: str) -> int:
        """`kill -9`, without a warning."""
        pid = self.pid(kind)
        assert pid
        os.kill(pid, signal.SIGKILL)
        return pid

    def pid(self, kind: str) -> int | None:
        """The child's process id, by the supervisor's own account; None between two lives."""
        found: int | None = self.stack.children()[kind]["pid"]
        return found


def rounds(number: int, *, doubles: int, seed: str) -> list[tuple[str, ...]]:
    """So many rounds: each kind alone, and some pairs at once, in an order of its own."""
    order, plan = random.Random(seed), list[tuple[str, ...]]()
    for _ in range(number):
        alone = [(kind,) for kind in KINDS]
        pairs = [tuple(order.sample(CHILDREN, 2)) for _ in range(doubles)]
        plan += order.sample(alone + pairs, len(alone) + doubles)
    return plan
