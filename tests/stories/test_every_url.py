"""Who gets what at every address? Compared with the committed table, and with the house's rules."""

import os
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django_celery_beat.models import CrontabSchedule

from accounts import favourites, preferences
from accounts.models import Token, User
from core import clock
from core.push import redis_client
from market import fast
from market.models import Rejection, SourceHealth
from portfolio import conversion_quotes
from portfolio.models import ConversionQuote, TradingAccount
from tests import cast
from tests.accounts.people import enter_as_staff
from tests.portfolio import prices
from tests.stories import every_url
from tests.stories.every_url import NOT_ALLOWED, VISITORS, Visitor
from tradingsite import sockets

pytestmark = pytest.mark.django_db
# Asked without a session or a token. Everything else is for people who signed in.
OPEN = {
    *("/", "/rates/calculator/", "/rates/sources/", "/about/", "/terms/", "/privacy/"),
    *("/robots.txt", "/healthz", "/metrics"),
    *("/api/v1/schema/", "/api/v1/docs/", "/api/v1/currencies/", "/api/v1/instruments/"),
    *("/api/v1/instruments/<symbol>/", "/api/v1/sources/"),
    *("/accounts/login/", "/accounts/signup/", "/accounts/inactive/", "/accounts/confirm-email/"),
    *("/accounts/confirm-email/<key>/", "/accounts/password/reset/"),
    *("/accounts/password/reset/done/", "/accounts/password/reset/key/done/"),
    "/accounts/password/reset/key/<uidb36>-<key>/",
}
BEFORE_DJANGO = {"/healthz", "/api/v1/quotes/", "/sse/board/", "/ws/board/", "/ws/me/"}
ALICES = ("account_id", "quote_id", "public_id", "place_id", "entry_id")


def enter(name: str, user: User | None) -> Visitor:
    client = Client()
    if user and user.is_staff:
        enter_as_staff(client, user)
    elif user:
        client.force_login(user)
        client.get("/settings/profile/")  # notes the session
    return Visitor(name, {key: morsel.value for key, morsel in client.cookies.items()})


@pytest.fixture
def alice() -> User:
    """Owns one of everything."""
    redis_client().flushdb()
    prices.publish_all()
    user = cast.alice()
    now = clock.now()
    preferences.change(user, quote_seconds=60)
    favourites.add(user, "EUR")
    Token.objects.create(
        user=user, name="mine", digest="0" * 64, scopes=["read"], created_at=now, expires_at=now
    )
    Rejection.objects.create(source="kraken", reason="nan", minute=now, count=1)
    SourceHealth.objects.create(name="kraken", state="ok")
    CrontabSchedule.objects.create()
    return user


def offer(user: User, account: TradingAccount) -> ConversionQuote:
    return conversion_quotes.make(
        user=user,
        account_id=account.public_id,
        from_code="USD",
        to_code="CHF",
        amount="100.00",
        fixed_side="from",
    )


@pytest.fixture
def visitors(alice: User) -> list[Visitor]:
    people = {"anonymous": None, "alice": alice, "bob": cast.bob(), "dana": cast.dana()}
    return [enter(name, people[name]) for name in VISITORS]


@pytest.fixture
def values(alice: User, visitors: list[Visitor]) -> dict[str, str]:
    """What stands for the parameters of addresses: things of Alice's."""
    account = cast.account_of(alice)
    used, kept = (offer(alice, account) for _ in range(2))
    entry = conversion_quotes.accept(
        user=alice, quote_id=used.public_id, key="first", request_hash="0" * 64
    ).entry
    return {
        "entry_id": str(entry.public_id),
        "account_id": str(account.public_id),
        "quote_id": str(kept.public_id),
        "public_id": str(Token.objects.get(user=alice).public_id),
        "place_id": str(UserSession.objects.filter(user=alice).latest("pk").pk),
        "symbol": "EUR-USD",
        "code": "EUR",
        "app_label": "market",
        "url": "nothing-here",
        **dict.fromkeys(("pk", "key", "uidb36", "content_type_id", "object_id"), "1"),
    }


def test_every_address_answers_as_the_table_says(
    visitors: list[Visitor], values: dict[str, str]
) -> None:
    asked = {address: every_url.ask(visitors, address, values) for address in every_url.addresses()}
    if os.environ.get("UPDATE_URLS"):
        every_url.write(asked)
    table = every_url.read()
    assert asked.keys() == table.keys(), every_url.__doc__
    assert asked == table


def test_no_unsafe_request_passes_without_a_csrf_token(
    visitors: list[Visitor], values: dict[str, str]
) -> None:
    _, alice, _, dana = visitors
    passed = [
        f"{method} {address}"
        for address in every_url.addresses()
        for visitor in [dana if address.startswith("/admin/") else alice]
        for method in ("POST", "DELETE")
        if visitor.status(method, every_url.fill(address, values), is_csrf_checked=True) < 400
    ]
    assert passed == []


def test_the_table_opens_nothing_to_strangers_but_what_is_meant_to_be_open() -> None:
    opened = {
        address
        for address, methods in every_url.read().items()
        if any(statuses[0].startswith("2") for statuses in methods.values())
    }
    assert opened == OPEN


def test_what_is_alices_is_to_bob_as_if_it_did_not_exist(
    visitors: list[Visitor], values: dict[str, str]
) -> None:
    unknown = values | dict.fromkeys(ALICES, str(uuid4())) | {"place_id": "999999999"}
    for address in every_url.addresses():
        if any(f"<{name}>" in address for name in ALICES):
            hers = every_url.ask(visitors, address, values)
            nobodys = every_url.ask(visitors, address, unknown)
            for method, (_, _, *others) in hers.items():
                assert others == list(nobodys[method][2:]), f"{method} {address}"


def test_what_is_alices_in_the_api_is_a_404_to_bob() -> None:
    seen = [
        f"{method} {address}: {bob}"
        for address, methods in every_url.read().items()
        if address.startswith("/api/") and any(f"<{name}>" in address for name in ALICES)
        for method, (_, _, bob, _) in methods.items()
        if bob not in ("404", "405")
    ]
    assert seen == []


def test_the_table_lets_only_staff_into_the_console() -> None:
    for address, methods in every_url.read().items():
        if address.startswith("/admin/"):
            for anonymous, alice, bob, _ in methods.values():
                assert (anonymous, alice, bob) == ("302", "403", "403"), address


def test_the_addresses_answered_before_django_are_these() -> None:
    routed = {f"/{route.pattern}" for route in sockets.routes.routes}  # type: ignore[attr-defined]
    assert set(fast.HANDLERS) | routed - {"/"} == BEFORE_DJANGO


def test_nothing_in_the_table_breaks() -> None:
    broken = [
        f"{method} {address}"
        for address, methods in every_url.read().items()
        for method, statuses in methods.items()
        if any(status == "500" for status in statuses)
    ]
    assert broken == []
    assert NOT_ALLOWED not in [m for row in every_url.read().values() for m in row.values()]
