"""Who may do what? Every deed tried in every role, and no secret shown to staff."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts import roles, tokens
from accounts.models import Token, User
from accounts.roles import Role
from market.models import Currency
from tests import cast
from tests.accounts.people import enter_as_staff, make
from tests.portfolio import prices
from tests.portfolio.stillness import nothing_moves

pytestmark = pytest.mark.django_db
JSON: dict[str, Any] = {"content_type": "application/json"}
SWITCHES = {
    Role.VIEWER: {"may_trade": False},
    Role.TRADER: {},
    Role.SUPPORT: {"is_staff": True},
    Role.ADMIN: {"is_staff": True, "is_superuser": True},
}
Deed = Callable[[Client, str], int]


def quote(client: Client, account: str) -> int:
    wish = {"account": account, "from": "USD", "to": "CHF", "amount": "100.00"}
    return client.post("/api/v1/conversion-quotes/", wish, **JSON).status_code


def open_account(client: Client, _: str) -> int:
    key: dict[str, Any] = {"headers": {"Idempotency-Key": str(uuid4())}}
    body = {"mode": "virtual", "name": "More"}
    return client.post("/api/v1/trading-accounts/", body, **JSON, **key).status_code


def start_over(client: Client, account: str) -> int:
    key: dict[str, Any] = {"headers": {"Idempotency-Key": str(uuid4())}}
    path = f"/api/v1/trading-accounts/{account}/reset/"
    return client.post(path, {}, **JSON, **key).status_code


def balances(client: Client, account: str) -> int:
    return client.get(f"/api/v1/trading-accounts/{account}/balances/").status_code


def console(client: Client, _: str) -> int:
    return client.get("/admin/portfolio/journalentry/").status_code


def correct(client: Client, _: str) -> int:
    return client.get("/admin/corrections/").status_code


def switch(client: Client, _: str) -> int:
    currency = Currency.objects.get(code="TRY")
    address = reverse("admin:market_currency_change", args=[currency.pk])
    return client.post(address, {}).status_code


MATRIX: dict[Deed, tuple[int, int, int, int]] = {  # viewer, trader, support, admin
    balances: (200, 200, 200, 200),
    quote: (403, 201, 201, 201),
    open_account: (403, 201, 201, 201),
    start_over: (403, 201, 201, 201),
    console: (403, 403, 200, 200),
    correct: (403, 403, 200, 200),
    switch: (403, 403, 403, 302),
}


@pytest.mark.parametrize("role", SWITCHES)
def test_every_role_may_do_what_the_matrix_says(client: Client, role: Role) -> None:
    prices.publish_all()
    user = cast.charlie()
    User.objects.filter(pk=user.pk).update(**SWITCHES[role])
    user.refresh_from_db()
    assert roles.of(user) is role
    enter_as_staff(client, user)
    account = str(cast.account_of(user).public_id)
    place = list(SWITCHES).index(role)
    for deed, statuses in MATRIX.items():
        if statuses[place] == 403:
            with nothing_moves():
                assert deed(client, account) == 403, deed.__name__
        else:
            assert deed(client, account) == statuses[place], deed.__name__


def test_a_viewer_gets_no_token_that_trades(client: Client) -> None:
    alice = make("alice")
    User.objects.filter(pk=alice.pk).update(may_trade=False)
    alice.refresh_from_db()
    enter_as_staff(client, alice)
    for scopes, status in (["read"], 201), (["read", "trade-virtual"], 403):
        body = {"name": "Sheet", "scopes": scopes}
        assert client.post("/api/v1/tokens/", body, **JSON).status_code == status
    assert Token.objects.get().scopes == ["read"]


def test_a_token_that_trades_stops_when_its_person_becomes_a_viewer(client: Client) -> None:
    prices.publish_all()
    alice = make("alice")
    _, text = tokens.issue(alice, name="Bot", scopes=["read", "trade-virtual"])
    User.objects.filter(pk=alice.pk).update(may_trade=False)
    headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": "k"}
    body = {"mode": "virtual", "name": "More"}
    with nothing_moves():
        answer = client.post("/api/v1/trading-accounts/", body, **JSON, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


def test_staff_see_no_secret_on_any_page_of_the_console(client: Client) -> None:
    alice, dana = make("alice"), cast.dana()
    token, text = tokens.issue(alice, name="Sheet", scopes=["read"])
    enter_as_staff(client, alice)  # enrols her, and gives her a session
    enter_as_staff(client, dana)
    secrets = {text, token.digest, alice.password}
    secrets |= set(Session.objects.values_list("pk", flat=True))
    data = (value for row in Authenticator.objects.all() for value in row.data.values())
    secrets |= {value for value in data if isinstance(value, str)}
    assert len(secrets) > 5
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        rows = model._default_manager.all()[:3]
        pages = [reverse(f"{name}_changelist")]
        pages += [reverse(f"{name}_change", args=[row.pk]) for row in rows]
        for page in pages:
            shown = client.get(page).content.decode()
            assert not [one for one in secrets if one in shown], page
