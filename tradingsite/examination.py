"""What is wrong with the house, if anything? Every part people depend on is asked.

A trouble is one sentence in plain words, and after a colon what a machine said, which may name
addresses and accounts; the empty text says that all is well.
"""

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
import redis
from django.conf import settings
from django.db import Error, connections
from django.db.migrations.executor import MigrationExecutor

from core import clock
from core.errors import Refused
from core.push import heartbeats, redis_client
from market import quotes, sources
from market.models import SourceHealth
from market.quotes import ReferencePrice
from tradingsite import rules
from tradingsite.supervisor.child import State

CONNECT_TIMEOUT_S = 2
EXAMINED_FOR_S = 1.0  # nobody can wear the database out by asking whether it is there
DISK_FULL_BYTES = 32 * 2**20  # two segments of PostgreSQL's log: with less it stops
SILENT_MAX_S: Mapping[heartbeats.Part, float] = {"beat": 30.0, "publisher": 10.0}


@dataclass(frozen=True, slots=True)
class Examination:
    """The trouble of every part, the sources by state, the prices counted by state.

    `ages_s`: seconds since the newest answer of each source and since the newest of our `prices`;
    `lags_s`: seconds since beat and publisher were heard of. None: never, or not known.
    """

    at: float
    troubles: Mapping[str, str]
    feeds: Mapping[str, str]
    prices: Mapping[str, int]
    ages_s: Mapping[str, float | None]
    lags_s: Mapping[heartbeats.Part, float | None]

    @property
    def status(self) -> str:
        """`not_ready`; `degraded` when something is stale or silent; else `ready`."""
        if any(self.troubles.values()):
            return "not_ready"
        well = all(state == SourceHealth.State.OK for state in self.feeds.values())
        return "ready" if well and self.prices and not self.prices.get("stale") else "degraded"


_last: list[Examination] = []
_seen_current: list[bool] = []


def examine() -> Examination:
    """The state of the house, at most a second old."""
    if not _last or time.monotonic() - _last[0].at > EXAMINED_FOR_S:
        _last[:] = [_examined()]
    return _last[0]


def database() -> str:
    """Can PostgreSQL be reached? By a connection of its own: the pool would wait 10 s."""
    parameters = connections["default"].get_connection_params()
    try:
        psycopg.connect(**parameters | {"connect_timeout": CONNECT_TIMEOUT_S}).close()
    except psycopg.Error as error:
        return f"PostgreSQL cannot be reached: {_first_line(error)}"
    return ""


def store() -> str:
    """Can Redis be reached?"""
    try:
        redis_client().ping()
    except redis.RedisError as error:
        return f"Redis cannot be reached: {_first_line(error)}"
    return ""


def migrations() -> str:
    """Does the database have the tables and rules this code expects? Once it has, it will."""
    if _seen_current:
        return ""
    try:
        executor = MigrationExecutor(connections["default"])
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            return f"{missing} migrations have not been applied."
        if not rules.are_current():
            return "The rules in the database are not those of this version."
    except Error as error:
        return f"The database cannot be read: {_first_line(error)}"
    _seen_current.append(True)
    return ""


def alive(part: heartbeats.Part, lag_s: float | None) -> str:
    """Is a part's sign of life recent enough?"""
    if lag_s is None:
        return f"The {part} was never heard of."
    return f"The {part} has been silent for {lag_s:.0f} s." if lag_s > SILENT_MAX_S[part] else ""


def disk() -> str:
    """Is there room where the data lies?"""
    try:
        free = shutil.disk_usage(settings.DATA.root).free
    except OSError as error:
        return f"The data folder cannot be reached: {error}"
    full = free < DISK_FULL_BYTES
    return f"The disk is full: {free / 2**20:.0f} MB are free where the data lies." * full


def processes() -> str:
    """Has the supervisor of this machine, where there is one, given a process up?"""
    try:
        told = json.loads(settings.DATA.supervisor_state.read_text())
        os.kill(told["pid"], 0)
    except (OSError, ValueError, KeyError):
        return ""
    given_up = [
        name for name, child in told["children"].items() if child["state"] == State.GIVEN_UP
    ]
    return f"Ended again and again, not started any more: {', '.join(given_up)}." * bool(given_up)


def _examined() -> Examination:
    troubles = {"database": database(), "redis": store(), "disk": disk(), "processes": processes()}
    lags_s = {} if troubles["redis"] else {part: heartbeats.age_s(part) for part in SILENT_MAX_S}
    unknown = "Unknown while {} cannot be reached."
    troubles["migrations"] = unknown.format("database") if troubles["database"] else migrations()
    for part in SILENT_MAX_S:
        silent = unknown.format("redis") if troubles["redis"] else alive(part, lags_s[part])
        troubles[part] = silent
    readable = not troubles["database"] and not troubles["migrations"]
    known = {one.name: one for one in sources.health()} if readable else {}
    on = {name: row for name, row in known.items() if name in settings.FEEDS}
    priced = () if troubles["redis"] else prices()
    ages_s = {name: _age_s(row.last_success_at) for name, row in on.items()}
    return Examination(
        at=time.monotonic(),
        troubles=troubles,
        feeds={name: row.state for name, row in on.items()},
        prices=dict(Counter(price.state for price in priced)),
        ages_s={"prices": _age_s(max((one.as_of for one in priced), default=None)), **ages_s},
        lags_s=lags_s,
    )


def prices() -> Collection[ReferencePrice]:
    """Our reference prices; empty when none can be read."""
    try:
        return quotes.latest().values()
    except Refused:
        return ()


def _age_s(at: datetime | None) -> float | None:
    return None if at is None else max(0.0, (clock.now() - at).total_seconds())


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
