"""What does the person at the terminal see? One line a step, with the time it took."""

import contextlib
import sys
import time
from collections.abc import Iterator


class SetupError(Exception):
    """Tradingsite cannot start; the message is the one line that says why and what to do."""


def say(text: str) -> None:
    """Print one line at once; a terminal that has gone away is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def complain(text: str) -> None:
    """Print one line to standard error."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """Print `name` with its seconds when the block is done."""
    started = time.monotonic()
    yield
    say(f"{time.monotonic() - started:6.1f} s  {name}")


def note(text: str) -> None:
    """Print something that happened later on, with the time of day."""
    say(f"{time.strftime('%H:%M:%S')}  {text}")
