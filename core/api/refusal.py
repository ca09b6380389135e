"""What does a failure read? `{"error": {"code", "message", "details"}}`, whatever failed."""

import logging
import math
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from redis import RedisError
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import Code, Refused, Retryable

log = logging.getLogger(__name__)

BROKEN = "broken"  # the one code that is no refusal: status 500
BROKEN_WORDS = "Something broke on our side; it has been noted."
LIMIT_S = 60  # where something has to be given up first, as one of five open accounts
AWAY_S = 2  # what a client is told to wait when PostgreSQL, Redis or a lock is not to be had
WORDS: Mapping[type[Exception], tuple[Code, str]] = {
    exceptions.ParseError: (Code.MALFORMED, "The request could not be read."),
    BadRequest: (Code.MALFORMED, "The request could not be read."),
    SuspiciousOperation: (Code.MALFORMED, "The request could not be read."),
    exceptions.NotAuthenticated: (Code.NOT_SIGNED_IN, "Sign in, or send a valid token."),
    exceptions.PermissionDenied: (Code.FORBIDDEN, "You are not allowed to do this."),
    PermissionDenied: (Code.FORBIDDEN, "You are not allowed to do this."),
    exceptions.NotFound: (Code.NOT_FOUND, "There is nothing at this address."),
    Http404: (Code.NOT_FOUND, "There is nothing at this address."),
    exceptions.MethodNotAllowed: (
        Code.METHOD_NOT_ALLOWED,
        "This address does not answer this method.",
    ),
    exceptions.UnsupportedMediaType: (
        Code.UNSUPPORTED_MEDIA_TYPE,
        "Send the body as application/json.",
    ),
}


def error_body(code: str, message: str, details: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The one shape of every failure under `/api/`."""
    return {"error": {"code": code, "message": message, "details": dict(details or {})}}


def exception_handler(error: Exception, _context: Mapping[str, Any]) -> Response | None:
    """REST framework's hook: the answer to `error`, or None where it is no refusal but a fault.

    A refusal whose details say `wait_s`, and every `too_many`, carries a Retry-After header.
    """
    refused = as_refused(error)
    if refused is None:
        return None
    body = error_body(refused.code, refused.message, refused.details)
    return Response(body, status=refused.status, headers=_headers(refused))


def as_json(refused: Refused) -> JsonResponse:
    """The same answer outside REST framework."""
    body = error_body(refused.code, refused.message, refused.details)
    return JsonResponse(body, status=refused.status, headers=_headers(refused))


def broken() -> JsonResponse:
    """The answer to a fault: it tells nothing, the log tells all."""
    return JsonResponse(error_body(BROKEN, BROKEN_WORDS), status=500)


def as_refused(error: Exception) -> Refused | None:
    """The refusal `error` stands for; None for a fault."""
    match error:
        case Refused():
            return error
        case exceptions.Throttled():
            wait_s = math.ceil(getattr(error, "wait", None) or 1)
            message = f"Too many requests; try again in {wait_s} s."
            return Refused(Code.TOO_MANY, message, wait_s=wait_s)
        case exceptions.AuthenticationFailed():
            return Refused(Code.NOT_SIGNED_IN, str(error.detail))
        case exceptions.ValidationError():
            return Refused(Code.MALFORMED, "Some fields are wrong.", fields=error.detail)
        case Retryable():
            wait_s = math.ceil(error.details.get("wait_s", AWAY_S))
            return Refused(Code.NOT_READY, error.message, wait_s=wait_s)
        case OperationalError() | InterfaceError() | RedisError():
            log.warning("a store is away: %s", type(error).__name__)
            message = "The service is not ready; try again in a moment."
            return Refused(Code.NOT_READY, message, wait_s=AWAY_S)
    words = next((WORDS[kind] for kind in type(error).__mro__ if kind in WORDS), None)
    return Refused(*words) if words else None


def _headers(refused: Refused) -> dict[str, str]:
    headers = {}
    if "wait_s" in refused.details or refused.code is Code.TOO_MANY:
        headers["Retry-After"] = str(refused.details.get("wait_s", LIMIT_S))
    if refused.code is Code.NOT_SIGNED_IN:
        headers["WWW-Authenticate"] = "Bearer"
    return headers
