"""Are wrong entries undone with a reason, and real ones only by two?"""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import AuditRecord, User
from core.errors import Code, Refused
from core.money import Money
from portfolio import books, corrections, ledger
from portfolio.models import Correction, JournalEntry, Mode, TradingAccount
from tests import cast
from tests.accounts.people import enter_as_staff
from tests.portfolio.stillness import nothing_moves, refused

pytestmark = pytest.mark.django_db
PAGE = "/admin/corrections/"
WHY = "Booked twice by mistake"


@pytest.fixture
def dana() -> User:
    return cast.dana()


@pytest.fixture
def erin() -> User:
    user = cast.person("erin")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.refresh_from_db()
    return user


@pytest.fixture
def real() -> TradingAccount:
    return TradingAccount.objects.create(user=cast.person("alice"), mode=Mode.REAL, name="Real")


def gift(account: TradingAccount) -> JournalEntry:
    return JournalEntry.objects.get(pk=cast.give(account, "50", "USD").id)


def test_play_money_is_corrected_by_one_with_a_reason(dana: User) -> None:
    bob = cast.account_of(cast.bob())
    wrong = gift(bob)
    done = corrections.propose(entry_id=wrong.public_id, reason=WHY, by=dana)
    assert done.state == Correction.State.POSTED
    assert ledger.available(bob, "USD") == 10
    entry = JournalEntry.objects.latest("pk")
    assert done.posted_entry_id == entry.pk
    assert (entry.kind, entry.reason, entry.refers_to) == ("reversal", WHY, wrong)
    events = AuditRecord.objects.order_by("pk").values_list("event", flat=True)
    assert list(events)[-2:] == ["correction proposed", "correction posted"]


def test_real_money_waits_for_a_second_member_of_staff(
    dana: User, erin: User, real: TradingAccount
) -> None:
    wrong = gift(real)
    with nothing_moves():
        row = corrections.propose(entry_id=wrong.public_id, reason=WHY, by=dana)
    assert row.state == Correction.State.PROPOSED
    with refused(Code.FORBIDDEN):
        corrections.approve(row.public_id, by=dana)
    corrections.approve(row.public_id, by=erin)
    assert ledger.available(real, "USD") == 0
    with refused(Code.NOT_FOUND):
        corrections.approve(row.public_id, by=erin)


def test_even_the_row_insists_on_two(dana: User, real: TradingAccount) -> None:
    row = corrections.propose(entry_id=gift(real).public_id, reason=WHY, by=dana)
    posted = row.entry_id
    rows = Correction.objects.filter(pk=row.pk)
    with pytest.raises(IntegrityError, match="seen_by_two"), transaction.atomic():
        rows.update(state="posted", decided_by=dana, posted_entry_id=posted)


def test_a_rejected_correction_moves_nothing_and_may_be_asked_for_again(
    dana: User, erin: User, real: TradingAccount
) -> None:
    wrong = gift(real)
    with nothing_moves():
        row = corrections.propose(entry_id=wrong.public_id, reason=WHY, by=dana)
        corrections.reject(row.public_id, by=erin)
    assert corrections.propose(entry_id=wrong.public_id, reason=WHY, by=dana).pk != row.pk


def test_an_entry_is_corrected_once(dana: User) -> None:
    wrong = gift(cast.account_of(cast.bob()))
    corrections.propose(entry_id=wrong.public_id, reason=WHY, by=dana)
    with refused(Code.MALFORMED):
        corrections.propose(entry_id=wrong.public_id, reason=WHY, by=dana)


@pytest.mark.parametrize("reason", ["", "  short ", "x" * 201, "two\nlines of reasons"])
def test_a_bad_reason_is_refused(dana: User, reason: str) -> None:
    wrong = gift(cast.account_of(cast.bob()))
    with refused(Code.MALFORMED):
        corrections.propose(entry_id=wrong.public_id, reason=reason, by=dana)
    assert not Correction.objects.exists()


def test_money_that_is_spent_cannot_be_taken_back(dana: User) -> None:
    bob = cast.account_of(cast.bob())
    wrong = gift(bob)
    ledger.hold(bob, Money(Decimal(40), "USD"), key="h")
    with refused(Code.INSUFFICIENT_FUNDS):
        corrections.propose(entry_id=wrong.public_id, reason=WHY, by=dana)
    assert not Correction.objects.exists()


def test_holds_and_unknown_entries_are_refused(dana: User) -> None:
    bob = cast.account_of(cast.bob())
    held = ledger.hold(bob, Money(Decimal(1), "USD"), key="h")
    with refused(Code.MALFORMED):
        corrections.propose(entry_id=held.public_id, reason=WHY, by=dana)
    with refused(Code.NOT_FOUND):
        corrections.propose(entry_id=uuid4(), reason=WHY, by=dana)


def test_nobody_but_staff_corrects(real: TradingAccount, dana: User) -> None:
    wrong = gift(real)
    row = corrections.propose(entry_id=wrong.public_id, reason=WHY, by=dana)
    for work in (corrections.approve, corrections.reject):
        with refused(Code.FORBIDDEN):
            work(row.public_id, by=real.user)
    with refused(Code.FORBIDDEN):
        corrections.propose(entry_id=wrong.public_id, reason=WHY, by=real.user)


def test_the_page_proposes_and_another_agrees(
    client: Client, dana: User, erin: User, real: TradingAccount
) -> None:
    enter_as_staff(client, dana)
    client.post(PAGE, {"entry_id": str(gift(real).public_id), "reason": WHY})
    row = Correction.objects.get()
    own = client.get(PAGE).content.decode()
    assert WHY in own
    assert f"{row.public_id}/approve/" not in own
    other = Client()
    enter_as_staff(other, erin)
    assert f"{row.public_id}/approve/" in other.get(PAGE).content.decode()
    other.post(f"{PAGE}{row.public_id}/approve/")
    assert ledger.available(real, "USD") == 0


def test_one_person_in_two_browsers_is_still_one(
    client: Client, dana: User, real: TradingAccount
) -> None:
    enter_as_staff(client, dana)
    client.post(PAGE, {"entry_id": str(gift(real).public_id), "reason": WHY})
    row, other = Correction.objects.get(), Client()
    enter_as_staff(other, dana)
    with nothing_moves():
        other.post(f"{PAGE}{row.public_id}/approve/")
    assert Correction.objects.get().state == Correction.State.PROPOSED


def test_nobody_corrects_their_own_account(dana: User, erin: User) -> None:
    own = TradingAccount.objects.create(user=erin, mode=Mode.REAL, name="Real")
    wrong = gift(own)
    with refused(Code.FORBIDDEN):
        corrections.propose(entry_id=wrong.public_id, reason=WHY, by=erin)
    row = corrections.propose(entry_id=wrong.public_id, reason=WHY, by=dana)
    with refused(Code.FORBIDDEN):
        corrections.approve(row.public_id, by=erin)


def test_the_page_says_what_was_refused(client: Client, dana: User) -> None:
    enter_as_staff(client, dana)
    answer = client.post(PAGE, {"entry_id": str(uuid4()), "reason": WHY})
    assert "There is no such entry" in answer.content.decode()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_books_hold_after_corrections() -> None:
    dana = cast.dana()
    wrong = gift(cast.account_of(cast.bob()))
    corrections.propose(entry_id=wrong.public_id, reason=WHY, by=dana)
    with pytest.raises(Refused):
        corrections.propose(entry_id=wrong.public_id, reason=WHY, by=dana)
    assert [one.name for one in books.check().findings if one.count] == []
