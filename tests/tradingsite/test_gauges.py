"""The house's figures, for Prometheus and for CloudWatch."""

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from core import aws, metrics
from core.push import heartbeats, redis_client
from tests.amazon import Amazon
from tradingsite import cloudwatch
from tradingsite.gauges import Figure

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shared() -> None:
    """Two processes have been heard of, this one and another."""
    store = redis_client()
    for key in store.scan_iter(match=f"{metrics.PROCESS}*"):
        store.delete(key)
    other = '{"listeners": 7, "exchanges": 4, "ledger_calls": 2, "ledger_s": 0.5}'
    store.set(f"{metrics.PROCESS}other:1", other, ex=20)
    metrics.share()
    heartbeats.sign("beat")
    cache.delete(cloudwatch.COUNTED)


def test_all_processes_are_summed() -> None:
    total, here = metrics.everywhere(), metrics.here()
    assert total.listeners == here.listeners + 7
    assert total.exchanges == here.exchanges + 4


def test_prometheus_gets_the_figures_of_the_house(client: Client) -> None:
    text = client.get("/metrics").content.decode()
    for name in ("tradingsite_clients", "tradingsite_queue_depth", "tradingsite_beat_age_seconds"):
        assert name in text
    assert 'tradingsite_queue_depth{queue="quant"}' in text


def test_cloudwatch_gets_the_same_figures(amazon: Amazon, settings: Settings) -> None:
    settings.CLOUDWATCH_NAMESPACE = "Tradingsite"
    assert cloudwatch.send() >= 5
    found = aws.client("cloudwatch").list_metrics(Namespace="Tradingsite")["Metrics"]
    names = {one["MetricName"] for one in found}
    assert {"WebsocketClients", "QueueDepth", "BeatLag", "Exchanges", "LedgerTime"} <= names
    queues = {one["Dimensions"][0]["Value"] for one in found if one["MetricName"] == "QueueDepth"}
    assert queues == {"worker", "quant"}


def test_without_a_namespace_nothing_leaves(settings: Settings) -> None:
    settings.CLOUDWATCH_NAMESPACE = ""
    assert cloudwatch.send() == 0


def test_exchanges_are_those_since_the_last_sending() -> None:
    figure = Figure("Exchanges", 10, "Count")
    assert cloudwatch._since_last(figure).value == 0
    assert cloudwatch._since_last(Figure("Exchanges", 13, "Count")).value == 3
    assert cloudwatch._since_last(Figure("Exchanges", 2, "Count")).value == 2
