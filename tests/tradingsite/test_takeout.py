"""Does a person get everything that is theirs, nothing that is not, and no secret?"""

import csv
import io
import json
import zipfile
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from django.apps import apps
from django.db.models import ForeignKey
from django.test import Client

from accounts import audit, favourites, preferences, takeouts, tokens
from accounts.actors import Actor
from accounts.models import AuditRecord, User
from core.money import Money
from portfolio import conversion_quotes, corrections, ledger, trading_accounts
from portfolio.models import Correction, JournalEntry, LedgerAccount, Posting
from tests import cast
from tests.accounts.people import enter_as_staff, make
from tests.portfolio import exchange_keys, prices
from tradingsite import takeout

pytestmark = pytest.mark.django_db
# Tables that know people and are nobody's own: what staff did in the console, who may do what,
# links out of letters, and the bytes of such files themselves.
NOT_THEIRS = {
    *("admin.LogEntry", "accounts.User_groups", "accounts.User_user_permissions"),
    *("account.EmailConfirmation", "accounts.TakeoutPiece"),
}


@pytest.fixture
def alice() -> User:
    """Owns one of everything; Bob as well."""
    prices.publish_all()
    people = [make("alice"), make("bob")]
    dana = cast.dana()
    for user in people:
        trading_accounts.ensure_virtual(user=user)
        account = cast.account_of(user)
        preferences.change(user, theme="dark", chart={"kind": "line"})
        favourites.add(user, "EUR")
        tokens.issue(user, name="=cmd()", scopes=["read"])
        quote = conversion_quotes.make(
            user=user,
            account_id=account.public_id,
            from_code="USD",
            to_code="CHF",
            amount="100.00",
        )
        conversion_quotes.accept(user=user, quote_id=quote.public_id, key="k", request_hash="h")
        gift = cast.give(account, "5", "EUR")
        corrections.propose(entry_id=gift.public_id, reason="Given by mistake", by=dana)
        ledger.hold(account, Money(Decimal(1), "USD"), key=f"hold:{user.pk}")
        enter_as_staff(Client(), user)
        exchange_keys.kept(user)
        takeouts.begin(user)
        audit.note("looked at", person=user, before={"a": 1})
    return people[0]


def opened(user: User) -> dict[str, Any]:
    """Every JSON file of the zip by name."""
    with zipfile.ZipFile(takeout.pack(user)) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if name.endswith(".json")]
        return {name.removesuffix(".json"): json.loads(archive.read(name)) for name in names}


def test_every_part_is_as_the_schema_in_the_file_says(alice: User) -> None:
    files = opened(alice)
    for section in takeout.SECTIONS:
        jsonschema.Draft202012Validator.check_schema(files["schema"][section.name])
        jsonschema.validate(files[section.name], files["schema"][section.name])
        assert files["manifest"]["rows"][section.name] == len(files[section.name])


def test_no_table_that_knows_people_is_forgotten() -> None:
    """A new table with people in it needs a section, or a word why it needs none."""
    known = {section.model for section in takeout.SECTIONS}
    told = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model in known
    }
    assert sorted(told - {model._meta.label for model in known} - NOT_THEIRS) == []


def test_it_holds_all_rows_of_the_person_and_none_of_another(alice: User) -> None:
    files = opened(alice)
    own = {
        "entries": JournalEntry.objects.filter(account__user=alice).count(),
        "postings": Posting.objects.filter(entry__account__user=alice).count(),
        "balances": LedgerAccount.objects.filter(owner__user=alice).count(),
        "corrections": Correction.objects.filter(entry__account__user=alice).count(),
        "events": AuditRecord.objects.filter(person=alice.public_id).count(),
    }
    assert {name: len(files[name]) for name in own} == own
    assert all(files[section.name] for section in takeout.SECTIONS if section.name != "sessions")
    bob = User.objects.get(username="bob")
    theirs = {str(bob.public_id), str(cast.account_of(bob).public_id), "bob@example.org"}
    assert not [one for one in theirs if one in json.dumps(files)]


def test_where_staff_sat_is_not_in_it(alice: User) -> None:
    dana = User.objects.get(username="dana")
    for who, address in ((alice, "192.0.2.1"), (dana, "192.0.2.2")):
        by = Actor(f"user:{who.public_id}", address)
        audit.note("other sessions ended", by=by, person=alice)
    events = [row for row in opened(alice)["events"] if row["event"] == "other sessions ended"]
    assert [row["address"] for row in events[-2:]] == ["192.0.2.1", None]


def test_postings_add_up_to_the_balances(alice: User) -> None:
    files = opened(alice)
    sums: dict[tuple[str, str], Any] = {}
    for line in files["postings"]:
        if not line["account_kind"].startswith("house:"):
            key = line["account_kind"], line["account_currency"]
            sums[key] = sums.get(key, 0) + Decimal(line["amount"])
    told = {(row["kind"], row["currency"]): row["balance"] for row in files["balances"]}
    assert {key: Decimal(value) for key, value in told.items()} == sums


def test_no_secret_is_in_it(alice: User) -> None:
    text = json.dumps(opened(alice))
    assert alice.password not in text
    assert not [token for token in alice.tokens.all() if token.digest in text]
    assert "secret" not in text
    assert "session_key" not in text


def test_a_sheet_says_the_same_and_starts_no_formula(alice: User) -> None:
    with zipfile.ZipFile(takeout.pack(alice)) as archive:
        sheet = archive.read("tokens.csv").decode()
        (row,) = csv.DictReader(io.StringIO(sheet, newline=""))
        (same,) = json.loads(archive.read("tokens.json"))
    assert row["name"] == "'=cmd()"
    assert (row["id"], row["scopes"]) == (same["id"], '["read"]')


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_it_is_read_in_a_snapshot_of_its_own() -> None:
    user = cast.charlie()
    assert opened(user)["manifest"]["rows"]["entries"] == 1
