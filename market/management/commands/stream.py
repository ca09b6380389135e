"""The process that writes prices, and listens to the sources that speak by themselves."""

import asyncio
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from market.publisher import Publisher


class Command(BaseCommand):
    """`manage.py stream`"""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop; a second one waits until the first is gone."""
        asyncio.run(stream())


async def stream() -> None:
    """Publish in a thread of its own, beside the sockets on this loop."""
    stop = threading.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await asyncio.to_thread(publish, stop)


def publish(stop: threading.Event) -> None:
    """Become the one writer of prices, then write them."""
    publisher = Publisher(feeds=settings.FEEDS)
    if publisher.lead(stop):
        publisher.run(stop)
