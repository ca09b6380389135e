"""Who gets to give, see and end a key, by page and by API?"""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import tokens
from accounts.models import AuditRecord, User
from portfolio import credentials
from portfolio.models import ExchangeKey
from tests.accounts.people import age_session, enrol, enter_as_staff, make
from tests.portfolio.exchange_keys import CANARY, KEYS, SECRETS, after_test, grant, kept
from tests.venue.server import VenueServer

pytestmark = pytest.mark.django_db
PAGE, API = "/settings/exchange-keys/", "/api/v1/exchange-credentials/"
FORM = {
    "venue": "binance",
    "mode": "real",
    "label": "Mine",
    "key": KEYS["binance"],
    "secret": SECRETS["binance"],
}


@pytest.fixture
def alice() -> User:
    return make("alice")


@pytest.fixture
def proven(alice: User) -> Client:
    """Alice's browser, where she has just shown her second factor."""
    client = Client()
    enter_as_staff(client, alice)
    return client


def post(client: Client, path: str = API, **changed: Any) -> Any:
    return client.post(path, json.dumps(FORM | changed), content_type="application/json")


def test_the_page_keeps_a_key_and_polls_while_it_is_tested(
    proven: Client, alice: User, world: VenueServer
) -> None:
    page = proven.post(PAGE, FORM, follow=True).content.decode()
    row = ExchangeKey.objects.get(user=alice)
    line = f"{PAGE}{row.public_id}/"
    assert f'hx-get="{line}" hx-trigger="every 2s"' in page
    grant(world.binance, "read", "trade")
    after_test(row)
    part = proven.get(line).content.decode()
    assert "works" in part
    assert "may read, trade spot" in part
    assert "hx-get" not in part
    events = proven.get("/settings/security/").content.decode()
    assert 'Exchange key added <span class="soft">“Mine”' in events


def test_a_form_that_is_not_accepted_comes_back_without_the_key(proven: Client) -> None:
    answer = proven.post(PAGE, FORM | {"venue": "kraken", "mode": "sandbox"})
    assert b"has no sandbox" in answer.content
    assert CANARY not in answer.content.decode()
    assert not ExchangeKey.objects.exists()


@pytest.mark.parametrize(("factor", "leads"), [(False, "/accounts/2fa/"), (True, "reauthenticate")])
def test_it_refuses_a_key_without_proof_and_keeps_nothing_of_the_form(
    alice: User, client: Client, factor: bool, leads: str
) -> None:
    client.force_login(alice)
    if factor:
        enrol(alice)
    answer = client.post(PAGE, FORM)
    assert leads in answer["Location"]
    assert CANARY not in str([row.get_decoded() for row in Session.objects.all()])
    assert post(client).json()["error"]["code"] == "forbidden"
    assert not ExchangeKey.objects.exists()
    assert 'name="secret"' not in client.get(PAGE).content.decode()


def test_it_refuses_a_proof_older_than_five_minutes(proven: Client, alice: User) -> None:
    row = kept(alice)
    age_session(proven, 301)
    assert post(proven).status_code == 403
    assert proven.delete(f"{API}{row.public_id}/").status_code == 403
    for path in (PAGE, f"{PAGE}{row.public_id}/test/", f"{PAGE}{row.public_id}/revoke/"):
        assert "/accounts/2fa/reauthenticate/" in proven.post(path, FORM)["Location"]
    row.refresh_from_db()
    assert (row.state, ExchangeKey.objects.count()) == ("untested", 1)


def test_the_api_keeps_a_key_and_never_gives_it_back(proven: Client) -> None:
    answer = post(proven)
    assert answer.status_code == 201
    assert (answer.json()["key_end"], answer.json()["state"]) == (KEYS["binance"][-4:], "testing")
    listed, one = proven.get(API), proven.get(f"{API}{answer.json()['id']}/")
    assert listed.json()["results"] == [one.json()]
    for said in (answer, listed, one):
        assert CANARY not in said.content.decode()


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"venue": "nowhere"}, 400),
        ({"passphrase": "none of them wants one"}, 400),
        ({"secret": ""}, 400),
        ({"secret": None}, 400),
        ({"label": 7}, 400),
        ({"key": "a\x00bcdefghijk"}, 400),
        ({"venue": "coinbase", "mode": "sandbox"}, 400),
    ],
)
def test_the_api_refuses_what_is_no_key(
    proven: Client, changed: dict[str, Any], status: int
) -> None:
    answer = post(proven, **changed)
    assert answer.status_code == status
    assert CANARY not in answer.content.decode()
    assert not ExchangeKey.objects.exists()


@pytest.mark.parametrize("body", ["[]", '"text"', "null", "7"])
def test_the_api_refuses_a_body_that_is_no_object(proven: Client, body: str) -> None:
    answer = proven.post(API, body, content_type="application/json")
    assert answer.status_code == 400


def test_the_api_revokes(proven: Client, alice: User) -> None:
    row = kept(alice)
    assert proven.delete(f"{API}{row.public_id}/").status_code == 204
    row.refresh_from_db()
    assert (row.state, row.sealed) == ("revoked", None)
    assert AuditRecord.objects.latest("pk").address == "127.0.0.1"


def test_a_key_can_be_tested_again_and_revoked_on_the_page(proven: Client, alice: User) -> None:
    row = kept(alice)
    credentials.learn(row.pk, credentials.Finding(credentials.Verdict.DENIED, "No."))
    proven.post(f"{PAGE}{row.public_id}/test/")
    row.refresh_from_db()
    assert row.state == "untested"
    proven.post(f"{PAGE}{row.public_id}/revoke/")
    row.refresh_from_db()
    assert row.state == "revoked"


def test_no_token_gets_near_keys(alice: User) -> None:
    row = kept(alice)
    _, text = tokens.issue(alice, name="robot", scopes=["read", "trade-virtual"])
    robot = Client(headers={"Authorization": f"Bearer {text}"})
    assert robot.get(API).status_code == 403
    assert post(robot).status_code == 403
    assert robot.delete(f"{API}{row.public_id}/").status_code == 403


def test_another_persons_key_is_a_404_everywhere(alice: User) -> None:
    row, bob = kept(alice), Client()
    enter_as_staff(bob, make("bob"))
    for key in (row.public_id, uuid4()):
        assert bob.get(f"{API}{key}/").status_code == 404
        assert bob.delete(f"{API}{key}/").status_code == 404
        assert bob.get(f"{PAGE}{key}/").status_code == 404
        assert bob.post(f"{PAGE}{key}/test/").status_code == 404
        assert bob.post(f"{PAGE}{key}/revoke/").status_code == 404
    assert bob.get(API).json()["results"] == []
    row.refresh_from_db()
    assert row.sealed is not None
