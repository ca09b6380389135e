"""Does every failure under /api/ have the one shape?"""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings
from redis import ConnectionError as RedisConnectionError

from core.api import exception_handler

pytestmark = [pytest.mark.urls("tests.core.endpoints")]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


def code_of(response: Any) -> str:
    error = response.json()["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["message"].endswith(".")
    return str(error["code"])


def test_an_unknown_address_is_a_json_404(client: Client) -> None:
    response = client.get("/api/v1/nothing/")
    assert (response.status_code, code_of(response)) == (404, "not_found")


def test_a_method_nobody_answers_is_a_json_405_that_names_the_others(client: Client) -> None:
    response = client.delete("/api/v1/echo/")
    assert (response.status_code, code_of(response)) == (405, "method_not_allowed")
    assert "POST" in response["Allow"]


def test_a_form_is_a_json_415(client: Client) -> None:
    response = client.post("/api/v1/echo/", {"a": "b"})
    assert (response.status_code, code_of(response)) == (415, "unsupported_media_type")


def test_an_address_that_only_takes_forms_shows_a_page_of_ours(client: Client) -> None:
    response = client.get("/convert/quote/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert b"There is nothing to look at here" in response.content
    assert int(response["Content-Length"]) == len(response.content)


def test_a_body_beyond_64_kb_is_a_json_413(client: Client) -> None:
    body = b'{"a": "' + b"x" * 65536 + b'"}'
    response = client.post("/api/v1/echo/", body, content_type="application/json")
    assert (response.status_code, code_of(response)) == (413, "too_large")


def test_a_form_beyond_64_kb_is_refused_by_a_page(client: Client) -> None:
    response = client.post("/page/", {"a": "x" * 65536})
    assert (response.status_code, response["Content-Type"]) == (413, "text/html; charset=utf-8")
    assert "larger than 64 KB" in response.content.decode()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_change_without_the_final_slash_is_a_json_404(client: Client, method: str) -> None:
    response = client.generic(method, "/api/v1/echo", "{}", content_type="application/json")
    assert (response.status_code, code_of(response)) == (404, "not_found")
    assert "slash" in response.json()["error"]["message"]


def test_a_question_without_the_final_slash_is_shown_the_way(client: Client) -> None:
    response = client.get("/api/v1/echo")
    assert (response.status_code, response["Location"]) == (301, "/api/v1/echo/")


def test_a_crash_is_a_json_500_that_tells_nothing(client: Client) -> None:
    for path in ("/api/v1/failing/crash/", "/api/v1/plain-crash/"):
        response = client.get(path)
        assert (response.status_code, code_of(response)) == (500, "broken")
        assert b"canary" not in response.content


def test_a_foreign_host_is_a_json_400(client: Client) -> None:
    response = client.get("/api/v1/echo/", headers={"Host": "evil.example"})
    assert (response.status_code, code_of(response)) == (400, "malformed")


def test_a_refusal_keeps_its_code_and_details(client: Client) -> None:
    response = client.get("/api/v1/failing/refused/")
    assert response.status_code == 409
    assert response.json() == {
        "error": {
            "code": "insufficient_funds",
            "message": "Not enough.",
            "details": {"have": "1.00"},
        }
    }


def test_passing_trouble_is_a_503_with_retry_after(client: Client) -> None:
    response = client.get("/api/v1/failing/later/")
    assert (response.status_code, code_of(response)) == (503, "not_ready")
    assert response["Retry-After"] == "7"


@pytest.mark.parametrize("error", [OperationalError("canary"), RedisConnectionError("canary")])
def test_a_store_that_is_away_is_a_503(error: Exception) -> None:
    response = exception_handler(error, {})
    assert response is not None
    assert response.status_code == 503
    assert "canary" not in str(response.data)


@pytest.mark.django_db
def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    response = client.get("/api/v1/private/")
    assert (response.status_code, code_of(response)) == (401, "not_signed_in")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.django_db
def test_a_session_needs_the_csrf_token_for_unsafe_methods(client: Client) -> None:
    client.force_login(get_user_model().objects.create_user("alice", "alice@example.org"))
    assert client.get("/api/v1/private/").status_code == 200
    response = client.post("/api/v1/private/", {}, content_type="application/json")
    assert (response.status_code, code_of(response)) == (403, "csrf")


@pytest.mark.parametrize("address", ["?q=%00", "?q=%ED%A0%80", "?%FF=1", "%00/"])
def test_an_address_that_is_no_text_is_refused(client: Client, address: str) -> None:
    response = client.get("/api/v1/echo/" + address)
    assert (response.status_code, code_of(response)) == (400, "malformed")


def test_a_page_with_an_address_that_is_no_text_is_refused_in_plain_words(client: Client) -> None:
    response = client.get("/page/?q=%00")
    assert response.status_code == 400
    assert not response["Content-Type"].startswith("application/json")


def test_any_accept_header_gets_json(client: Client) -> None:
    response = client.get("/api/v1/echo/", headers={"Accept": "text/html"})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_a_program_that_asks_in_the_clear_is_refused_not_led_on(
    client: Client, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/api/v1/echo/")
    assert (response.status_code, code_of(response)) == (403, "forbidden")
    assert client.get("/api/v1/echo/", secure=True).status_code == 200
    for page in ("/page/", "/api/v1/docs/"):
        assert client.get(page)["Location"] == f"https://testserver{page}"


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("path", ["/api/v1/echo/", "/page/", "/admin/"])
def test_no_address_answers_methods_of_other_trades(client: Client, method: str, path: str) -> None:
    assert client.generic(method, path).status_code == 405
