"""What do log lines look like? Structured, one JSON object a line, with the request's id."""

import logging
from http import HTTPStatus
from typing import Any

import structlog

from core.masking import mask_event

DJANGO_STRUCTLOG_USER_ID_FIELD = "public_id"
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # the last line says it all
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # once it looks like one


def is_crash(record: logging.LogRecord) -> bool:
    """Whether Django tells of a fault. A 503 is an answer: not ready yet, or not just now."""
    return getattr(record, "status_code", None) != HTTPStatus.SERVICE_UNAVAILABLE


def as_refusal(record: logging.LogRecord) -> bool:
    """What Django calls suspicious, a foreign Host say, is refused: a warning without a trace."""
    if record.name.startswith("django.security.") and record.levelno > logging.WARNING:
        record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        record.exc_info = None
    return True


OF_EVERY_LINE: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                mask_event,
                structlog.processors.JSONRenderer(default=str),
            ],
            "foreign_pre_chain": OF_EVERY_LINE,
        }
    },
    "filters": {
        "crashes": {"()": "django.utils.log.CallbackFilter", "callback": is_crash},
        "refusals": {"()": "django.utils.log.CallbackFilter", "callback": as_refusal},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "filters": ["refusals"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # `tradingsite/request_log.py` says the rest.
        "django.request": {"level": "ERROR", "filters": ["crashes"]},
        # A poll is not worth a line, nor that it was sent, taken up and done, or came too late.
        **{
            name: {"level": "WARNING"}
            for name in (
                "httpx",
                "botocore",
                "celery.beat",
                "celery.worker.request",
                "celery.worker.strategy",
                "celery.app.trace",
            )
        },
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *OF_EVERY_LINE,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
