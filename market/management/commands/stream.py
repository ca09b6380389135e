"""The process that writes prices, and listens to the sources that speak by themselves."""

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from market import streaming
from market.publisher import Publisher


class Command(BaseCommand):
    """`manage.py stream`"""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop; a second one waits until the first is gone."""
        asyncio.run(stream())


async def stream() -> None:
    """Publish in a thread of its own; once it leads, listen to the sources on this loop."""
    stop, leads = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    tell = loop.call_soon_threadsafe
    prices = asyncio.create_task(asyncio.to_thread(publish, stop, lambda: tell(leads.set)))
    listening = asyncio.create_task(listen(leads))
    try:
        await asyncio.wait({prices, listening}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        listening.cancel()
        await asyncio.gather(prices, listening, return_exceptions=True)
    await prices


async def listen(leads: asyncio.Event) -> None:
    """Stream what sources say, from the moment this process writes the prices."""
    await leads.wait()
    await streaming.run()


def publish(stop: threading.Event, led: Callable[[], object]) -> None:
    """Become the one writer of prices, say so, and write them."""
    publisher = Publisher(feeds=settings.FEEDS)
    if publisher.lead(stop):
        led()
        publisher.run(stop)
