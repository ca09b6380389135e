"""Does the console open for staff, and does it leave everything as it is?"""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.console import FewFields
from market.models import Currency, Instrument
from portfolio import proofs, trading_accounts
from portfolio.models import JournalEntry, LedgerAccount, Posting, TradingAccount
from tests import cast
from tests.accounts import people
from tests.accounts.people import enter_as_staff
from tests.stories import every_url

pytestmark = pytest.mark.django_db
PAGES = [model._meta for model in admin.site._registry]
LABELS = [meta.label_lower for meta in PAGES]


@pytest.fixture
def dana(client: Client) -> User:
    user = cast.dana()
    enter_as_staff(client, user)
    return user


def test_the_dashboard_opens(client: Client, dana: User) -> None:
    page = client.get("/admin/")
    assert page.status_code == 200
    assert b"Conversions per day" in page.content


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_dashboard_says_whether_the_books_hold(client: Client, dana: User) -> None:
    assert b"Not proved yet" in client.get("/admin/").content
    proofs.prove()
    assert b"They hold" in client.get("/admin/").content


def test_amounts_stand_without_the_zeros_that_fill_the_database(client: Client, dana: User) -> None:
    trading_accounts.ensure_virtual(user=dana)
    account = TradingAccount.objects.get(user=dana)
    entry = JournalEntry.objects.get(account=account)
    for path in (
        reverse("admin:portfolio_ledgeraccount_changelist"),
        reverse("admin:portfolio_posting_changelist"),
        reverse("admin:portfolio_tradingaccount_change", args=[account.pk]),
        reverse("admin:portfolio_journalentry_change", args=[entry.pk]),
    ):
        page = client.get(path).content.decode()
        assert "10\u2009000.00" in page, path
        assert "000000000000" not in page, path


@pytest.mark.parametrize(("code", "figure"), [("JPY", "100\u2009000\u2009000"), ("BTC", "5.0000")])
def test_amounts_have_the_decimals_of_their_currency(
    client: Client, dana: User, code: str, figure: str
) -> None:
    balance = LedgerAccount.objects.get(
        owner=cast.account_of(cast.alice()), currency_id=code, kind=LedgerAccount.Kind.AVAILABLE
    )
    posting = Posting.objects.get(account=balance)
    for path in (
        reverse("admin:portfolio_ledgeraccount_changelist") + f"?currency__code={code}",
        reverse("admin:portfolio_ledgeraccount_change", args=[balance.pk]),
        reverse("admin:portfolio_posting_change", args=[posting.pk]),
        reverse("admin:portfolio_tradingaccount_change", args=[balance.owner_id]),
        reverse("admin:portfolio_journalentry_change", args=[posting.entry_id]),
    ):
        shown = re.findall(r"\u2212?[\d\u2009]+(?:\.\d+)?", client.get(path).content.decode())
        assert figure in shown, path


def test_a_rows_page_shows_figures_without_the_zeros_that_fill_the_database(
    client: Client, dana: User
) -> None:
    row = Instrument.objects.get(symbol="ADA-USD")
    page = client.get(reverse("admin:market_instrument_change", args=[row.pk])).content.decode()
    assert ">0.00001<" in re.sub(r"\s", "", page)
    assert "000000000000" not in page


def test_a_figure_keeps_the_help_of_its_field(client: Client, dana: User) -> None:
    held = LedgerAccount.objects.filter(owner=cast.account_of(cast.alice())).latest("pk")
    page = client.get(reverse("admin:portfolio_ledgeraccount_change", args=[held.pk]))
    assert "of a person's account" in page.content.decode()


@pytest.mark.parametrize("meta", PAGES, ids=LABELS)
def test_every_list_opens_and_can_be_searched(client: Client, dana: User, meta: Any) -> None:
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    assert client.get(address).status_code == 200
    for query in ("?q=nothing", "?q=%27%22%3C", "?p=0", "?e=1"):
        assert client.get(address + query).status_code in (200, 302)


