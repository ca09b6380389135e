"""What are the house's figures? Read and named once, for Prometheus and for CloudWatch."""

from collections.abc import Iterator
from dataclasses import dataclass

import redis
from django.conf import settings
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core import clock, metrics
from core.errors import Refused
from core.push import heartbeats
from market import quotes
from tradingsite.backup import report
from tradingsite.operations import queues


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with CloudWatch's name, unit and at most one dimension; Prometheus' from it."""

    name: str
    value: float
    unit: str
    dimension: str = ""
    of: str = ""


PROMETHEUS = {
    "FeedFreshness": ("tradingsite_feed_age_seconds", "Age of a source's newest price"),
    "QueueDepth": ("tradingsite_queue_depth", "Tasks that wait for a kind of process"),
    "BeatLag": ("tradingsite_beat_age_seconds", "Seconds since a scheduled task last ran"),
    "WebsocketClients": ("tradingsite_clients", "Open sockets and streams of all processes"),
    "Exchanges": ("tradingsite_exchanges_everywhere", "Conversions since the processes began"),
    "LedgerTime": ("tradingsite_ledger_mean_seconds", "Mean time of a call of the books"),
    "BackupAge": ("tradingsite_backup_age_seconds", "Seconds since the newest backup began"),
}


def read() -> list[Figure]:
    """Every figure that is known now; none of Redis' while that is away."""
    try:
        return [*_feeds(), *_queues(), *_processes(), *_backup()]
    except redis.RedisError:
        return _backup()


def _feeds() -> Iterator[Figure]:
    try:
        newest = quotes.newest()
    except Refused:
        return
    for source, as_of in newest.items():
        age_s = (clock.now() - as_of).total_seconds()
        yield Figure("FeedFreshness", age_s, "Seconds", "source", source)


def _queues() -> Iterator[Figure]:
    for queue in queues.waiting():
        yield Figure("QueueDepth", queue.waiting, "Count", "queue", queue.name)
    if (age_s := heartbeats.age_s("beat")) is not None:
        yield Figure("BeatLag", age_s, "Seconds")


def _processes() -> Iterator[Figure]:
    everywhere = metrics.everywhere()
    yield Figure("WebsocketClients", everywhere.listeners, "Count")
    yield Figure("Exchanges", everywhere.exchanges, "Count")
    if everywhere.ledger_calls:
        mean_s = everywhere.ledger_s / everywhere.ledger_calls
        yield Figure("LedgerTime", mean_s, "Seconds")


def _backup() -> list[Figure]:
    last = report.last(settings.BACKUP_REPORT)
    if not last or not last.made:
        return []
    age_s = (clock.now() - last.made).total_seconds()
    return [Figure("BackupAge", age_s, "Seconds")]


class House(Collector):
    """The figures at the moment Prometheus asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a name, with a label where there is a dimension."""
        families: dict[str, GaugeMetricFamily] = {}
        for figure in read():
            name, meaning = PROMETHEUS[figure.name]
            labels = [figure.dimension] if figure.dimension else []
            family = families.setdefault(name, GaugeMetricFamily(name, meaning, labels=labels))
            family.add_metric([figure.of] if labels else [], figure.value)
        yield from families.values()

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing, so that registering asks no store."""
        return []


REGISTRY.register(House())
