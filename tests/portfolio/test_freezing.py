"""Does a freeze stop everything that moves money, at once, and only its maker lift it?"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts import protection
from accounts.models import AuditRecord, User
from core.errors import Code, Refused
from core.money import Money
from portfolio import books, closing, conversion_quotes, freezing, ledger, trading_accounts
from portfolio.models import JournalEntry, Mode, TradingAccount
from tests import cast
from tests.accounts.people import is_signed_in
from tests.portfolio.caller import Caller, code_of
from tests.portfolio.stillness import nothing_moves, refused

pytestmark = pytest.mark.django_db
FREEZE, UNFREEZE = "/settings/security/freeze/", "/settings/security/unfreeze/"


@pytest.fixture
def alice(market: None) -> User:
    return cast.alice()


@contextmanager
def no_account_comes_or_goes() -> Iterator[None]:
    """The same accounts are open before and after, and the same entries are in them."""
    before = JournalEntry.objects.count(), list(TradingAccount.objects.filter(closed_at=None))
    yield
    after = JournalEntry.objects.count(), list(TradingAccount.objects.filter(closed_at=None))
    assert before == after


def wait_for_a_lock() -> None:
    """Until another connection waits for a row, at most half of the time it would wait."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    until = time.monotonic() + 1
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits")


def test_a_quote_taken_before_the_freeze_is_not_honoured_after_it(alice: User) -> None:
    caller = Caller(alice)
    quote = caller.quote().json()["id"]
    freezing.freeze(alice)
    with nothing_moves():
        assert code_of(caller.accept(quote)) == (409, "account_frozen")
    freezing.unfreeze(alice)
    assert caller.accept(quote).status_code == 200


def test_every_way_to_move_money_is_closed(alice: User) -> None:
    caller, account = Caller(alice), cast.account_of(alice)
    freezing.freeze(alice)
    with nothing_moves():
        new, again = {"mode": "virtual", "name": "More"}, f"trading-accounts/{account.public_id}/"
        assert code_of(caller.quote()) == (409, "account_frozen")
        assert code_of(caller.post("trading-accounts/", new, key="a")) == (409, "account_frozen")
        assert code_of(caller.post(f"{again}reset/", key="b")) == (409, "account_frozen")
    with refused(Code.ACCOUNT_FROZEN):
        ledger.hold(account, Money(Decimal(1), "USD"), key="c")


def test_a_hold_can_be_given_back_and_nothing_taken_with_it(alice: User) -> None:
    account = cast.account_of(alice)
    held = ledger.hold(account, Money(Decimal(5), "USD"), key="h")
    freezing.freeze(alice)
    legs = (
        ledger.Leg(ledger.Kind.HELD, Money(Decimal(-5), "USD")),
        ledger.Leg(ledger.Kind.EQUITY, Money(Decimal(5), "USD")),
    )
    stolen = ledger.Draft(account.pk, "release", legs, "s", refers_to=held.id)
    with refused(Code.ACCOUNT_FROZEN):
        ledger.post(stolen, mode=Mode.VIRTUAL)
    ledger.release(held, key="r")
    assert [one.held for one in ledger.balances(account) if one.currency == "USD"] == [0]


def test_nobody_elses_account_is_touched(alice: User) -> None:
    bob = cast.account_of(cast.bob())
    freezing.freeze(alice)
    cast.give(bob, "1", "USD")
    assert ledger.available(bob, "USD") == 11


def test_what_the_house_froze_its_owner_does_not_lift(alice: User) -> None:
    account = cast.account_of(alice)
    trading_accounts.freeze(account, reason="a question")
    freezing.freeze(alice)
    freezing.unfreeze(alice)
    with refused(Code.ACCOUNT_FROZEN):
        cast.give(account, "1", "USD")


def test_what_its_owner_froze_the_house_does_not_lift(alice: User) -> None:
    account = cast.account_of(alice)
    freezing.freeze(alice)
    trading_accounts.freeze(account, reason="a question")
    trading_accounts.unfreeze(account)
    with refused(Code.ACCOUNT_FROZEN):
        cast.give(account, "1", "USD")
    freezing.unfreeze(alice)
    cast.give(account, "1", "USD")


def test_freezing_twice_changes_nothing_and_is_written_once(alice: User) -> None:
    assert freezing.freeze(alice)
    with nothing_moves():
        assert not freezing.freeze(alice)
    assert freezing.unfreeze(alice)
    assert not freezing.unfreeze(alice)
    events = AuditRecord.objects.order_by("pk").values_list("event", flat=True)
    assert list(events) == ["account frozen", "account unfrozen"]


def test_a_person_stored_from_an_old_row_stays_frozen(alice: User) -> None:
    read_before = User.objects.get(pk=alice.pk)
    freezing.freeze(alice)
    read_before.first_name = "Alice"
    read_before.save()
    alice.refresh_from_db()
    assert (alice.first_name, alice.frozen_at is None) == ("Alice", False)


def test_working_orders_are_cancelled_when_the_freeze_stands(alice: User, monkeypatch) -> None:
    asked: list[User] = []
    monkeypatch.setattr(freezing, "CANCEL_WORKING_ORDERS", (asked.append,))
    freezing.freeze(alice)
    freezing.unfreeze(alice)
    assert asked == [alice]


