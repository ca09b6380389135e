"""How does it go? People sign up, a calm stretch, then blow after blow while they convert."""

import os
import secrets
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.stories.kills.client import Client
from tests.stories.kills.killer import Blow, Killer, rounds
from tests.stories.kills.listeners import watching
from tests.stories.kills.record import Record, Tale, read
from tests.stories.visitor import Visitor
from tests.tradingsite.stack import Stack, wait_until

NOTICED_S = 2.0  # what began while something was away may fail a moment later
AFTERMATH_S = 3.0
SLOWLY_S = 3600.0  # a busy machine may take so long for the conversions that are still missing


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the story is told."""

    people: int
    clients_each: int
    rounds: int
    doubles: int
    every_s: float
    calm_s: float
    pace_s: float
    conversions: int
    sockets: int


SHORT = Plan(
    people=4,
    clients_each=2,
    rounds=1,
    doubles=0,
    every_s=5.0,
    calm_s=3.0,
    pace_s=0.6,
    conversions=100,
    sockets=5,
)
LONG = Plan(
    people=20,
    clients_each=1,
    rounds=13,
    doubles=2,
    every_s=6.5,
    calm_s=60.0,
    pace_s=0.46,
    conversions=10_000,
    sockets=20,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left when it is over; monotonic seconds."""

    seed: str
    stack: Stack
    tale: Tale
    blows: Sequence[Blow]
    calm: tuple[float, float]

    def unexplained(self) -> list[str]:
        """Failed tries while nothing was away."""
        return [
            f"{one.step} {one.ended - self.before(one.ended).at:.1f} s after"
            f" {self.before(one.ended).name}: {one.why}"
            for one in self.tale.failures
            if not any(
                blow.at <= one.ended and one.began <= blow.well_at + NOTICED_S
                for blow in self.blows
            )
        ]

    def before(self, moment: float) -> Blow:
        """The last blow before a moment; the first one where none was."""
        return next((blow for blow in reversed(self.blows) if blow.at <= moment), self.blows[0])

    def longest_wait_s(self) -> float:
        """From the last blow to the last answer that a key begun before it got."""
        last = self.blows[-1].at
        begun = [key for key, at in self.tale.intended.items() if at <= last]
        ends = (self.tale.settled.get(key, float("inf")) for key in begun)
        return max(0.0, max(ends) - last)

    def figures(self) -> Iterator[str]:
        """What people want to know of it, line by line."""
        tale = self.tale
        yield (
            f"kills: seed {self.seed}, {len(tale.acknowledged)} conversions acknowledged"
            f" ({tale.replayed} of them by the same key again), {len(tale.refused)} refused,"
            f" {tale.left} clients hung up early, {len(tale.failures)} tries failed,"
            f" {tale.asked_to_wait} were asked to wait"
        )
        yield f"kills: last key answered {self.longest_wait_s():.1f} s after the last blow"
        began, ended = self.calm
        calm = [ms for at, ms in tale.milliseconds if began <= at <= ended]
        slowest = statistics.quantiles(calm, n=100)[-1]
        yield f"calm: {len(calm) / (ended - began):.1f} conversions/s, p99 {slowest:.0f} ms"
        back = defaultdict[str, list[float]](list)
        for blow in self.blows:
            back[blow.name if len(blow.kinds) == 1 else "two at once"].append(blow.back_s)
        for name, seconds in back.items():
            often = f"{len(seconds)} blows, " if len(seconds) > 1 else ""
            yield f"{name}: {often}well again after {max(seconds):.1f} s"


@contextmanager
def told(folder: Path, plan: Plan) -> Iterator[Outcome]:
    """The whole story; its stack runs on inside the block. KILLS_SEED tells one again."""
    seed = os.environ.get("KILLS_SEED") or secrets.token_hex(4)
    with Stack(folder / "data") as stack:
        clients = crew(stack, plan, folder, seed=seed)
        killer = Killer(stack, seed=seed)
        stop = threading.Event()
        with ThreadPoolExecutor(len(clients)) as threads:
            works = [threads.submit(client.work, stop) for client in clients]
            try:
                calm = calmly(stack, plan)
                blows = rounds(plan.rounds, doubles=plan.doubles, seed=seed)
                killer.strike(blows, every_s=plan.every_s)
                time.sleep(AFTERMATH_S)
                wait_until(lambda: enough(clients, works, plan), timeout_s=SLOWLY_S)
            finally:
                stop.set()
        for work in works:
            work.result()
        yield Outcome(seed, stack, read(folder), killer.blows, calm)


def enough(clients: Sequence[Client], works: Sequence[Future[None]], plan: Plan) -> bool:
    """Whether all conversions are made, or one of the clients has failed."""
    converted = sum(client.converted for client in clients)
    return converted >= plan.conversions or any(work.done() for work in works)


def calmly(stack: Stack, plan: Plan) -> tuple[float, float]:
    """Let them work undisturbed, with the board on many screens; from when to when."""
    with watching(stack.port, plan.sockets):
        began = time.monotonic()
        time.sleep(plan.calm_s)
        return began, time.monotonic()


def crew(stack: Stack, plan: Plan, folder: Path, *, seed: str) -> list[Client]:
    """Clients of people who have signed up, on a market that speaks."""
    people = [Visitor(stack.url).sign_up(f"person{number}") for number in range(plan.people)]
    wait_until(lambda: quotes_are_given(people[0]), timeout_s=60)
    return [
        Client(
            person.again(),
            Record(folder / f"{number}-{place}.jsonl"),
            seed=f"{seed} {number} {place}",
            pace_s=plan.pace_s,
        )
        for number, person in enumerate(people)
        for place in range(plan.clients_each)
    ]


def quotes_are_given(visitor: Visitor) -> bool:
    """Whether the simulated market is awake."""
    wish = {"account": visitor.account(), "from": "USD", "to": "BTC", "amount": "20.00"}
    return visitor.post("conversion-quotes/", wish).status_code == 201
