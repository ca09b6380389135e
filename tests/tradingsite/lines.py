"""What would be written to the log? Every line as the settings format it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.conf import settings
from django.utils.log import CallbackFilter


@contextmanager
def keep_lines() -> Iterator[list[str]]:
    """The lines of the block, as they come."""
    written: list[str] = []
    given = settings.LOGGING["formatters"]["json"]
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=given["processors"], foreign_pre_chain=given["foreign_pre_chain"]
    )

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(formatter.format(record))

    keep = Keep()
    for name in settings.LOGGING["handlers"]["stderr"]["filters"]:
        keep.addFilter(CallbackFilter(settings.LOGGING["filters"][name]["callback"]))
    logging.getLogger().addHandler(keep)
    yield written
    logging.getLogger().removeHandler(keep)