@pytest.mark.parametrize("meta", PAGES, ids=LABELS)
def test_nothing_can_be_added_or_deleted(client: Client, dana: User, meta: Any) -> None:
    name = f"admin:{meta.app_label}_{meta.model_name}"
    assert client.get(reverse(f"{name}_add")).status_code == 403
    assert client.post(reverse(f"{name}_add"), {}).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_no_page_takes_a_method_nobody_offers_for_a_look(
    client: Client, dana: User, method: str
) -> None:
    values = {"app_label": "market", "url": "nothing-here", "object_id": "1", "failure_id": "1"}
    values |= {"content_type_id": "1", "correction_id": str(uuid4())}
    for address in every_url.addresses():
        if address.startswith("/admin/"):
            answer = client.generic(method, every_url.fill(address, values))
            assert answer.status_code == 405, address


@pytest.mark.parametrize("path", ["/admin/", "/admin/market/", "/admin/search/"])
def test_a_page_without_a_form_takes_none(client: Client, dana: User, path: str) -> None:
    assert client.post(path).status_code == 405


def test_a_read_only_row_refuses_to_be_changed(client: Client, dana: User) -> None:
    currency = Currency.objects.get(code="USD")
    address = reverse("admin:market_currency_change", args=[currency.pk])
    client.post(address, {"is_active": "on", "name": "Pound", "decimals": "9"})
    currency.refresh_from_db()
    assert (currency.name, currency.decimals) == ("US dollar", 2)


def test_staff_who_are_no_superusers_look_only(client: Client) -> None:
    erin = User.objects.create_user("erin", "erin@example.org", is_staff=True)
    enter_as_staff(client, erin)
    address = reverse("admin:market_currency_change", args=[Currency.objects.get(code="USD").pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code == 403


HIDDEN = [
    ("accounts/user", "password__startswith", "argon2"),
    ("accounts/token", "digest__startswith", "0"),
    ("usersessions/usersession", "session_key__startswith", "a"),
    ("usersessions/usersession", "user__password__startswith", "argon2"),
    ("portfolio/exchangekey", "sealed__isnull", "0"),
    ("portfolio/seal", "signature__gt", "0"),
]


@pytest.mark.parametrize(("page", "lookup", "value"), HIDDEN)
def test_no_hidden_column_is_guessed_by_asking_for_rows(
    client: Client, dana: User, page: str, lookup: str, value: str
) -> None:
    address = f"/admin/{page}/"
    assert client.get(address).status_code == 200
    assert client.get(address, {lookup: value}).status_code == 400


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("asked", [f"created_at__year={'9' * 400}", "amount_from=1e999999"])
def test_a_figure_that_no_column_holds_chooses_no_rows(
    client: Client, dana: User, asked: str
) -> None:
    answer = client.get(f"/admin/portfolio/conversionquote/?{asked}")
    assert (answer.status_code, answer["Location"].endswith("?e=1")) == (302, True)


def test_a_list_is_still_narrowed_by_what_it_shows(client: Client, dana: User) -> None:
    page = client.get("/admin/accounts/user/", {"is_staff__exact": "1", "username": "dana"})
    assert page.status_code == 200
    assert b"dana" in page.content


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/search/?s=us"])
def test_nobody_else_gets_in(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302
    client.force_login(User.objects.create_user("alice", "alice@example.org"))
    assert client.get(path).status_code in (302, 403)


def test_a_page_shows_no_password_digest_or_session_key(client: Client, dana: User) -> None:
    alice = people.make("alice")
    page = client.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()
    assert "alice@example.org" in page
    assert "argon2" not in page


def test_the_console_has_its_own_policy(client: Client, dana: User) -> None:
    policy = client.get("/admin/")["Content-Security-Policy"]
    directives = set(policy.split("; "))
    assert {"default-src 'none'", "script-src 'self' 'unsafe-eval'"} <= directives


def test_only_switches_can_be_changed() -> None:
    consoles = admin.site._registry.values()
    changeable = {
        one.model._meta.label_lower: one.editable for one in consoles if isinstance(one, FewFields)
    }
    assert changeable == {
        "accounts.user": ("is_active", "may_trade", "is_staff", "is_superuser"),
        "market.currency": ("is_active",),
        "market.instrument": ("is_active",),
        "market.newsfeed": ("is_active",),
        "market.topcoin": (),
        "django_celery_beat.periodictask": ("enabled", "interval", "crontab", "expire_seconds"),
    }
