"""The house in which stories are asked about: Alice owns one of everything."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django_celery_beat.models import CrontabSchedule

from accounts import favourites, preferences, takeouts
from accounts.models import Token, User
from core import clock
from core.push import redis_client
from market.models import Rejection, SourceHealth
from portfolio import conversion_quotes
from portfolio.models import ConversionQuote, Correction, ExchangeKey, TradingAccount
from tests import cast
from tests.accounts.people import enter_as_staff
from tests.portfolio import exchange_keys, prices
from tests.stories.every_url import VISITORS, Visitor


def enter(name: str, user: User | None) -> Visitor:
    client = Client()
    if user and user.is_staff:
        enter_as_staff(client, user, fresh_s=3600)  # the whole table takes minutes
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
    exchange_keys.kept(user, "binance", "sandbox")
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
    people = {"alice": alice, "bob": cast.bob(), "dana": cast.dana(), "erin": cast.erin()}
    return [enter(name, people.get(name)) for name in VISITORS]


@pytest.fixture
def values(alice: User, visitors: list[Visitor]) -> dict[str, str]:
    """What stands for the parameters of addresses: things of Alice's."""
    account = cast.account_of(alice)
    used, kept = (offer(alice, account) for _ in range(2))
    entry = conversion_quotes.accept(
        user=alice, quote_id=used.public_id, key="first", request_hash="0" * 64
    ).entry
    correction = Correction.objects.create(
        entry=entry, reason="a question", needs_second=True, proposed_by=alice
    )
    return {
        "entry_id": str(entry.public_id),
        "account_id": str(account.public_id),
        "quote_id": str(kept.public_id),
        "public_id": str(Token.objects.get(user=alice).public_id),
        "export_id": str(takeouts.begin(alice).public_id),
        "key_id": str(ExchangeKey.objects.get(user=alice).public_id),
        "correction_id": str(correction.public_id),
        "place_id": str(UserSession.objects.filter(user=alice).latest("pk").pk),
        "symbol": "EUR-USD",
        "code": "EUR",
        "app_label": "market",
        "url": "nothing-here",
        **dict.fromkeys(("pk", "key", "uidb36", "content_type_id", "object_id", "failure_id"), "1"),
    }
