"""Is this a number, is this a moment? What a source said, read strictly or found unfit.

A price in text, Decimal, int or float is read; everything else has a reason to be refused.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

PLAIN_MAX = 40  # characters
NUMBER = re.compile(r"^[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?$", re.ASCII)
NOT_FINITE = re.compile(r"^[+-]?(s?nan\d*|inf(inity)?)$", re.ASCII | re.IGNORECASE)
PRICE_MAX, PRICE_MIN = Decimal("1e15"), Decimal("1e-15")  # what NUMERIC(38,18) holds with room
VOLUME_MAX, VOLUME_MIN = Decimal("1e19"), Decimal(0)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2100, 1, 1, tzinfo=UTC)


class Reason(StrEnum):
    """Why something a source said was refused."""

    NAN = "nan"
    INFINITE = "infinite"
    NULL = "null"
    TEXT = "text"
    ZERO = "zero"
    NEGATIVE = "negative"
    OUT_OF_RANGE = "out_of_range"
    BID_ABOVE_ASK = "bid_above_ask"
    JUMP = "jump"
    OLDER = "older_than_last"
    FUTURE = "future_time"
    DUPLICATE = "duplicate"
    MISSING = "missing_field"
    FAR_FROM_FIXING = "far_from_fixing"
    UNKNOWN = "unknown_instrument"
    BAD_CANDLE = "bad_candle"
    MISALIGNED = "misaligned"
    HTML_BODY = "html_body"
    TRUNCATED_JSON = "truncated_json"
    MALFORMED = "malformed"
    UNREACHABLE = "unreachable"
    RATE_LIMITED = "rate_limited"
    REFUSED_HERE = "refused_here"


class Unfit(Exception):
    """What a source said cannot be used; says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def price(value: object, *, least: Decimal = PRICE_MIN, most: Decimal = PRICE_MAX) -> Decimal:
    """A positive price; raises Unfit.

    Nearly always the text is a number that comes out as it went in: for sure a NUMBER, and that
    is faster to see than by its pattern.
    """
    if type(value) is str and len(value) <= PLAIN_MAX:
        try:
            number = Decimal(value)
            if PRICE_MIN <= number <= most and str(number) == value:
                return number
        except InvalidOperation:
            pass  # no number, or NaN
    number = _number(value)
    if least <= number <= most:
        return number
    if number == 0:
        raise Unfit(Reason.ZERO)
    raise Unfit(Reason.NEGATIVE if number < 0 else Reason.OUT_OF_RANGE)


def volume(value: object) -> Decimal | None:
    """A traded volume, zero or more; None where the source gives none. Raises Unfit."""
    return None if value is None else price(value, least=VOLUME_MIN, most=VOLUME_MAX)


def moment(value: object) -> datetime:
    """A time in ISO 8601 (with its zone; a bare date is 00:00 UTC) or epoch ms; raises Unfit.

    Only of the years from 1970 to 2099: whatever is computed with it stays within a calendar.
    """
    try:
        if isinstance(value, str) and ("T" in value or not NUMBER.match(value)):
            at = datetime.fromisoformat(value)
            if at.tzinfo is not UTC:
                at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        else:
            at = datetime.fromtimestamp(float(_number(value)) / 1000, UTC)
    except ValueError as error:
        raise Unfit(Reason.TEXT) from error
    except (OverflowError, OSError) as error:
        raise Unfit(Reason.OUT_OF_RANGE) from error
    if not EPOCH < at < LAST:
        raise Unfit(Reason.OUT_OF_RANGE)
    return at


def day(value: object) -> date:
    """A calendar day in ISO 8601; raises Unfit."""
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise Unfit(Reason.TEXT) from error


def _number(value: object) -> Decimal:
    if value is None:
        raise Unfit(Reason.NULL)
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise Unfit(Reason.TEXT)
    text = repr(value) if isinstance(value, float) else str(value).strip()
    if NOT_FINITE.match(text):
        raise Unfit(Reason.NAN if "nan" in text.lower() else Reason.INFINITE)
    if not NUMBER.match(text):
        raise Unfit(Reason.TEXT if text else Reason.MISSING)
    return Decimal(text)
