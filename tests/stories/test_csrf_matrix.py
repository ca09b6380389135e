"""Can a page of somebody else's change anything? Every unsafe method of every address, forged.

Each request carries a signed-in person's cookies, as a browser would send them. All but the first
kind carry the right token too: the origin alone has to give them away.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler

from core.push import redis_client
from tests.stories import every_url
from tests.stories.every_url import FORM, JSON, NOT_ALLOWED, Visitor

pytestmark = pytest.mark.django_db
HOST, EVIL = "testserver", "https://evil.example"
TOKEN = "t" * 32
HANDLER = ClientHandler(enforce_csrf_checks=True)  # its middleware is loaded once
GENUINE = {"X-CSRFToken": TOKEN, "Origin": f"http://{HOST}"}
FORGED: Mapping[str, dict[str, Any]] = {
    "no token": {"headers": {}},
    "foreign Origin": {"headers": {"X-CSRFToken": TOKEN, "Origin": EVIL}},
    "Origin null": {"headers": {"X-CSRFToken": TOKEN, "Origin": "null"}},
    "foreign Referer": {"headers": {"X-CSRFToken": TOKEN, "Referer": f"{EVIL}/"}, "secure": True},
}
# Browsers send reports by themselves, without a token; they change nothing.
WITHOUT_TOKEN = {"/csp-reports/"}


def unsafe() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Address, method and the table's statuses."""
    for address, methods in every_url.read().items():
        for method, statuses in methods.items():
            if method != "GET" and address not in WITHOUT_TOKEN and statuses[1:] != NOT_ALLOWED[1:]:
                yield address, method, statuses


def status(visitor: Visitor, method: str, path: str, given: Mapping[str, Any]) -> int:
    """What the request gets; whatever it changed is undone."""
    client = Client(raise_request_exception=False)
    client.handler = HANDLER
    client.cookies.load({**visitor.cookies, settings.CSRF_COOKIE_NAME: TOKEN})
    sent = JSON if "/api/" in path else FORM
    headers = {**sent.get("headers", {}), **given["headers"]}
    with transaction.atomic():
        response = client.generic(method, path, **{**sent, **given, "headers": headers})
        transaction.set_rollback(True)
    return response.status_code


@pytest.fixture
def of_address(visitors: list[Visitor]) -> Any:
    """Who is forged at an address: whoever may do most there."""
    _, alice, _, dana, _ = visitors
    return lambda address: dana if address.startswith("/admin/") else alice


@pytest.mark.parametrize("forgery", FORGED)
def test_it_refuses_every_forged_request(
    of_address: Any, values: dict[str, str], forgery: str
) -> None:
    redis_client().delete(*redis_client().scan_iter("throttle:*"), "none")
    passed = [
        f"{method} {address}: {found}"
        for address, method, _ in unsafe()
        for found in [
            status(of_address(address), method, every_url.fill(address, values), FORGED[forgery])
        ]
        if found != 403
    ]
    assert passed == []


def test_our_own_pages_are_not_taken_for_forgeries(
    visitors: list[Visitor], of_address: Any, values: dict[str, str]
) -> None:
    refused = []
    for address, method, statuses in unsafe():
        visitor = of_address(address)
        if method == "POST" and statuses[visitors.index(visitor)] != "403":
            path = every_url.fill(address, values)
            found = status(visitor, method, path, {"headers": GENUINE})
            refused += [f"{method} {address}"] if found == 403 else []
    assert refused == []
