"""What does a person or program see when a view fails?"""

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from core.errors import Retryable
from tradingsite.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("canary: the server closed the connection")


def busy(request: HttpRequest) -> HttpResponse:
    raise Retryable("The account is busy; canary.", wait_s=1)


def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("canary")


urlpatterns = [
    path("away/", away),
    path("busy/", busy),
    path("crash/", crash),
    path("api/v1/away/", away),
    path("api/v1/crash/", crash),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize("path", ["/away/", "/api/v1/away/"])
def test_a_store_that_is_away_passes(path: str) -> None:
    response = Client(raise_request_exception=False).get(path)
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert b"canary" not in response.content


def test_a_busy_moment_is_a_calm_page() -> None:
    response = Client(raise_request_exception=False).get("/busy/")
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert "Not available for a moment" in response.content.decode()
    assert b"canary" not in response.content


@pytest.mark.parametrize("path", ["/crash/", "/api/v1/crash/"])
def test_a_crash_tells_nothing(path: str) -> None:
    response = Client(raise_request_exception=False).get(path)
    assert response.status_code == 500
    assert b"canary" not in response.content


def test_a_program_gets_json_even_where_there_is_nothing() -> None:
    response = Client().get("/api/v2/")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
