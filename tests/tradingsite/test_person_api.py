"""May a program freeze, take the data along, delete the account? Only where it is sure who asks."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from accounts import takeouts, tokens
from accounts.models import AuditRecord, Takeout, TakeoutPiece, User
from core import clock
from portfolio import freezing, trading_accounts
from tests import cast
from tests.accounts.people import enrol, enter_as_staff, make, sign_in
from tests.portfolio.stillness import nothing_moves
from tradingsite import leaving, takeout
from tradingsite.tasks import pack_takeout

pytestmark = pytest.mark.django_db
ME = "/api/v1/me/"
FRESH_ONLY = ("unfreeze/", "exports/", "delete/")


@pytest.fixture
def alice() -> User:
    user = make("alice")
    trading_accounts.ensure_virtual(user=user)
    return user


@pytest.fixture
def fresh(client: Client, alice: User) -> Client:
    """Her browser; she has just shown who she is."""
    sign_in(client)
    return client


@pytest.fixture
def stale(alice: User) -> Client:
    """Another of hers, where that was long ago."""
    client = Client()
    client.force_login(alice)
    return client


def post(client: Client, path: str, body: Any = None, **given: Any) -> Any:
    return client.post(f"{ME}{path}", body or {}, content_type="application/json", **given)


def bearer(user: User, *scopes: str) -> dict[str, Any]:
    _, text = tokens.issue(user, name="Bot", scopes=scopes)
    return {"headers": {"Authorization": f"Bearer {text}"}}


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def is_frozen(user: User) -> bool:
    return User.objects.get(pk=user.pk).frozen_at is not None


def events(user: User) -> list[str]:
    found = AuditRecord.objects.filter(person=user.public_id).order_by("pk")
    return list(found.values_list("event", flat=True))


def test_a_person_freezes_and_is_told_by_letter(stale: Client, alice: User) -> None:
    assert stale.get(f"{ME}freeze/").json() == {"frozen_at": None, "real_held_until": None}
    first = post(stale, "freeze/").json()
    assert first["frozen_at"] == stale.get(f"{ME}freeze/").json()["frozen_at"] is not None
    assert post(stale, "freeze/").json() == first
    assert [one.subject for one in mail.outbox] == ["Your account is frozen"]


def test_a_token_that_trades_may_freeze_and_one_that_reads_may_not(alice: User) -> None:
    assert refusal(post(Client(), "freeze/", **bearer(alice, "read"))) == (403, "scope_missing")
    assert not is_frozen(alice)
    assert post(Client(), "freeze/", **bearer(alice, "trade-virtual")).status_code == 200
    assert is_frozen(alice)
    assert AuditRecord.objects.get(event="account frozen").actor.startswith("token:")


def test_unfreezing_asks_who_is_there_again(fresh: Client, stale: Client, alice: User) -> None:
    freezing.freeze(alice)
    answer = post(stale, "unfreeze/")
    assert refusal(answer) == (403, "forbidden")
    assert answer.json()["error"]["details"] == {"show_at": "/accounts/reauthenticate/"}
    assert is_frozen(alice)
    assert post(fresh, "unfreeze/").json()["frozen_at"] is None
    assert not is_frozen(alice)


@pytest.mark.parametrize("path", FRESH_ONLY)
def test_no_token_may_do_what_asks_who_is_there(alice: User, path: str) -> None:
    freezing.freeze(alice)
    body = {"username": "alice"}
    answer = post(Client(), path, body, **bearer(alice, "read", "trade-virtual"))
    assert refusal(answer) == (403, "forbidden")
    assert "tokens may not" in answer.json()["error"]["message"]
    assert is_frozen(alice)
    assert not Takeout.objects.exists()


@pytest.mark.parametrize("path", FRESH_ONLY)
def test_an_old_sign_in_is_not_enough(stale: Client, alice: User, path: str) -> None:
    freezing.freeze(alice)
    with nothing_moves():
        assert refusal(post(stale, path, {"username": "alice"})) == (403, "forbidden")
    assert is_frozen(alice)
    assert User.objects.get(pk=alice.pk).is_active
    assert not Takeout.objects.exists()


def test_the_file_is_asked_for_made_and_fetched(fresh: Client, alice: User) -> None:
    asked = post(fresh, "exports/")
    assert (asked.status_code, asked.json()["state"]) == (202, "making")
    path = f"{ME}exports/{asked.json()['id']}/"
    assert refusal(fresh.get(f"{path}file/")) == (503, "not_ready")
    assert post(fresh, "exports/").json() == asked.json()
    pack_takeout(Takeout.objects.get().pk)
    told = fresh.get(path).json()
    answer = fresh.get(f"{path}file/")
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert (told["state"], told["size"]) == ("ready", len(body))
    assert answer["Content-Length"] == str(len(body))
    files = zipfile.ZipFile(io.BytesIO(body))
    assert json.loads(files.read("person.json"))[0]["username"] == "alice"
    assert events(alice)[-2:] == ["data asked for", "data taken out"]


def test_a_large_file_comes_out_as_it_went_in(fresh: Client, alice: User) -> None:
    row = takeouts.begin(alice)
    takeouts.keep(row.pk, (bytes([number]) * 70_000 for number in range(5)))
    answer = fresh.get(f"{ME}exports/{row.public_id}/file/")
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert body == b"".join(bytes([number]) * 70_000 for number in range(5))


def test_the_file_of_another_person_is_not_there(fresh: Client) -> None:
    row = takeouts.begin(make("bob"))
    takeout.make(row.pk)
    for path in (f"exports/{row.public_id}/", f"exports/{row.public_id}/file/"):
        assert refusal(fresh.get(f"{ME}{path}")) == (404, "not_found")
        unknown = path.replace(str(row.public_id), str(uuid4()))
        assert fresh.get(f"{ME}{path}").json() == fresh.get(f"{ME}{unknown}").json()


def test_a_stolen_session_does_not_fetch_the_file(stale: Client, alice: User) -> None:
    row = takeouts.begin(alice)
    takeout.make(row.pk)
    assert refusal(stale.get(f"{ME}exports/{row.public_id}/file/")) == (403, "forbidden")
    assert "data taken out" not in events(alice)


def test_a_file_nobody_made_has_failed_and_a_new_one_takes_its_place(alice: User) -> None:
    row = takeouts.begin(alice)
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        assert takeouts.told(row).state == "failed"
        assert takeouts.begin(alice).pk != row.pk
    assert Takeout.objects.count() == 1


def test_a_file_is_kept_for_a_day(alice: User, fresh: Client) -> None:
    row = takeouts.begin(alice)
    takeout.make(row.pk)
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert fresh.get(f"{ME}exports/{row.public_id}/").status_code == 404
        assert takeouts.forget_old() == 1
    assert not TakeoutPiece.objects.exists()


def test_who_leaves_while_the_file_is_made_leaves_no_file(alice: User) -> None:
    row = takeouts.begin(alice)
    leaving.leave(alice)
    takeout.make(row.pk)
    takeouts.keep(row.pk, [b"late"])
    assert not Takeout.objects.exists()
    assert not TakeoutPiece.objects.exists()


def test_a_fourth_file_within_a_minute_is_refused(fresh: Client) -> None:
    with clock.frozen(clock.now().replace(second=10)):
        statuses = [post(fresh, "exports/").status_code for _ in range(4)]
    assert statuses == [202, 202, 202, 429]


def test_a_person_leaves_by_their_own_name(fresh: Client, alice: User) -> None:
    for body in ({}, {"username": "Alice"}, {"username": ["alice"]}, {"username": "\u200balice"}):
        assert refusal(post(fresh, "delete/", body)) == (400, "malformed")
    assert User.objects.get(pk=alice.pk).is_active
    assert post(fresh, "delete/", {"username": "alice"}).status_code == 204
    assert not User.objects.get(pk=alice.pk).is_active
    assert fresh.get(ME).status_code == 401
    assert mail.outbox[-1].subject == "Your account is deleted"


def test_a_password_alone_deletes_nothing_where_a_second_factor_is_set_up(
    fresh: Client, alice: User
) -> None:
    enrol(alice)
    answer = post(fresh, "delete/", {"username": "alice"})
    assert refusal(answer) == (403, "forbidden")
    assert answer.json()["error"]["details"] == {"show_at": "/accounts/2fa/reauthenticate/"}
    assert User.objects.get(pk=alice.pk).is_active
    enter_as_staff(fresh, alice)
    assert post(fresh, "delete/", {"username": "alice"}).status_code == 204


def test_money_of_others_keeps_the_account_open(fresh: Client, alice: User) -> None:
    account = trading_accounts.ensure_virtual(user=alice)
    type(account).objects.create(user=alice, mode="real", name="Kraken")
    cast.give(type(account).objects.get(mode="real"), "0.01", "USD")
    with nothing_moves():
        answer = post(fresh, "delete/", {"username": "alice"})
    assert refusal(answer) == (409, "account_not_empty")
