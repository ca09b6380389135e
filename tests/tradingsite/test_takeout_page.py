"""The page of one's own data: asked for, packed by the worker, taken away by its owner alone."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import takeouts
from accounts.models import AuditRecord, Takeout, User
from core import clock
from tests.accounts.people import enter_as_staff, make
from tradingsite import takeout

pytestmark = pytest.mark.django_db
PATH = "/settings/data/"


@pytest.fixture
def alice(client: Client) -> User:
    user = make("alice")
    enter_as_staff(client, user)
    return user


def text(answer: Any) -> str:
    return str(answer.content.decode())


def packed(user: User) -> Takeout:
    row = takeouts.begin(user)
    takeout.make(row.pk)
    return row


def test_the_file_is_asked_for_watched_and_fetched(alice: User, client: Client) -> None:
    assert "Pack my data" in text(client.get(PATH))
    waiting = text(client.post(PATH, follow=True))
    row = takeouts.get(alice, Takeout.objects.get().public_id)
    part = f"{PATH}{row.public_id}/"
    assert "is being packed" in waiting
    assert f'hx-get="{part}" hx-trigger="every 2s"' in waiting
    assert "Pack my data" not in waiting
    assert client.get(f"{part}file/")["Location"] == PATH
    takeout.make(row.pk)
    ready = text(client.get(part))
    assert f'href="{part}file/"' in ready
    assert "hx-get" not in ready
    answer = client.get(f"{part}file/")
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer["Content-Length"] == str(len(body))
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    assert AuditRecord.objects.latest("pk").event == "data taken out"


def test_one_file_is_packed_at_a_time(alice: User, client: Client) -> None:
    client.post(PATH)
    row = Takeout.objects.get()
    client.post(PATH)
    assert Takeout.objects.get() == row


@pytest.mark.parametrize("wait", [timedelta(minutes=16), timedelta(hours=25)])
def test_what_failed_or_is_too_old_is_asked_for_again(
    alice: User, client: Client, wait: timedelta
) -> None:
    row = takeouts.begin(alice)
    with clock.frozen(clock.now() + wait):
        shown = text(client.get(PATH))
        assert "Pack my data" in shown
        assert ("could not be packed" in shown) == (wait < takeouts.KEPT)
        status = client.get(f"{PATH}{row.public_id}/").status_code
        assert status == (200 if wait < takeouts.KEPT else 404)


def test_a_file_is_there_for_its_owner_alone(alice: User, client: Client) -> None:
    row = packed(make("bob"))
    for part in ("", "file/"):
        assert client.get(f"{PATH}{row.public_id}/{part}").status_code == 404
    assert "Your file is ready" not in text(client.get(PATH))
    assert not AuditRecord.objects.filter(event="data taken out").exists()


def test_an_old_sign_in_neither_asks_nor_fetches(client: Client) -> None:
    user = make("alice")
    enter_as_staff(client, user, fresh_s=-3600)
    assert client.post(PATH)["Location"].startswith("/accounts/2fa/reauthenticate/?next=")
    assert not Takeout.objects.exists()
    answer = client.get(f"{PATH}{packed(user).public_id}/file/")
    assert answer["Location"].startswith("/accounts/2fa/reauthenticate/?next=")
    assert not AuditRecord.objects.filter(event="data taken out").exists()


def test_a_fourth_wish_within_a_minute_is_refused(alice: User, client: Client) -> None:
    with clock.frozen(clock.now().replace(second=10)):
        statuses = [client.post(PATH).status_code for _ in range(4)]
    assert statuses == [302, 302, 302, 429]
