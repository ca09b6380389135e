"""How is heavy work done where it is wanted, and loaded nowhere else?

Rooms over numpy, pandas and TA-Lib are not imported by doors. A task named `*.quant.*` runs in the
`quant` process and calls its room by name; the child that runs it loads the room then.
"""

from pkgutil import resolve_name
from typing import Any

from celery import current_app
from django.core.cache import cache
from kombu.exceptions import OperationalError

from core import clock
from core.errors import Code, Refused

EXPIRES_S = 60.0
A_MINUTE_MAX = 60  # computations that strangers may ask for, all together
ADDRESS_MAX = 20  # of these, for one address


def call(work: str, *arguments: Any) -> Any:
    """Do `work`, written `package.room:verb`, in this process."""
    return resolve_name(work)(*arguments)


def has_turn(address: str) -> bool:
    """Whether this minute's computations on request are not used up, by all or by one address.

    Raises RedisError.
    """
    minute = f"quant:turns:{clock.now():%H%M}"
    # Who has used up their own takes none of the others'.
    return _counts(f"{minute}:{address}", ADDRESS_MAX) and _counts(minute, A_MINUTE_MAX)


def _counts(key: str, limit: int) -> bool:
    cache.add(key, 0, 120)
    return bool(cache.incr(key) <= limit)


def ask(task: str, *arguments: Any, expires_s: float = EXPIRES_S) -> None:
    """Have the `quant` process run a task soon; dropped where it is not begun in time.

    Raises Refused `not_ready` while Redis is away.
    """
    options = {"expires": expires_s, "ignore_result": True, "retry": False}
    try:
        current_app.send_task(task, args=arguments, **options)
    except OperationalError as error:
        raise Refused(Code.NOT_READY, "This cannot be computed just now.") from error
