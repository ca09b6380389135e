"""What is wrong with the house, if anything? Every part people depend on is asked.

A trouble is one sentence in plain words; the empty text says that all is well.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psycopg
import redis
from django.conf import settings
from django.db import Error, connections
from django.db.migrations.executor import MigrationExecutor

from core.errors import Refused
from core.push import life, redis_client
from market import quotes, sources
from market.models import SourceHealth
from tradingsite import rules
from tradingsite.supervisor.child import State

CONNECT_TIMEOUT_S = 2
EXAMINED_FOR_S = 1.0  # nobody can wear the database out by asking whether it is there
SILENT_MAX_S: Mapping[life.Part, float] = {"beat": 30.0, "publisher": 10.0}


@dataclass(frozen=True, slots=True)
class Examination:
    """The trouble of every part, the sources by state, the prices counted by state."""

    at: float
    troubles: Mapping[str, str]
    feeds: Mapping[str, str]
    prices: Mapping[str, int]

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


def alive(part: life.Part) -> Callable[[], str]:
    """A check of a part's sign of life."""

    def check() -> str:
        age_s = life.age_s(part)
        if age_s is None or age_s > SILENT_MAX_S[part]:
            heard = "never" if age_s is None else f"{age_s:.0f} s ago"
            return f"The {part} was last heard of: {heard}."
        return ""

    return check


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
    troubles = {"database": database(), "redis": store(), "processes": processes()}
    unknown = "Unknown while {} cannot be reached."
    for name, check, needed in (
        ("migrations", migrations, "database"),
        ("beat", alive("beat"), "redis"),
        ("publisher", alive("publisher"), "redis"),
    ):
        troubles[name] = unknown.format(needed) if troubles[needed] else check()
    return Examination(
        at=time.monotonic(),
        troubles=troubles,
        feeds={} if troubles["database"] or troubles["migrations"] else feeds(),
        prices={} if troubles["redis"] else prices(),
    )


def feeds() -> dict[str, str]:
    """The state of every source that is switched on and was ever heard of."""
    return {one.name: one.state for one in sources.health() if one.name in settings.FEEDS}


def prices() -> dict[str, int]:
    """How many reference prices are live, stale and so on; {} when none can be read."""
    counted: dict[str, int] = {}
    try:
        for price in quotes.latest().values():
            counted[price.state] = counted.get(price.state, 0) + 1
    except Refused:
        return {}
    return counted


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
