"""Can a page of somebody else's act for a person? Tokens, origins and cookies of the browser."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import preferences, tokens
from accounts.models import User
from tests.accounts import people

pytestmark = pytest.mark.django_db
ME = "/api/v1/me/"
OURS, EVIL = "http://testserver", "https://evil.example"


@pytest.fixture
def alice() -> User:
    return people.make("alice")


@pytest.fixture
def browser(alice: User) -> Client:
    """Alice's, with the token that pages read from their cookie."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.get("/api/v1/docs/")
    return client


def change_theme(client: Client, **headers: str) -> Any:
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    given = {"X-CSRFToken": token, "Origin": OURS} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return client.patch(ME, {"theme": "dark"}, content_type="application/json", headers=given)


def test_our_own_page_may_act_for_a_person(browser: Client, alice: User) -> None:
    assert change_theme(browser).status_code == 200
    assert preferences.of(alice).theme == "dark"


@pytest.mark.parametrize("headers", [{"Origin": EVIL}, {"Origin": "null"}, {"X_CSRFToken": "x"}])
def test_another_page_may_not(browser: Client, alice: User, headers: dict[str, str]) -> None:
    refused = change_theme(browser, **headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "csrf")
    assert preferences.of(alice).theme != "dark"


def test_another_page_may_not_sign_somebody_in(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    data = {"login": "alice", "password": people.PASSWORD}
    assert client.post("/accounts/login/", data).status_code == 403
    assert not people.is_signed_in(client)


def test_a_program_with_a_token_needs_no_origin(alice: User) -> None:
    _, token = tokens.issue(alice, name="robot", scopes=["read", "trade-virtual"])
    headers = {"Authorization": f"Bearer {token}", "Origin": EVIL}
    client = Client(enforce_csrf_checks=True)
    assert client.get(ME, headers=headers).status_code == 200


def test_no_answer_invites_other_origins(browser: Client) -> None:
    for path in ("/", ME, "/api/v1/currencies/"):
        response = browser.get(path, headers={"Origin": EVIL})
        assert "Access-Control-Allow-Origin" not in response
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"


def test_scripts_read_the_csrf_cookie_and_never_the_session(alice: User) -> None:
    browser = Client()
    browser.get("/accounts/login/")
    people.sign_in(browser)
    assert browser.cookies[settings.SESSION_COOKIE_NAME]["httponly"]
    assert not browser.cookies[settings.CSRF_COOKIE_NAME]["httponly"]
    assert {cookie["samesite"] for cookie in browser.cookies.values()} == {"Lax"}
