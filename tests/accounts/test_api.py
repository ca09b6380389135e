"""Do programs see and change a person's own things, and only those?"""

from datetime import timedelta

import pytest
from django.test import Client

from accounts import favourites, preferences, tokens
from accounts.models import Token, User
from core import clock
from core.api.throttles import seconds_to_wait
from tests.accounts.people import make, sign_in

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def alice() -> User:
    return make("alice")


def bearer(user: User, *scopes: str) -> dict[str, str]:
    _, text = tokens.issue(user, name="Test", scopes=scopes or ["read"])
    return {"Authorization": f"Bearer {text}"}


def test_me_says_who_and_what(client: Client, alice: User) -> None:
    favourites.add(alice, "CHF")
    me = client.get("/api/v1/me/", headers=bearer(alice)).json()
    assert (me["username"], me["email_confirmed"]) == ("alice", True)
    assert (me["base_currency"], me["quote_seconds"]) == ("USD", 15)
    assert me["favourites"] == ["CHF"]


def test_me_is_for_signed_in_people(client: Client) -> None:
    answer = client.get("/api/v1/me/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")


def test_a_person_and_each_token_have_600_requests_a_minute(client: Client, alice: User) -> None:
    token, text = tokens.issue(alice, name="Test", scopes=["read"])
    program = Client(headers={"Authorization": f"Bearer {text}"})
    sign_in(client)
    with clock.frozen(clock.now() + timedelta(days=1)):  # where nothing is counted yet
        for _ in range(599):
            seconds_to_wait(f"user:token:{token.pk}", 600)
        assert [program.get("/api/v1/me/").status_code for _ in range(2)] == [200, 429]
        assert client.get("/api/v1/me/").status_code == 200
        for _ in range(599):
            seconds_to_wait(f"user:person:{alice.pk}", 600)
        assert client.get("/api/v1/me/").json()["error"]["code"] == "too_many"


def test_a_change_keeps_the_rest(client: Client, alice: User) -> None:
    sign_in(client)
    body = {"base_currency": "EUR", "chart": {"interval": "4h", "ema": [20, 50]}}
    assert client.patch("/api/v1/me/", body, JSON).json()["chart"] == body["chart"]
    assert client.patch("/api/v1/me/", {"quote_seconds": 60}, JSON).json()["base_currency"] == "EUR"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"base_currency": "XXX"}, 422),
        ({"quote_seconds": 17}, 400),
        ({"quote_seconds": "60"}, 400),
        ({"quote_seconds": True}, 400),
        ({"theme": "pink"}, 400),
        ({"is_staff": True}, 400),
        ({"username": "root"}, 400),
        ({"time_zone": "../etc"}, 400),
    ],
)
def test_it_refuses_a_bad_change(
    client: Client, alice: User, body: dict[str, object], status: int
) -> None:
    sign_in(client)
    assert client.patch("/api/v1/me/", body, JSON).status_code == status
    assert preferences.of(alice) == preferences.DEFAULTS


def test_a_reading_token_changes_nothing(client: Client, alice: User) -> None:
    answer = client.patch("/api/v1/me/", {"theme": "dark"}, JSON, headers=bearer(alice, "read"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "scope_missing")
    assert preferences.of(alice) == preferences.DEFAULTS


def test_favourites_come_and_go(client: Client, alice: User) -> None:
    sign_in(client)
    assert client.put("/api/v1/me/favourites/btc/").status_code == 204
    assert client.put("/api/v1/me/favourites/NOPE/").status_code == 422
    assert favourites.codes(alice) == {"BTC"}
    assert client.delete("/api/v1/me/favourites/BTC/").status_code == 204
    assert favourites.codes(alice) == frozenset()


@pytest.mark.parametrize("wish", [{"name": 7}, {"name": "bot", "expires": 1}])
def test_it_makes_no_token_of_a_wish_it_cannot_read(
    client: Client, alice: User, wish: dict[str, object]
) -> None:
    sign_in(client)
    answer = client.post("/api/v1/tokens/", wish | {"scopes": ["read"]}, JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")
    assert not Token.objects.exists()


def test_a_session_needs_the_csrf_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.put("/api/v1/me/favourites/BTC/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
    assert favourites.codes(alice) == frozenset()


def test_a_token_is_shown_once(client: Client, alice: User) -> None:
    sign_in(client)
    made = client.post("/api/v1/tokens/", {"name": "Sheet", "scopes": ["read"]}, JSON)
    text = made.json()["token"]
    assert made.status_code == 201
    assert text not in client.get("/api/v1/tokens/").content.decode()
    assert client.get("/api/v1/me/", headers={"Authorization": f"Bearer {text}"}).status_code == 200


def test_tokens_see_no_tokens(client: Client, alice: User) -> None:
    headers = bearer(alice, "read", "trade-virtual")
    token = Token.objects.get()
    body = {"name": "More", "scopes": ["read"]}
    answers = [
        client.get("/api/v1/tokens/", headers=headers),
        client.post("/api/v1/tokens/", body, JSON, headers=headers),
        client.delete(f"/api/v1/tokens/{token.public_id}/", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [403] * 3
    assert tokens.of(alice) == [token]


def test_a_token_needs_a_recent_sign_in(client: Client, alice: User) -> None:
    client.force_login(alice)
    answer = client.post("/api/v1/tokens/", {"name": "Sheet", "scopes": ["read"]}, JSON)
    assert answer.status_code == 403
    assert not Token.objects.exists()


def test_a_revoked_token_is_refused_at_once(client: Client, alice: User) -> None:
    headers = bearer(alice)
    sign_in(client)
    token = Token.objects.get()
    assert client.delete(f"/api/v1/tokens/{token.public_id}/").status_code == 204
    assert Client().get("/api/v1/me/", headers=headers).status_code == 401


def test_the_token_of_another_is_not_there(client: Client, alice: User) -> None:
    token, _ = tokens.issue(alice, name="Sheet", scopes=["read"])
    make("bob")
    sign_in(client, "bob")
    assert client.delete(f"/api/v1/tokens/{token.public_id}/").status_code == 404
    assert tokens.of(alice) == [token]


@pytest.mark.parametrize("scopes", [[], ["admin"], "read", None])
def test_it_refuses_a_token_without_scopes(client: Client, alice: User, scopes: object) -> None:
    sign_in(client)
    answer = client.post("/api/v1/tokens/", {"name": "Sheet", "scopes": scopes}, JSON)
    assert answer.status_code == 400
    assert not Token.objects.exists()
