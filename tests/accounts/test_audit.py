"""Does everything that protects an account leave one row, which nobody can change?"""

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from accounts import audit, preferences, second_factor, tokens
from accounts.actors import Actor
from accounts.models import AuditRecord, User
from core.errors import Refused
from market.models import Currency
from tests import cast
from tests.accounts.people import (
    PASSWORD,
    code_now,
    enrol,
    enter_as_staff,
    link_in_letter,
    make,
    sign_in,
    sign_up,
)

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "quite another battery staple"


def rows() -> list[tuple[str, str]]:
    """Every row so far, oldest first: event and whose name stands in it."""
    names = {f"user:{user.public_id}": user.username for user in User.objects.all()}
    found = AuditRecord.objects.order_by("pk").values_list("event", "actor")
    return [(event, names.get(actor, actor)) for event, actor in found]


def test_signing_up_and_in_and_out_is_written_with_address_and_way(client: Client) -> None:
    sign_up(client)
    client.post("/accounts/logout/")
    sign_in(client)
    assert rows() == [
        ("signed up", "alice"),
        ("signed in", "alice"),
        ("signed out", "alice"),
        ("signed in", "alice"),
    ]
    newest = AuditRecord.objects.latest("pk")
    assert (newest.address, newest.after) == ("127.0.0.1", {"by": "password"})
    assert newest.person == User.objects.get().public_id


def test_confirming_the_first_address_is_no_change_of_address(client: Client) -> None:
    sign_up(client)
    client.post(link_in_letter("confirm-email"))
    assert [event for event, _ in rows()][-1] == "e-mail address confirmed"


@pytest.mark.parametrize("login", ["alice", "nobody-of-that-name"])
def test_a_failed_try_is_written_without_what_was_typed(client: Client, login: str) -> None:
    alice = make("alice")
    sign_in(client, login, "a secret typed into the wrong place")
    row = AuditRecord.objects.get()
    assert (row.event, row.actor, row.address) == ("sign-in failed", "nobody", "127.0.0.1")
    assert row.person == (alice.public_id if login == "alice" else None)
    assert (row.before, row.after, row.thing) == (None, None, "")


def test_tries_beyond_the_limit_are_told_once(client: Client) -> None:
    make("alice")
    for _ in range(12):
        sign_in(client, "alice", "wrong")
    assert [event for event, _ in rows()] == ["sign-in failed"] * 5 + ["sign-in paused"]


def test_a_wrong_code_is_written(client: Client) -> None:
    enrol(make("alice"))
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert rows()[-1] == ("second factor failed", "alice")
    client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    assert AuditRecord.objects.latest("pk").after == {"by": "password and code"}


def test_a_new_password_is_written_with_the_sessions_it_ended(client: Client) -> None:
    make("alice")
    sign_in(Client())
    sign_in(client)
    fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    client.post("/accounts/password/change/", fields)
    assert rows()[-2:] == [("other sessions ended", "alice"), ("password changed", "alice")]


def test_a_reset_password_is_written(client: Client) -> None:
    make("alice")
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    page = client.get(link_in_letter("/password/reset/key/"), follow=True).request["PATH_INFO"]
    client.post(page, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert ("password reset", "alice") in rows()


def test_a_token_is_written_from_birth_to_end_without_its_text() -> None:
    alice = make("alice")
    by = Actor(f"user:{alice.public_id}", "192.0.2.7")
    token, text = tokens.issue(alice, name="Sheet", scopes=["read"], by=by)
    tokens.revoke(alice, token.public_id, by=by)
    born, ended = AuditRecord.objects.order_by("pk")
    assert (born.event, ended.event) == ("token issued", "token revoked")
    assert born.thing == ended.thing == f"token:{token.public_id}"
    assert born.after == ended.before
    assert born.after is not None
    assert (born.after["name"], born.address) == ("Sheet", "192.0.2.7")
    assert text not in str(born.after)


def test_a_refused_token_leaves_no_row() -> None:
    alice = make("alice", confirmed=False)
    with pytest.raises(Refused):
        tokens.issue(alice, name="Sheet", scopes=["read"])
    assert not AuditRecord.objects.exists()


def test_preferences_are_written_as_they_were_and_are() -> None:
    alice = make("alice")
    preferences.change(alice, theme="dark", quote_seconds=15)
    row = AuditRecord.objects.get()
    assert (row.before, row.after) == ({"theme": "system"}, {"theme": "dark"})
    preferences.change(alice, theme="dark", chart={"kind": "line"})
    assert AuditRecord.objects.count() == 1


def test_a_change_in_the_console_is_written_with_before_and_after(client: Client) -> None:
    dana = cast.dana()
    enter_as_staff(client, dana)
    currency = Currency.objects.get(code="TRY")
    client.post(reverse("admin:market_currency_change", args=[currency.pk]), {})
    row = AuditRecord.objects.latest("pk")
    assert (row.event, row.actor) == ("changed in the console", f"user:{dana.public_id}")
    assert row.thing == f"market.currency:{currency.pk}"
    assert (row.before, row.after) == ({"is_active": "True"}, {"is_active": "False"})


def test_taking_second_factors_away_is_written() -> None:
    alice = make("alice")
    enrol(alice)
    second_factor.reset(alice, shown="answered our letter")
    assert rows() == [("second factors reset", "system"), ("real trading held", "system")]


def test_a_change_that_is_undone_leaves_no_row() -> None:
    alice = make("alice")
    with transaction.atomic():
        preferences.change(alice, theme="dark")
        transaction.set_rollback(True)
    assert not AuditRecord.objects.exists()


def test_people_find_what_concerns_them_and_nothing_else() -> None:
    alice, bob = make("alice"), make("bob")
    audit.note("signed in", person=alice)
    audit.note("signed in", person=bob)
    assert [row.person for row in audit.recent(alice)] == [alice.public_id]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditrecord SET actor = 'nobody'",
        "DELETE FROM accounts_auditrecord",
        "TRUNCATE accounts_auditrecord",
        "INSERT INTO accounts_auditrecord (event, actor, thing) VALUES ('x', 'y', '')",
        "ALTER TABLE accounts_auditrecord DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_append_only ON accounts_auditrecord",
    ],
)
def test_the_apps_role_may_only_append(statement: str) -> None:
    audit.note("signed in")
    before = list(AuditRecord.objects.values())
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(AuditRecord.objects.values()) == before


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'nobody'", "DELETE FROM {}"])
def test_even_the_tables_owner_meets_the_rule(statement: str) -> None:
    audit.note("signed in")
    with pytest.raises(DatabaseError, match="append-only"), connections["owner"].cursor() as cursor:
        cursor.execute(statement.format("accounts_auditrecord"))
    assert AuditRecord.objects.get().actor == "system"
