"""What do our views use in place of REST framework's own? The session's check, and always JSON."""

from collections.abc import Iterable
from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from core.errors import Code, Refused


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
