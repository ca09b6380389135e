"""Is the house fit to serve? `/healthz` (this process), `/readyz` (all of it), `/metrics`.

`/readyz` answers 200 `ready`, 200 `degraded` (some prices are stale) or 503 `not_ready`, with what
is wrong in plain words. `/metrics` is for staff, and for programs on this machine that come without
a proxy in between; for everybody else it does not exist.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import psycopg
import redis
from django.db import Error, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core import clock
from core.errors import Refused
from core.push import life, redis_client
from market import quotes

CONNECT_TIMEOUT_S = 2
EXAMINED_FOR_S = 1.0  # nobody can wear the database out by asking whether it is there
SILENT_MAX_S: Mapping[life.Part, float] = {"beat": 30.0, "publisher": 10.0}
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")

_migrated: list[str] = []


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: `trouble` is empty where all is well."""

    name: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """Every check, and the prices by state."""

    at: float
    findings: tuple[Finding, ...]
    prices: Mapping[str, int]

    @property
    def status(self) -> str:
        """`ready`, `degraded` or `not_ready`."""
        if any(finding.trouble for finding in self.findings):
            return "not_ready"
        return "degraded" if self.prices.get("stale") or not self.prices else "ready"


_last: list[Examination] = []


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """This process answers; `market/fast.py` says the same where it stands before Django."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """All that people depend on, and what is wrong with it."""
    found = examine()
    body = {
        "status": found.status,
        "checks": {finding.name: finding.trouble or "ok" for finding in found.findings},
        "feeds": found.prices,
    }
    return JsonResponse(body, status=503 if found.status == "not_ready" else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus; raises Http404 for those who may not see them."""
    if not may_see_metrics(request):
        raise Http404
    answer: HttpResponse = ExportToDjangoView(request)
    return answer


def may_see_metrics(request: HttpRequest) -> bool:
    """Staff, or a program on this very machine. A forwarded request came from somewhere else."""
    is_direct = not any(name in request.headers for name in FORWARDED)
    if is_direct and ip_address(request.META["REMOTE_ADDR"] or "::").is_loopback:
        return True
    return request.user.is_active and request.user.is_staff


def examine() -> Examination:
    """The state of the house, at most a second old."""
    if not _last or time.monotonic() - _last[0].at > EXAMINED_FOR_S:
        findings = tuple(Finding(name, check()) for name, check in CHECKS.items())
        _last[:] = [Examination(time.monotonic(), findings, prices_by_state())]
    return _last[0]


def database() -> str:
    """Can PostgreSQL be reached? By a connection of its own: the pool would wait 10 s."""
    parameters = connections["default"].get_connection_params()
    try:
        psycopg.connect(**parameters | {"connect_timeout": CONNECT_TIMEOUT_S}).close()
    except psycopg.Error as error:
        return f"PostgreSQL cannot be reached: {_first_line(error)}"
    return ""


def migrations() -> str:
    """Does the database have the tables this code expects? Once it has, it will."""
    if _migrated:
        return ""
    if database():
        return "Unknown while PostgreSQL cannot be reached."
    try:
        executor = MigrationExecutor(connections["default"])
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error as error:
        return f"The database cannot be read: {_first_line(error)}"
    if missing:
        return f"{missing} migrations have not been applied."
    _migrated.append("yes")
    return ""


def store() -> str:
    """Can Redis be reached?"""
    try:
        redis_client().ping()
    except redis.RedisError as error:
        return f"Redis cannot be reached: {_first_line(error)}"
    return ""


def part(name: life.Part) -> Callable[[], str]:
    """A check of a process's sign of life."""

    def check() -> str:
        try:
            age_s = life.age_s(name)
        except redis.RedisError:
            return "Unknown while Redis cannot be reached."
        if age_s is None or age_s > SILENT_MAX_S[name]:
            heard = "never" if age_s is None else f"{age_s:.0f} s ago"
            return f"The {name} was last heard of: {heard}."
        return ""

    return check


CHECKS: Mapping[str, Callable[[], str]] = {
    "database": database,
    "redis": store,
    "migrations": migrations,
    "beat": part("beat"),
    "publisher": part("publisher"),
}


def prices_by_state() -> dict[str, int]:
    """How many reference prices are live, stale and so on; {} when none can be read."""
    counted: dict[str, int] = {}
    try:
        known = quotes.latest()
    except Refused:
        return counted
    for price in known.values():
        counted[price.state] = counted.get(price.state, 0) + 1
    return counted


class FeedAges(Collector):
    """Seconds since each source last contributed to a price, at the moment of the question."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge with a label per source; none while Redis is away."""
        family = GaugeMetricFamily(
            "tradingsite_feed_age_seconds", "Age of a source's newest price", labels=["source"]
        )
        try:
            known = quotes.latest()
        except Refused:
            return
        newest: dict[str, Any] = {}
        for one in (one for price in known.values() for one in price.contributors):
            newest[one.source] = max(one.as_of, newest.get(one.source, one.as_of))
        for source, as_of in newest.items():
            family.add_metric([source], (clock.now() - as_of).total_seconds())
        yield family

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing, so that registering asks no store."""
        return []


REGISTRY.register(FeedAges())


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
