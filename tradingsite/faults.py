"""What answers when no view does? JSON below `/api/`, else the page with the number."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase
from django.views import defaults

from core.api.middleware import is_for_api
from core.api.refusal import as_json, as_refused, broken
from core.errors import Refused


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """400"""
    refused = _for_program(request, exception)
    return as_json(refused) if refused else defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """403"""
    refused = _for_program(request, exception)
    return as_json(refused) if refused else defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404"""
    refused = _for_program(request, exception)
    return as_json(refused) if refused else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """500, or 503 where PostgreSQL or Redis is away: that passes."""
    error = sys.exc_info()[1]
    refused = as_refused(error) if isinstance(error, Exception) else None
    if is_for_api(request):
        return as_json(refused) if refused else broken()
    if refused is None:
        return defaults.server_error(request)
    page = defaults.server_error(request, template_name="503.html")
    page.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    page.headers["Retry-After"] = str(refused.details.get("wait_s", 1))
    return page


def _for_program(request: HttpRequest, exception: Exception) -> Refused | None:
    return as_refused(exception) if is_for_api(request) else None
