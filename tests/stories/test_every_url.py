"""Who gets what at every address? Compared with the committed table, and with the house's rules."""

import os
from uuid import uuid4

import pytest

from market import fast
from tests.stories import every_url
from tests.stories.every_url import NOT_ALLOWED, Visitor
from tradingsite import sockets

pytestmark = pytest.mark.django_db
# Asked without a session or a token. Everything else is for people who signed in.
OPEN = {
    *("/", "/about/", "/terms/", "/privacy/"),
    *("/instruments/", "/instruments/<symbol>/"),
    *("/robots.txt", "/healthz", "/metrics", "/news/", "/api/v1/news/", "/api/v1/signals/"),
    *("/coins/", "/api/v1/top-coins/"),
    *("/api/v1/schema/", "/api/v1/docs/", "/api/v1/currencies/", "/api/v1/instruments/"),
    *("/api/v1/instruments/<symbol>/", "/api/v1/sources/"),
    *("/accounts/login/", "/accounts/signup/", "/accounts/inactive/", "/accounts/confirm-email/"),
    *("/accounts/confirm-email/<key>/", "/accounts/password/reset/"),
    *("/accounts/password/reset/done/", "/accounts/password/reset/key/done/"),
    "/accounts/password/reset/key/<uidb36>-<key>/",
}
BEFORE_DJANGO = {
    "/healthz",
    "/api/v1/quotes/",
    "/sse/board/",
    "/ws/board/",
    "/ws/candles/",
    "/ws/me/",
}
CHANGED_BY_ADMINISTRATORS = {
    "/admin/accounts/user/<object_id>/change/",
    "/admin/django_celery_beat/periodictask/<object_id>/change/",
    *(f"/admin/market/{name}/<object_id>/change/" for name in ("currency", "instrument")),
    *(f"/admin/market/{name}/<object_id>/change/" for name in ("newsfeed", "topcoin")),
    *("/admin/operations/failures/<failure_id>/again/", "/admin/stop/"),
}
ALICES = (
    *("account_id", "quote_id", "public_id", "place_id", "entry_id", "key_id"),
    "export_id",
)


def test_every_address_answers_as_the_table_says(
    visitors: list[Visitor], values: dict[str, str]
) -> None:
    asked = {address: every_url.ask(visitors, address, values) for address in every_url.addresses()}
    if os.environ.get("UPDATE_URLS"):
        every_url.write(asked)
    table = every_url.read()
    assert asked.keys() == table.keys(), every_url.__doc__
    assert asked == table


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
        for method, (_, _, bob, *_) in methods.items()
        if bob not in ("404", "405")
    ]
    assert seen == []


def test_the_table_lets_only_staff_into_the_console() -> None:
    for address, methods in every_url.read().items():
        if address.startswith("/admin/"):
            for anonymous, alice, bob, *_ in methods.values():
                assert (anonymous, alice, bob) == ("302", "403", "403"), address


def test_support_looks_like_an_administrator_and_changes_corrections_alone() -> None:
    """What an administrator may send is refused to support, or is no more than a look."""
    table = every_url.read()
    console = {name: methods for name, methods in table.items() if name.startswith("/admin/")}
    seen = {name: methods["GET"] for name, methods in console.items() if "GET" in methods}
    assert [name for name, (*_, dana, erin) in seen.items() if dana != erin] == ["/admin/mail/"]
    sent = {name: methods["POST"] for name, methods in console.items() if "POST" in methods}
    refused = {name for name, (*_, dana, erin) in sent.items() if dana != erin == "403"}
    assert refused == CHANGED_BY_ADMINISTRATORS
    assert all(dana == erin for name, (*_, dana, erin) in sent.items() if name not in refused)


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
