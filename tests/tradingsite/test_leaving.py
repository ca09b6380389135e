"""Does a person who leaves leave no name behind, and the books as they were?"""

import json
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core import mail
from django.db.models import CASCADE, ForeignKey, Model
from django.test import Client
from django_celery_results.models import TaskResult

from accounts import favourites, preferences, takeouts, tokens
from accounts.models import AuditRecord, User
from core.errors import Code, Refused
from portfolio import conversion_quotes, trading_accounts
from portfolio.models import (
    ExchangeKey,
    JournalEntry,
    LedgerAccount,
    Mode,
    Posting,
    Seal,
    TradingAccount,
)
from tests import cast
from tests.accounts.people import enter_as_staff, make, sign_in, sign_up
from tests.portfolio import exchange_keys, prices
from tests.portfolio.stillness import nothing_moves, refused
from tradingsite import leaving, takeout

pytestmark = pytest.mark.django_db
PATH = "/settings/data/delete/"
NAME, ADDRESS = "wilhelmina", "wilhelmina@example.org"
SEALED = (AuditRecord, JournalEntry, Posting, Seal)
WHAT_STAFF_DID = "admin.LogEntry"  # by whom: the row without a name


@pytest.fixture
def her() -> User:
    """Owns one of everything, and has written her name wherever she may."""
    prices.publish_all()
    user = make(NAME)
    User.objects.filter(pk=user.pk).update(first_name=NAME, last_name=NAME)
    trading_accounts.ensure_virtual(user=user)
    account = cast.account_of(user)
    TradingAccount.objects.filter(pk=account.pk).update(name=f"{NAME}'s")
    quote = conversion_quotes.make(
        user=user, account_id=account.public_id, from_code="USD", to_code="CHF", amount="100.00"
    )
    conversion_quotes.accept(user=user, quote_id=quote.public_id, key="k", request_hash="h")
    preferences.change(user, theme="dark", chart={"kind": "line"})
    favourites.add(user, "EUR")
    tokens.issue(user, name=NAME, scopes=["read"])
    takeout.make(takeouts.begin(user).pk)
    exchange_keys.kept(user)
    ExchangeKey.objects.update(label=NAME)
    keep_in_the_console(user)
    return User.objects.get(pk=user.pk)


def keep_in_the_console(user: User) -> None:
    """A change by staff, and a letter that could not be sent."""
    LogEntry.objects.create(
        user=cast.dana(),
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr=str(user),
        action_flag=CHANGE,
    )
    kept = json.dumps(repr({"to": user.email, "text": f"Hello {user.username}"}))
    TaskResult.objects.create(task_id="1", task_name="accounts.deliver", task_kwargs=kept)


def leave(client: Client, user: User, typed: str = NAME) -> Any:
    """Fill in the page as somebody who has just shown twice who they are."""
    enter_as_staff(client, user)
    return client.post(PATH, {"username": typed})


def names_left() -> list[str]:
    """The rows of all tables, but for those that are sealed, that hold the name or address."""
    models = [model for model in apps.get_models(include_auto_created=True) if stored(model)]
    return [
        f"{model._meta.label} {row}"
        for model in models
        for row in model._default_manager.values()
        if NAME in str(row).lower()
    ]


def stored(model: type[Model]) -> bool:
    return model._meta.managed and not model._meta.proxy and model not in SEALED


def test_no_row_holds_the_name_or_the_address_any_more(client: Client, her: User) -> None:
    assert len({line.split()[0] for line in names_left()}) >= 6
    assert leave(client, her)["Location"] == "/"
    assert names_left() == []
    row = User.objects.get(pk=her.pk)
    assert (row.username, row.email) == (f"deleted-{row.public_id}", "")
    assert not any((row.is_active, row.is_staff, row.is_superuser, row.has_usable_password()))


def test_no_table_that_hangs_on_people_is_forgotten(client: Client, her: User) -> None:
    """A new one that goes with the person's row needs a place in `accounts/leaving.py`."""
    leave(client, her)
    left = [
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and field.related_model is User
        and field.remote_field.on_delete is CASCADE
        and model._default_manager.filter(**{field.name: her}).exists()
    ]
    assert set(left) - {WHAT_STAFF_DID} == set()


def test_the_books_say_what_they_said_and_the_accounts_are_closed(
    client: Client, her: User
) -> None:
    told = [list(model.objects.order_by("pk").values()) for model in (JournalEntry, Posting)]
    balances = list(LedgerAccount.objects.order_by("pk").values())
    leave(client, her)
    assert told == [
        list(model.objects.order_by("pk").values()) for model in (JournalEntry, Posting)
    ]
    assert balances == list(LedgerAccount.objects.order_by("pk").values())
    assert not trading_accounts.of(her).exists()


def test_the_trail_tells_it_and_names_nobody(client: Client, her: User) -> None:
    leave(client, her)
    told = AuditRecord.objects.get(event="account deleted")
    assert (told.person, told.actor) == (her.public_id, f"user:{her.public_id}")
    assert told.after == {"accounts_closed": 1}


def test_keys_of_exchanges_are_revoked_and_forgotten(client: Client, her: User) -> None:
    leave(client, her)
    assert not ExchangeKey.objects.exists()
    assert AuditRecord.objects.filter(event="exchange key revoked", person=her.public_id).exists()


def test_a_letter_to_the_old_address_confirms_it(client: Client, her: User) -> None:
    leave(client, her)
    (letter,) = [one for one in mail.outbox if one.subject == "Your account is deleted"]
    assert letter.to == [ADDRESS]
    assert NAME in str(letter.body)


