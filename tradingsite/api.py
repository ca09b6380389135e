"""The API's description for programs, and its docs page for people."""

import json
from functools import cache

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import conditional_page, require_safe
from drf_spectacular.generators import SchemaGenerator

# Swagger UI writes style elements; scripts stay our own.
DOCS_POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}


@require_safe
@cache_control(max_age=60, public=True)
@conditional_page
def schema(_request: HttpRequest) -> HttpResponse:
    """OpenAPI 3, always as JSON."""
    return HttpResponse(described(), content_type="application/json")


@require_safe
@ensure_csrf_cookie
@csp_replace(DOCS_POLICY)
def docs(request: HttpRequest) -> HttpResponse:
    """Every endpoint, to read and to try."""
    return render(request, "api/docs.html")


@cache
def described() -> bytes:
    """The OpenAPI document of this version of the code."""
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return json.dumps(document, default=str).encode()
