"""Where does the secret of an exchange key come to lie? Nowhere in plain, in its whole life."""

import json
import zipfile
from collections.abc import Iterator

import pytest
from celery import current_app
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from accounts.models import User
from core.push import redis_client
from portfolio import credentials
from portfolio.models import ExchangeKey
from tests.accounts.people import enter_as_staff, make
from tests.portfolio.exchange_keys import CANARY, KEYS, SECRETS, after_test, grant
from tests.stories.test_canaries import redis_values, tables_holding
from tests.tradingsite.lines import keep_lines
from tests.venue.server import VenueServer
from tradingsite import takeout

pytestmark = pytest.mark.django_db
PAGE, API = "/settings/exchange-keys/", "/api/v1/exchange-credentials/"


@pytest.fixture
def lines() -> Iterator[list[str]]:
    with keep_lines() as written:
        yield written


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was handed to the broker."""
    messages: list[object] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda *args, **kwargs: messages.append([args, kwargs])
    )
    return messages


def give(browser: Client, how: str, venue: str) -> str:
    """Give a key by page or API, once wrongly and once well; what was answered."""
    form = {"venue": venue, "mode": "real", "label": "Mine"}
    form |= {"key": KEYS[venue], "secret": SECRETS[venue]}
    wrong = form | {"label": ""}
    if how == "page":
        answers = [browser.post(PAGE, wrong), browser.post(PAGE, form, follow=True)]
    else:
        kind = "application/json"
        bodies = [json.dumps(one) for one in (wrong, form)]
        answers = [browser.post(API, body, content_type=kind) for body in bodies]
    return "".join(answer.content.decode() for answer in answers)


def looked_at(browser: Client, row: ExchangeKey) -> str:
    paths = (PAGE, f"{PAGE}{row.public_id}/", API, f"{API}{row.public_id}/")
    console = f"/admin/portfolio/exchangekey/{row.pk}/change/"
    return "".join(browser.get(path).content.decode() for path in (*paths, console))


def live(browser: Client, world: VenueServer, how: str, user: User) -> str:
    """The whole life of three keys: works, fails, is refused; and everything that was said."""
    said = ""
    for venue, may in (("kraken", "read"), ("coinbase", "trade"), ("binance", "withdraw")):
        grant(world.venues[venue], may)
        said += give(browser, how, venue)
        row = ExchangeKey.objects.latest("pk")
        world.venues[venue].spoil("truncated")
        after_test(row)
        world.venues[venue].heal()
        said += looked_at(browser, after_test(row)) + repr(row) + repr(vars(row))
        said += repr(credentials.opened(row.pk))
    with zipfile.ZipFile(takeout.pack(user)) as archive:
        return said + "".join(archive.read(name).decode() for name in archive.namelist())


@pytest.mark.parametrize("how", ["page", "api"])
def test_the_secret_of_an_exchange_key_lies_nowhere_in_plain(
    how: str,
    lines: list[str],
    sent: list[object],
    world: VenueServer,
    django_capture_on_commit_callbacks,
) -> None:
    redis_client().flushdb()
    user, browser = make("alice", is_staff=True), Client()
    enter_as_staff(browser, user)
    with django_capture_on_commit_callbacks(execute=True):
        said = live(browser, world, how, user)
    states = ExchangeKey.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["works", "works", "refused"]
    sessions = str([row.get_decoded() for row in Session.objects.all()])
    letters = "".join(str(letter.message()) for letter in mail.outbox)
    everywhere = "".join([*lines, said, str(sent), redis_values(), sessions, letters])
    assert len(sent) == 3
    for secret in (CANARY, *SECRETS.values(), SECRETS["coinbase"].split("\n")[1]):
        assert tables_holding(secret) == []
        assert secret not in everywhere


def test_a_secret_that_no_request_can_be_signed_with_is_in_no_log(
    lines: list[str], world: VenueServer
) -> None:
    broken = f"-----BEGIN EC PRIVATE KEY-----\n{CANARY}\n-----END EC PRIVATE KEY-----"
    wish = credentials.Wish("coinbase", "Mine", "real", KEYS["coinbase"], broken)
    row = credentials.add(make("alice"), wish)
    assert after_test(row).state == "untested"
    assert CANARY not in "".join(lines) + repr(wish) + row.reason
    assert tables_holding(CANARY) == []
