"""Who asks too often?"""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, override_settings

from core import clock
from core.api.throttles import network_of, seconds_to_wait
from core.push import redis_client

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_counters(db: None) -> None:
    for key in redis_client().scan_iter("throttle:*"):
        redis_client().delete(key)


def ask(times: int, *, at: datetime, limit: int = 10) -> list[int]:
    with clock.frozen(at):
        return [seconds_to_wait("test", limit) for _ in range(times)]


def test_it_lets_in_as_many_as_the_limit_says() -> None:
    assert ask(11, at=NOON) == [0] * 10 + [60]


def test_who_waits_as_told_is_let_in() -> None:
    ask(10, at=NOON)
    assert ask(5, at=NOON + timedelta(seconds=59))[-1] == 1
    assert ask(1, at=NOON + timedelta(seconds=67)) == [0]


def test_the_turn_of_the_minute_does_not_double_the_limit() -> None:
    ask(10, at=NOON + timedelta(seconds=59))
    late = ask(10, at=NOON + timedelta(seconds=61))
    assert late.count(0) == 1
    assert late[-1] > 0


def test_it_is_open_when_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    redis_client.cache_clear()
    try:
        with override_settings(REDIS_URL="unix:///nowhere/redis.sock"):
            assert ask(11, at=NOON) == [0] * 11
    finally:
        redis_client.cache_clear()


@pytest.mark.urls("tests.core.endpoints")
def test_a_stranger_beyond_the_limit_gets_429_and_a_time() -> None:
    with clock.frozen(NOON):
        answers = [Client().get("/api/v1/limited/") for _ in range(121)]
    assert {answer.status_code for answer in answers[:120]} == {200}
    assert answers[120].status_code == 429
    assert answers[120].json()["error"]["code"] == "too_many"
    assert answers[120]["Retry-After"] == "60"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("socket", "socket"),
    ],
)
def test_one_ipv6_customer_is_one_caller(address: str, network: str) -> None:
    request = Client().get("/nowhere/").wsgi_request
    request.META["REMOTE_ADDR"] = address
    assert network_of(request) == network
