"""Do log lines tell what happened, and nothing secret?"""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from prometheus_client import REGISTRY

from accounts.models import User
from core.masking import masked
from tests.tradingsite.lines import keep_lines

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.endpoints")]
CANARY = "canary-7f3a"


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Every line as it would be written."""
    with keep_lines() as written:
        yield written


def of(event: str, lines: list[str]) -> dict[str, Any]:
    return next(line for line in map(json.loads, lines) if line["event"] == event)


def answered_so_far() -> float:
    """How many answers have been counted, whoever gave them."""
    return REGISTRY.get_sample_value("django_http_responses_before_middlewares_total") or 0.0


def test_a_request_is_noted_with_its_id_person_and_address(lines: list[str]) -> None:
    client = Client(REMOTE_ADDR="203.0.113.9")
    alice = User.objects.create_user("alice", "alice@example.org")
    client.force_login(alice)
    headers = {"X-Forwarded-For": "7.7.7.7", "User-Agent": "robot"}
    response = client.get("/api/v1/echo/?q=1", headers=headers)
    noted = of("request_finished", lines)
    assert noted["request"] == "GET /api/v1/echo/"
    assert noted["user_id"] == str(alice.public_id)
    assert noted["ip"] == "203.0.113.9"
    assert noted["request_id"] == response["X-Request-Id"]
    assert (noted["code"], noted["level"], noted["user_agent"]) == (200, "info", "robot")
    assert noted["took_ms"] > 0
    assert len([line for line in lines if "request_" in json.loads(line)["event"]]) == 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"REQUEST_METHOD": "TRACE"}, 405),
        ({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "70000"}, 413),
        ({"HTTP_HOST": "evil.example"}, 400),
        ({"QUERY_STRING": "q=%00"}, 400),
    ],
)
def test_what_is_refused_unread_is_noted_too(
    lines: list[str], asked: dict[str, str], code: int
) -> None:
    response = Client(REMOTE_ADDR="203.0.113.9").request(PATH_INFO="/api/v1/echo/", **asked)
    noted = of("request_finished", lines)
    assert (noted["code"], noted["ip"], response.status_code) == (code, "203.0.113.9", code)
    assert noted["request_id"] == response["X-Request-Id"]


def test_a_foreign_host_is_refused_with_a_warning_and_no_trace(lines: list[str]) -> None:
    before = answered_so_far()
    assert Client().get("/api/v1/echo/", headers={"Host": "evil.example"}).status_code == 400
    assert answered_so_far() == before + 1
    written = [json.loads(line) for line in lines]
    assert {line["level"] for line in written} == {"warning"}
    assert not any("exception" in line or "exc_info" in line for line in written)
    named = next(line for line in written if "evil.example" in line["event"])
    assert named["request_id"] == of("request_finished", lines)["request_id"]


@pytest.mark.urls("tradingsite.urls")
def test_lines_of_a_request_say_whose_it_is(lines: list[str]) -> None:
    client = Client(enforce_csrf_checks=True)
    alice = User.objects.create_user("alice", "alice@example.org")
    client.force_login(alice)
    assert client.post("/accounts/logout/").status_code == 403
    forbidden = next(line for line in map(json.loads, lines) if "CSRF" in line["event"])
    assert forbidden["user_id"] == str(alice.public_id)


@pytest.mark.parametrize(("given", "kept"), [("abc-1", True), ("a b", False), ("x" * 65, False)])
def test_a_request_id_is_taken_over_only_if_it_looks_like_one(given: str, kept: bool) -> None:
    response = Client().get("/api/v1/echo/", headers={"X-Request-Id": given})
    assert (response["X-Request-Id"] == given) is kept


def test_a_crash_is_noted_with_its_trace_and_without_the_secret(lines: list[str]) -> None:
    Client(raise_request_exception=False).get("/api/v1/failing/crash/")
    traces = [
        line for line in map(json.loads, lines) if "RuntimeError" in line.get("exception", "")
    ]
    assert "tests/core/endpoints.py" in traces[0]["exception"]
    assert "site_app:" not in "".join(lines)


def test_no_secret_of_a_request_is_written(lines: list[str]) -> None:
    client = Client(raise_request_exception=False)
    client.post(
        f"/api/v1/echo/?token={CANARY}",
        json.dumps({"password": CANARY}),
        content_type="application/json",
        headers={"Authorization": f"Bearer ts_v_{CANARY}", "Cookie": f"sessionid={CANARY}"},
    )
    client.get(f"/accounts/password/reset/key/1-{CANARY}/")
    logging.getLogger("any").warning("sent Authorization: Bearer %s", CANARY)
    assert lines
    assert CANARY not in "".join(lines)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("postgresql://site_app:hunter2@db/site", "postgresql://…@db/site"),
        ("redis://:hunter2@cache:6379/0", "redis://…@cache:6379/0"),
        ("used ts_r_AbC-dEf_123", "used …"),
        ("GET /accounts/confirm-email/Mg:1a:2b/", "GET /accounts/confirm-email/…/"),
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
    ],
)
def test_secrets_are_masked_wherever_they_stand(text: str, clean: str) -> None:
    assert masked(text) == clean
