"""What surrounds every endpoint? Early refusals, the CSRF check, JSON for every failure."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from core.api.refusal import BROKEN, WORDS, error_body
from core.api.strict_json import BODY_BYTES_MAX, is_storable, too_large
from core.errors import STATUS, Code, Refused

API = "/api/"
REPLACEMENT = "\ufffd"  # what the server makes of bytes in a path that are not UTF-8
OF_STATUS = {STATUS[code]: (code, message) for code, message in WORDS.values()}
UNREADABLE = Refused(Code.MALFORMED, "The address holds bytes that are no text.")


class ApiFrame:
    """Middleware: refuses unreadable addresses and large bodies; gives API failures their shape.

    Failures outside REST framework (unknown paths, bad hosts, crashes) arrive here as HTML.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer `request`, or refuse it before anything reads it."""
        refused = self.refusal(request)
        if not request.path_info.startswith(API):
            return _plain(refused) if refused else self.get_response(request)
        if refused:
            return _json(HttpResponse(), refused.status, refused.code, refused.message)
        return self.in_shape(self.get_response(request))

    def refusal(self, request: HttpRequest) -> Refused | None:
        """Why the request is not even looked at; None for nearly all."""
        path = request.path_info
        if REPLACEMENT in path or not is_storable(path) or not _is_text(request):
            return UNREADABLE
        length = request.META.get("CONTENT_LENGTH") or "0"
        return too_large() if length.isdigit() and int(length) > BODY_BYTES_MAX else None

    def in_shape(self, response: HttpResponseBase) -> HttpResponseBase:
        """`response`, rewritten in the API's shape where it is a failure that is not JSON."""
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        if response.status_code < 400 or is_json or not isinstance(response, HttpResponse):
            return response
        code, message = OF_STATUS.get(response.status_code, OF_STATUS[400])
        if response.status_code >= 500:
            message = "Something broke on our side; it has been noted."
            return _json(response, response.status_code, BROKEN, message)
        return _json(response, response.status_code, code, message)


class CookieSession(SessionAuthentication):
    """The browser's session; an unsafe request needs the CSRF token, else Refused `csrf`."""

    def enforce_csrf(self, request: Any) -> None:
        """Check the token of a session's request."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            message = "The CSRF token is missing or wrong; load the page again."
            raise Refused(Code.CSRF, message) from error


class AlwaysJson(DefaultContentNegotiation):
    """Answers with the view's first renderer, whatever the Accept header wants."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The renderer and its media type."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


def _is_text(request: HttpRequest) -> bool:
    """Whether the query string is UTF-8 without NUL once its escapes are undone."""
    try:
        query = unquote_to_bytes(request.META.get("QUERY_STRING", "")).decode()
    except UnicodeError:
        return False
    return is_storable(query)


def _json(response: HttpResponse, status: int, code: str, message: str) -> HttpResponse:
    response.status_code = status
    response.content = json.dumps(error_body(code, message)).encode()
    response["Content-Type"] = "application/json"
    response.headers.pop("Content-Length", None)
    return response


def _plain(refused: Refused) -> HttpResponse:
    return HttpResponse(refused.message, status=refused.status, content_type="text/plain")
