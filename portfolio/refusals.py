"""What did the books say no to? Their SQLSTATEs in words; the list stands in `books.sql`."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from core import database
from core.errors import Broken, Code, PlatformError, Refused, Retryable

LOCK_NOT_AVAILABLE, CHECK_VIOLATION, UNIQUE_VIOLATION = "55P03", "23514", "23505"
REFUSED: dict[str, tuple[Code, str]] = {
    "TS010": (Code.ACCOUNT_FROZEN, "This account is frozen; nothing in it moves for now."),
    "TS013": (
        Code.ACCOUNT_FROZEN,
        "Real trading rests for 24 hours after a password or second factor was reset.",
    ),
    "TS014": (
        Code.ACCOUNT_FROZEN,
        "The house has stopped all movements of money for now; yours stays as it is.",
    ),
    "TS011": (Code.ACCOUNT_CLOSED, "This account is closed."),
    "TS020": (
        Code.IDEMPOTENCY_MISMATCH,
        "This idempotency key was used for another request; take a new one.",
    ),
    "TS030": (Code.NOT_FOUND, "There is no such quote."),
    "TS031": (Code.QUOTE_USED, "This quote was already used."),
    "TS032": (Code.QUOTE_EXPIRED, "This quote has expired."),
}
DETAILS = {"TS031": "entry", "TS013": "until"}
BROKEN = ("TS012", "TS021", "TS050")


def of(error: DatabaseError) -> PlatformError | None:
    """The refusal, passing trouble or alarm `error` stands for; None where it is none of ours."""
    state = database.sqlstate(error)
    if state in REFUSED:
        code, message = REFUSED[state]
        name = DETAILS.get(state)
        return Refused(code, message, **({name: database.detail(error)} if name else {}))
    if state == CHECK_VIOLATION and database.constraint(error) == "ledger_balance_never_negative":
        return Refused(Code.INSUFFICIENT_FUNDS, "There is not enough money for this.")
    if state == LOCK_NOT_AVAILABLE:
        return Retryable("The account is busy; try again in a moment.", wait_s=1)
    if state in BROKEN or state in (CHECK_VIOLATION, UNIQUE_VIOLATION):
        return Broken(f"the books refused: {error}")
    return None


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what the books say into this platform's errors; other database errors pass."""
    try:
        yield
    except DatabaseError as error:
        meant = of(error)
        if meant is None:
            raise
        raise meant from error


def mismatch() -> Refused:
    """The refusal of a key that comes again with another request."""
    return Refused(*REFUSED["TS020"])
