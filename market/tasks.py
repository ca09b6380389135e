"""The door of Celery: polls, candles, news, throwing old things away, and heavy work by name."""

import time

from celery import shared_task

from core import clock
from market import fixed_days, history, polling, quant, retention, simulated_past
from market.studies import watched


@shared_task(name="market.poll", ignore_result=True)
def poll(source: str) -> str:
    """Ask one source for its prices."""
    return polling.poll(source)


@shared_task(name="market.seed", ignore_result=True)
def seed(source: str) -> str:
    """Fetch one source's past days, unless today's are here."""
    return polling.seed(source)


@shared_task(name="market.heal", ignore_result=True)
def heal(source: str) -> str:
    """Bring some minutes up to date from a venue's own history."""
    return history.heal(source)


@shared_task(name="market.store_fixed_days", ignore_result=True)
def store_fixed_days() -> int:
    """Bring the daily candles of fiat up to the newest fixing."""
    return fixed_days.store()


@shared_task(name="market.recall_simulated", ignore_result=True)
def recall_simulated() -> int:
    """Give the simulated market a past."""
    return simulated_past.recall()


@shared_task(name="market.prune", ignore_result=True)
def prune() -> str:
    """Drop old ticks, rejections and stories, and make room for the days to come."""
    return retention.prune(at=clock.now())


@shared_task(name="market.quant.lake_hour", ignore_result=True, soft_time_limit=480, time_limit=540)
def lake_hour() -> str:
    """Keep the past hour's bodies and candles in the lake."""
    return str(quant.call("market.lake:keep_hour"))


@shared_task(name="market.quant.lake_day", ignore_result=True, soft_time_limit=480, time_limit=540)
def lake_day() -> str:
    """Bring the lake level with PostgreSQL and let its old files age."""
    return str(quant.call("market.lake:keep_day"))


@shared_task(name="market.quant.lake_write", ignore_result=True, soft_time_limit=60, time_limit=90)
def lake_write(since: str, after: str = "") -> str:
    """Write some partitions of the lake; the rest comes behind what else waits."""
    return str(quant.call("market.lake:take_turn", since, after))


@shared_task(name="market.read_news", ignore_result=True)
def read_news() -> str:
    """Read the news feeds whose time has come; their readers are loaded here and nowhere else."""
    return str(quant.call("market.news.feeds:read_due"))


@shared_task(name="market.list_coins", ignore_result=True)
def list_coins() -> str:
    """Fetch the list of coins by market value, once a day, and follow those at its top."""
    return str(quant.call("market.listing:update"))


@shared_task(name="market.quant.refresh", ignore_result=True, soft_time_limit=60, time_limit=90)
def refresh() -> str:
    """Compute indicators of candles that have closed."""
    return str(quant.call("market.indicators.upkeep:refresh"))


@shared_task(name="market.quant.follow", ignore_result=True, soft_time_limit=10, time_limit=20)
def follow() -> str:
    """Tell open charts what indicators say of the candle that forms."""
    if not watched.any_chart(at=time.time()):
        return "nobody looks"
    return str(quant.call("market.indicators.forming:follow"))


@shared_task(name="market.quant.parquet", ignore_result=True, soft_time_limit=30, time_limit=60)
def parquet(symbol: str, interval: str, limit: int, end: str, source: str) -> str:
    """Make a file that somebody wants to download."""
    return str(quant.call("market.candle_files:hand_over", symbol, interval, limit, end, source))


@shared_task(name="market.quant.answer", ignore_result=True, soft_time_limit=30, time_limit=60)
def answer(symbol: str, interval: str, wish: str, limit: int, end: str) -> str:
    """Compute an indicator with parameters that nobody stores."""
    return str(quant.call("market.indicators.requested:answer", symbol, interval, wish, limit, end))