def test_the_page_freezes_and_the_person_stays_signed_in(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert b"Freeze your account?" in client.get(FREEZE).content
    client.post(FREEZE)
    assert is_signed_in(client)
    assert b"Your account is frozen" in client.get(FREEZE).content
    assert b"Nothing in it moves" in client.get("/portfolio/").content


def test_unfreezing_asks_who_one_is(alice: User, client: Client) -> None:
    freezing.freeze(alice)
    client.force_login(alice)
    asked = client.post(UNFREEZE)["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    assert User.objects.get(pk=alice.pk).frozen_at is not None
    client.post(asked, {"password": "not the password"})
    assert User.objects.get(pk=alice.pk).frozen_at is not None
    client.post(asked, {"password": cast.PASSWORD})
    assert AuditRecord.objects.latest("pk").address == "127.0.0.1"
    assert User.objects.get(pk=alice.pk).frozen_at is None


def test_letters_tell_of_both(alice: User, client: Client) -> None:
    client.force_login(alice)
    client.post("/accounts/reauthenticate/", {"password": cast.PASSWORD})
    client.post(FREEZE)
    client.post(UNFREEZE)
    subjects = [str(letter.subject) for letter in mail.outbox]
    assert subjects[-2:] == ["Your account is frozen", "Your account is unfrozen"]


@pytest.mark.parametrize("held", ["password", "factors"])
def test_real_money_rests_after_a_reset_and_play_money_does_not(alice: User, held: str) -> None:
    real = TradingAccount.objects.create(user=alice, mode=Mode.REAL, name="Real")
    virtual = cast.account_of(alice)
    cast.give(real, "100", "USD")
    protection.hold_real(alice)
    assert protection.is_real_held(alice)
    with refused(Code.ACCOUNT_FROZEN) as details:
        ledger.hold(real, Money(Decimal(1), "USD"), key=held)
    assert details["until"].endswith("Z")
    ledger.hold(virtual, Money(Decimal(1), "USD"), key="v")


def test_a_shorter_hold_never_replaces_a_longer_one(alice: User) -> None:
    protection.hold_real(alice)
    first = alice.real_held_until
    User.objects.filter(pk=alice.pk).update(real_held_until=None)
    alice.refresh_from_db()
    assert alice.real_held_until == first


def test_the_apps_role_says_nothing_about_a_persons_freeze(alice: User) -> None:
    freezing.freeze(alice)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET frozen_at = NULL")
    assert User.objects.get(pk=alice.pk).frozen_at is not None
    with refused(Code.ACCOUNT_FROZEN):
        trading_accounts.open_virtual(user=alice, name="Second", key="k", request_hash="h")


def test_who_froze_everything_may_still_leave(alice: User) -> None:
    freezing.freeze(alice)
    assert closing.close_all(alice) == 1


def test_who_was_frozen_by_the_house_does_not_leave_by_it(alice: User) -> None:
    trading_accounts.freeze(cast.account_of(alice), reason="a question")
    with refused(Code.ACCOUNT_FROZEN), transaction.atomic():
        closing.close_all(alice)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE portfolio_tradingaccount SET frozen_at = NULL, frozen_by = ''",
        "ALTER TABLE accounts_user DISABLE TRIGGER protection_kept",
    ],
)
def test_the_apps_role_lifts_no_freeze_by_itself(alice: User, statement: str) -> None:
    freezing.freeze(alice)
    with (
        nothing_moves(),
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_freeze_comes_after_what_runs_and_before_the_rest(market: None) -> None:
    charlie = cast.charlie()
    account = cast.account_of(charlie)
    stop = threading.Event()

    def spend(thread: int) -> tuple[int, int]:
        passed = turned_down = 0
        while not (stop.is_set() and turned_down):
            try:
                cast.give(account, "1", "USD", key=f"{thread}:{passed}:{turned_down}")
                passed += 1
            except Refused:
                turned_down += 1
        connection.close()
        return passed, turned_down

    with ThreadPoolExecutor(4) as crew:
        spenders = [crew.submit(spend, number) for number in range(4)]
        while not any(one.running() for one in spenders):
            pass
        freezing.freeze(charlie)
        frozen_with = ledger.available(account, "USD")
        stop.set()
        passed = sum(one.result()[0] for one in spenders)
    assert ledger.available(account, "USD") == frozen_with == 10_000 + passed
    assert [one.name for one in books.check().findings if one.count] == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_reset_that_meets_a_freeze_of_the_house_waits_and_is_refused() -> None:
    charlie = cast.charlie()
    account = cast.account_of(charlie)
    frozen = threading.Event()

    def reset() -> Code | None:
        frozen.wait()
        try:
            wanted = {"user": charlie, "account_id": account.public_id}
            trading_accounts.reset(**wanted, key="r", request_hash="h")  # type: ignore[arg-type]
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(1) as crew, no_account_comes_or_goes():
        asked = crew.submit(reset)
        with transaction.atomic():
            trading_accounts.freeze(account, reason="suspected fraud")
            frozen.set()
            wait_for_a_lock()
        assert asked.result() is Code.ACCOUNT_FROZEN


def test_quotes_are_not_made_for_a_frozen_account(alice: User) -> None:
    freezing.freeze(alice)
    with refused(Code.ACCOUNT_FROZEN):
        conversion_quotes.make(
            user=alice,
            account_id=cast.account_of(alice).public_id,
            from_code="USD",
            to_code="CHF",
            amount="100.00",
        )
