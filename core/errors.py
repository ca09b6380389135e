"""How does this platform say no? Errors are sorted by what the caller has to do.

PlatformError
 ├── Refused     tell the user; nothing changed; the code is one of `Code`
 ├── Retryable   back off and try the same work again
 └── Broken      stop and raise the alarm; a person has to look
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Every refusal a person or program can meet, named as it appears on the wire."""

    MALFORMED = "malformed"
    AMOUNT_NOT_TEXT = "amount_not_text"
    IDEMPOTENCY_KEY_MISSING = "idempotency_key_missing"
    NOT_SIGNED_IN = "not_signed_in"
    FORBIDDEN = "forbidden"
    SCOPE_MISSING = "scope_missing"
    CSRF = "csrf"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    QUOTE_EXPIRED = "quote_expired"
    QUOTE_USED = "quote_used"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    PRICE_STALE = "price_stale"
    PRICE_DISPUTED = "price_disputed"
    MARKET_CLOSED = "market_closed"
    ACCOUNT_FROZEN = "account_frozen"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_NOT_EMPTY = "account_not_empty"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    AMOUNT_INVALID = "amount_invalid"
    AMOUNT_TOO_SMALL = "amount_too_small"
    AMOUNT_TOO_LARGE = "amount_too_large"
    TOO_MANY_DECIMALS = "too_many_decimals"
    SAME_CURRENCY = "same_currency"
    UNKNOWN_CURRENCY = "unknown_currency"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    ADDRESS_REFUSED = "address_refused"
    TOO_MANY = "too_many"
    NOT_READY = "not_ready"


STATUS: Mapping[Code, int] = {
    Code.MALFORMED: 400,
    Code.AMOUNT_NOT_TEXT: 400,
    Code.IDEMPOTENCY_KEY_MISSING: 400,
    Code.NOT_SIGNED_IN: 401,
    Code.FORBIDDEN: 403,
    Code.SCOPE_MISSING: 403,
    Code.CSRF: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.QUOTE_EXPIRED: 409,
    Code.QUOTE_USED: 409,
    Code.INSUFFICIENT_FUNDS: 409,
    Code.PRICE_STALE: 409,
    Code.PRICE_DISPUTED: 409,
    Code.MARKET_CLOSED: 409,
    Code.ACCOUNT_FROZEN: 409,
    Code.ACCOUNT_CLOSED: 409,
    Code.ACCOUNT_NOT_EMPTY: 409,
    Code.TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.AMOUNT_INVALID: 422,
    Code.AMOUNT_TOO_SMALL: 422,
    Code.AMOUNT_TOO_LARGE: 422,
    Code.TOO_MANY_DECIMALS: 422,
    Code.SAME_CURRENCY: 422,
    Code.UNKNOWN_CURRENCY: 422,
    Code.IDEMPOTENCY_MISMATCH: 422,
    Code.ADDRESS_REFUSED: 422,
    Code.TOO_MANY: 429,
    Code.NOT_READY: 503,
}


class PlatformError(Exception):
    """Base of the three families; `message` is plain English for the person in front of it."""

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class Refused(PlatformError):
    """The request was understood and declined; nothing was changed.

    `details` go to the caller as they are: strings, numbers, lists and dicts only.
    """

    def __init__(self, code: Code, message: str, **details: Any) -> None:
        super().__init__(message, **details)
        self.code = code

    @property
    def status(self) -> int:
        """The HTTP status that belongs to the code."""
        return STATUS[self.code]


class Retryable(PlatformError):
    """A passing trouble (network, lock, rate limit): the same work may be tried again later.

    `wait_s` in the details says how long to wait where the other side told us.
    """


class Broken(PlatformError):
    """An invariant does not hold or a part is misconfigured: stop, and raise the alarm."""
