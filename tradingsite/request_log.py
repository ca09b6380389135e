"""What is noted of a request? Its id, who sent it, from where, and the path, without the query."""

import logging
import re
import time
from http import HTTPStatus
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

HEADER = "X-Request-Id"
TRUSTED_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


class RequestLog(RequestMiddleware):
    """django-structlog's line at the end of a request; the id goes back in a header."""

    def prepare(self, request: HttpRequest) -> None:
        """Take over the id of a proxy in front, if it looks like one."""
        if not TRUSTED_ID.fullmatch(request.META.get("HTTP_X_REQUEST_ID", "")):
            request.META.pop("HTTP_X_REQUEST_ID", None)
        # Not in META: allauth puts another in its place where it resumes a request.
        request.began = time.perf_counter()  # type: ignore[attr-defined]
        super().prepare(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """From here on it is known who asks: lines of the request itself say it too."""
        self.bind_user_id(request)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """Note the end and tell the client the id to quote when it asks us."""
        noted: dict[str, Any] = structlog.contextvars.get_contextvars()
        began: float = request.began  # type: ignore[attr-defined]
        response[HEADER] = noted.get("request_id", "")
        structlog.contextvars.bind_contextvars(
            took_ms=round((time.perf_counter() - began) * 1000, 1),
            user_agent=request.META.get("HTTP_USER_AGENT"),
        )
        super().handle_response(request, response)

    def _log_level_for_status_code(self, status_code: int) -> int:
        """A 503 is no fault: `/readyz` says it while all starts, pages while a database is away."""
        if status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            return logging.WARNING
        level: int = super()._log_level_for_status_code(status_code)
        return level

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """The peer's address: forwarded headers count only where the server was told so."""
        structlog.contextvars.bind_contextvars(ip=request.META.get("REMOTE_ADDR"))

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path; queries hold what people type."""
        return f"{request.method} {request.path}"
