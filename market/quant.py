"""How is heavy work done where it is wanted, and loaded nowhere else?

Rooms over numpy, pandas and TA-Lib are not imported by doors. A task named `*.quant.*` runs in the
`quant` process and calls its room by name; the child that runs it loads the room then.
"""

from pkgutil import resolve_name
from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError

from core.errors import Code, Refused

EXPIRES_S = 60.0


def call(work: str, *arguments: Any) -> Any:
    """Do `work`, written `package.room:verb`, in this process."""
    return resolve_name(work)(*arguments)


def ask(task: str, *arguments: Any, expires_s: float = EXPIRES_S) -> None:
    """Have the `quant` process run a task soon; dropped where it is not begun in time.

    Raises Refused `not_ready` while Redis is away.
    """
    options = {"expires": expires_s, "ignore_result": True, "retry": False}
    try:
        current_app.send_task(task, args=arguments, **options)
    except OperationalError as error:
        raise Refused(Code.NOT_READY, "This cannot be computed just now.") from error
