"""How does every API endpoint speak? One error shape, strict bodies, pages, limits, replay keys."""

from core.api.idempotency import idempotency_key, request_hash
from core.api.middleware import ApiFrame
from core.api.pages import LatestFirst, NewestFirst
from core.api.refusal import error_body, exception_handler
from core.api.rest import AlwaysJson, CookieSession
from core.api.strict_json import StrictJSON, only
from core.api.throttles import AddressThrottle, MoneyThrottle, UserThrottle

__all__ = [
    "AddressThrottle",
    "AlwaysJson",
    "ApiFrame",
    "CookieSession",
    "LatestFirst",
    "MoneyThrottle",
    "NewestFirst",
    "StrictJSON",
    "UserThrottle",
    "error_body",
    "exception_handler",
    "idempotency_key",
    "only",
    "request_hash",
]
