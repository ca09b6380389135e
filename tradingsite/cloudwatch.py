"""How do figures reach AWS CloudWatch? `put_metric_data`, every minute, where it is wanted.

Boto3 is heavy: only the task comes here.
"""

from dataclasses import replace

from django.conf import settings
from django.core.cache import cache

from core import aws, clock
from tradingsite import gauges
from tradingsite.gauges import Figure

BATCH = 1000  # the most that one request may hold
COUNTED = "cloudwatch:exchanges"  # what was there at the last sending
COUNTED_KEPT_S = 3600


def send() -> int:
    """Send every figure that is known to CLOUDWATCH_NAMESPACE; how many. Raises Retryable, Broken.

    Exchanges are those since the last sending. Does nothing where no namespace is set.
    """
    if not settings.CLOUDWATCH_NAMESPACE:
        return 0
    at = clock.now()
    data = [_datum(_since_last(figure)) | {"Timestamp": at} for figure in gauges.read()]
    for start in range(0, len(data), BATCH):
        with aws.translated("CloudWatch put_metric_data"):
            aws.client("cloudwatch").put_metric_data(
                Namespace=settings.CLOUDWATCH_NAMESPACE, MetricData=data[start : start + BATCH]
            )
    return len(data)


def _datum(figure: Figure) -> dict[str, object]:
    dimensions = [{"Name": figure.dimension, "Value": figure.of}] if figure.dimension else []
    return {
        "MetricName": figure.name,
        "Value": figure.value,
        "Unit": figure.unit,
        "Dimensions": dimensions,
    }


def _since_last(figure: Figure) -> Figure:
    """A count that only rises, as what came since the last sending; processes begin at 0 again."""
    if figure.name != "Exchanges":
        return figure
    before = cache.get(COUNTED, figure.value)
    cache.set(COUNTED, figure.value, COUNTED_KEPT_S)
    risen = figure.value - before
    return replace(figure, value=risen if risen >= 0 else figure.value)