def test_every_browser_and_token_is_out_at_once(client: Client, her: User) -> None:
    sign_in(client, NAME)
    elsewhere = Client()
    enter_as_staff(elsewhere, her)
    elsewhere.get("/settings/profile/")
    _, text = tokens.issue(her, name="second", scopes=["read"])
    answer = leave(client, her)
    assert answer.cookies["known"].value == ""
    assert not UserSession.objects.filter(user=her).exists()
    for browser in (client, elsewhere):
        assert browser.get("/settings/profile/").status_code == 302
    bearer = {"Authorization": f"Bearer {text}"}
    assert Client().get("/api/v1/me/", headers=bearer).status_code == 401
    assert not Session.objects.filter(session_key=elsewhere.cookies["sessionid"].value).exists()


@pytest.mark.parametrize("login", [NAME, ADDRESS])
def test_at_sign_in_they_are_as_somebody_unknown(client: Client, her: User, login: str) -> None:
    leave(client, her)
    theirs = sign_in(Client(), login)
    nobodys = sign_in(Client(), login.replace(NAME, "unknownname"))
    assert theirs.status_code == nobodys.status_code == 200
    assert errors(theirs) == errors(nobodys)
    assert AuditRecord.objects.filter(event="signed in", person=her.public_id).count() == 0


def errors(answer: Any) -> Any:
    return answer.context["form"].errors


def test_a_reset_is_answered_as_to_somebody_unknown(client: Client, her: User) -> None:
    leave(client, her)
    subjects = []
    for email in (ADDRESS, "unknownname@example.org"):
        answer = Client().post("/accounts/password/reset/", {"email": email})
        assert answer["Location"] == "/accounts/password/reset/done/"
        subjects.append((mail.outbox[-1].to, mail.outbox[-1].subject))
    assert [to for to, _ in subjects] == [[ADDRESS], ["unknownname@example.org"]]
    assert subjects[0][1] == subjects[1][1]


def test_another_person_can_take_the_address_and_the_name(client: Client, her: User) -> None:
    leave(client, her)
    assert sign_up(Client(), NAME, ADDRESS).status_code == 302
    new = User.objects.get(username=NAME)
    assert EmailAddress.objects.get(email=ADDRESS).user == new
    assert new.pk != her.pk


def test_nobody_signs_up_under_a_name_of_the_gone(client: Client) -> None:
    sign_up(client, "Deleted-1")
    assert not User.objects.exists()


@pytest.mark.parametrize("mode", [Mode.REAL, Mode.SANDBOX])
def test_it_is_refused_while_there_is_other_than_play_money(
    client: Client, her: User, mode: Mode
) -> None:
    account = TradingAccount.objects.create(user=her, mode=mode, name="Kraken")
    cast.give(account, "0.01", "USD")
    with refused(Code.ACCOUNT_NOT_EMPTY):
        leaving.leave(her)
    with nothing_moves():
        answer = leave(client, her)
    assert answer.status_code == 409
    assert "There is money in “Kraken”" in answer.content.decode()
    assert User.objects.get(pk=her.pk).is_active
    assert her.tokens.exists()


def test_an_empty_real_account_is_closed(her: User) -> None:
    TradingAccount.objects.create(user=her, mode=Mode.REAL, name="Kraken")
    leaving.leave(her)
    assert not trading_accounts.of(her).exists()


def test_it_is_refused_to_the_last_administrator() -> None:
    dana = cast.dana()
    with pytest.raises(Refused) as refusal:
        leaving.leave(dana)
    assert refusal.value.code is Code.FORBIDDEN
    assert User.objects.get(pk=dana.pk).username == "dana"
    make("erin", is_superuser=True, is_staff=True)
    leaving.leave(dana)
    assert not User.objects.get(pk=dana.pk).is_staff


def test_it_is_refused_with_another_name_typed(client: Client, her: User) -> None:
    for typed in ("", "Wilhelmina", ADDRESS):
        answer = leave(client, her, typed)
        assert answer.status_code == 200
        assert answer.context["form"].errors
    assert User.objects.get(pk=her.pk).is_active


def test_it_is_refused_without_a_fresh_proof(client: Client, her: User) -> None:
    client.force_login(her)
    assert client.get(PATH).status_code == 200
    answer = client.post(PATH, {"username": NAME})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert User.objects.get(pk=her.pk).is_active


def test_it_is_refused_by_password_alone_where_a_second_factor_is_set_up(
    client: Client, her: User
) -> None:
    sign_in(client, NAME)
    enrolled = Client()
    enter_as_staff(enrolled, her)  # sets one up
    answer = client.post(PATH, {"username": NAME})
    assert answer["Location"].startswith("/accounts/2fa/reauthenticate/?next=")
    assert User.objects.get(pk=her.pk).is_active
    assert Authenticator.objects.filter(user=her).exists()


def test_whoever_has_left_opens_nothing_and_leaves_only_once(her: User) -> None:
    leaving.leave(her)
    with refused(Code.FORBIDDEN):
        trading_accounts.open_virtual(user=her, name="More", key="more", request_hash="h")
    with refused(Code.FORBIDDEN):
        exchange_keys.kept(her)
    with refused(Code.FORBIDDEN):
        tokens.issue(her, name="More", scopes=["read"])
    with refused(Code.FORBIDDEN):
        leaving.leave(her)
