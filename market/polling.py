"""How is a source asked? One poll at a time, never while it wants to be left alone.

A poll only fetches: whatever came back goes into the inbox, unjudged.
"""

import time
from functools import cache
from typing import cast

from django.utils.module_loading import import_string

from core import clock
from core.push import redis_client
from market import catalog, inbox, locks
from market.feeds import roster
from market.feeds.feed import CandleFeed, Feed, Trouble
from market.inbox import Batch

LOCK_S = 60  # a poll that died is forgotten after so long
SLOW_S = 5.0  # a look-up of names is bound by no time-out; such a failure rests as long as it took
CANDLE_DAYS = 31
SEEDED_S = 24 * 3600


def poll(name: str) -> str:
    """Ask one source and hand on its answer; says in a word what became of it."""
    source = roster.named(name)
    if source is None:
        return "not configured"
    with locks.alone(f"market:polling:{name}", forgotten_s=LOCK_S) as alone:
        if not alone:
            return "in flight"
        if is_left_alone(name):
            return "left alone"
        return _ask(_feed(source.feed))


def seed(name: str) -> str:
    """Hand on the past days' candles of a source, once a UTC day; says what became of it."""
    source = roster.named(name)
    if source is None or not source.recalls:
        return "not configured"
    with locks.alone(f"market:seeding:{name}", forgotten_s=LOCK_S) as alone:
        if not alone:
            return "in flight"
        return _seed(cast(CandleFeed, import_string(source.feed)()))


def seed_again() -> None:
    """Have every source asked for its past days once more: today's went on while we were away.

    Raises RedisError.
    """
    names = [_seeded(source.name) for source in roster.configured() if source.recalls]
    if names:
        redis_client().delete(*names)


def _ask(feed: Feed) -> str:
    started = time.monotonic()
    try:
        inbox.append(feed.fetch(_symbols()))
        leave_alone(feed.name, feed.pause_s(), "nothing new yet")
    except Trouble as trouble:
        took_s = time.monotonic() - started
        rest_s = took_s if took_s > SLOW_S else 0.0
        leave_alone(feed.name, max(trouble.wait_s, rest_s), trouble.detail)
        inbox.append(
            Batch(feed.name, "rest", clock.now(), problem=trouble.problem, detail=trouble.detail)
        )
        return trouble.problem
    return "answered"


def _seed(feed: CandleFeed) -> str:
    """Pair by pair, on a client of its own: a poll meanwhile must not wait for it."""
    done = _seeded(feed.name)
    symbols = _symbols()
    seeded = {member.decode() for member in cast("set[bytes]", redis_client().smembers(done))}
    if seeded.issuperset(feed.pairs(symbols)) or is_left_alone(feed.name):
        return "nothing to do"
    try:
        for pair in feed.listed(symbols).values():
            if pair in symbols and pair not in seeded:
                inbox.append(feed.candles(pair, days=CANDLE_DAYS))
            redis_client().sadd(done, pair)
    except Trouble as trouble:
        leave_alone(feed.name, trouble.wait_s, trouble.detail)
        return trouble.problem
    redis_client().sadd(done, *feed.pairs(symbols))  # those the venue does not trade, too
    redis_client().expire(done, SEEDED_S)
    return "seeded"


def leave_alone(name: str, wait_s: float, why: str) -> None:
    """Ask a source nothing for so long, in any process."""
    if wait_s > 0:
        redis_client().set(_quiet(name), why, px=round(wait_s * 1000) or 1)


def is_left_alone(name: str) -> bool:
    """Whether a source wants to be left alone now."""
    return bool(redis_client().exists(_quiet(name)))


def _seeded(name: str) -> str:
    return f"market:seeded:{name}:{clock.now().date()}"


def _quiet(name: str) -> str:
    return f"market:quiet:{name}"


def _symbols() -> list[str]:
    return [instrument.symbol for instrument in catalog.instruments()]


@cache
def _feed(path: str) -> Feed:
    """The process's one feed of that class: it keeps its connection and its markets."""
    return cast(Feed, import_string(path)())
