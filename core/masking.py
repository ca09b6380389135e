"""What must never stand in a log line? Secrets that came in by address, header or error text."""

import re
from collections.abc import MutableMapping
from typing import Any

MASK = "…"
SECRETS = re.compile(
    r"(?<=://)[^/@\s]*:[^/@\s]+(?=@)"  # user:password of a database or broker address
    r"|\bts_[rv]_[\w-]{8,}"  # personal tokens
    r"|(?<=/confirm-email/)[^/\s]+|(?<=/password/reset/key/)[^/\s]+"  # links out of mails
    r"|(?<=[Bb]earer )\S+"
    r"|(?<=password=)[^\s&]+|(?<=sessionid=)[^\s;]+|(?<=csrftoken=)[^\s;]+"
)


def masked(text: str) -> str:
    """`text` with every secret replaced."""
    return SECRETS.sub(MASK, text)


def mask_event(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """structlog's processor: the event with its texts masked."""
    return {
        name: masked(value) if isinstance(value, str) else value for name, value in event.items()
    }
