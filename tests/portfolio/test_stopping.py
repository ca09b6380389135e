"""Does a stop of the house end every movement of everybody's money, and nothing else?"""

import threading
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import AuditRecord, User
from core.errors import Code, Refused
from core.money import Money
from portfolio import ledger, stopping, trading_accounts
from portfolio.models import Stop
from tests import cast
from tests.portfolio.caller import Caller, code_of
from tests.portfolio.stillness import nothing_moves, refused

pytestmark = pytest.mark.django_db
WHY = "The books are being looked at."


@pytest.fixture
def alice(market: None) -> User:
    return cast.alice()


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", "root@example.org", None)


def test_every_way_to_move_money_is_closed_to_everybody(alice: User, root: User) -> None:
    caller, account, bobs = Caller(alice), cast.account_of(alice), cast.account_of(cast.bob())
    quote = caller.quote().json()["id"]
    assert stopping.stop(reason=WHY, by=root)
    with nothing_moves():
        new, again = {"mode": "virtual", "name": "More"}, f"trading-accounts/{account.public_id}/"
        assert code_of(caller.accept(quote)) == (409, "account_frozen")
        assert code_of(caller.quote()) == (409, "account_frozen")
        assert code_of(caller.post("trading-accounts/", new, key="a")) == (409, "account_frozen")
        assert code_of(caller.post(f"{again}reset/", key="b")) == (409, "account_frozen")
    with refused(Code.ACCOUNT_FROZEN):
        ledger.hold(bobs, Money(Decimal(1), "USD"), key="c")


def test_what_was_done_before_is_still_answered(alice: User, root: User) -> None:
    caller = Caller(alice)
    quote = caller.quote().json()["id"]
    done = caller.accept(quote, key="k")
    stopping.stop(reason=WHY, by=root)
    again = caller.accept(quote, key="k")
    assert (again.status_code, again.content) == (200, done.content)


def test_holds_are_given_back_and_newcomers_get_their_play_money(alice: User, root: User) -> None:
    held = ledger.hold(cast.account_of(alice), Money(Decimal(5), "USD"), key="h")
    stopping.stop(reason=WHY, by=root)
    ledger.release(held, key="r")
    newcomer = User.objects.create_user("carol", "carol@example.org", None)
    trading_accounts.ensure_virtual(user=newcomer)
    assert ledger.available(cast.account_of(newcomer), "USD") == 10_000


def test_money_moves_again_when_the_stop_is_ended(alice: User, root: User) -> None:
    caller = Caller(alice)
    assert stopping.stop(reason=WHY, by=root)
    assert not stopping.stop(reason=WHY, by=root)
    assert stopping.resume(reason="All is well again.", by=root)
    assert not stopping.resume(reason="All is well again.", by=root)
    assert caller.accept(caller.quote().json()["id"]).status_code == 200
    events = AuditRecord.objects.filter(thing="house").values_list("event", flat=True)
    assert sorted(events) == ["all money moves again", "all money stopped"]
    assert [one.reason for one in stopping.recent()] == [WHY]


@pytest.mark.parametrize("reason", ["", "short", "x" * 201, "a line\nand another one"])
def test_a_stop_needs_a_reason(root: User, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        stopping.stop(reason=reason, by=root)
    assert caught.value.code is Code.MALFORMED
    assert stopping.current() is None


def test_people_are_told_since_when_and_what_staff_wants_them_to_know(root: User) -> None:
    assert stopping.notice() is None
    stopping.stop(reason=WHY, told=" We are back at noon. ", by=root)
    now, notice = stopping.current(), stopping.notice()
    assert now
    assert notice == stopping.Notice(now.began_at, "We are back at noon.")


@pytest.mark.parametrize("told", ["short", "x" * 201, "a line\nand another one"])
def test_people_are_told_nothing_they_cannot_read(root: User, told: str) -> None:
    with pytest.raises(Refused) as caught:
        stopping.stop(reason=WHY, told=told, by=root)
    assert (caught.value.code, caught.value.details["field"]) == (Code.MALFORMED, "told")
    assert stopping.current() is None


def test_only_administrators_stop_the_house(alice: User) -> None:
    support = User.objects.create_user("sue", "sue@example.org", None, is_staff=True)
    for person in (alice, support):
        with pytest.raises(Refused) as caught:
            stopping.stop(reason=WHY, by=person)
        assert caught.value.code is Code.FORBIDDEN
    assert stopping.current() is None


def test_nobody_writes_a_stop_past_the_function() -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Stop.objects.create(reason=WHY, began_by="nobody")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_stop_waits_for_what_moves_and_comes_before_what_follows(alice: User, root: User) -> None:
    account, stopped = cast.account_of(alice), threading.Event()

    def stop() -> None:
        stopping.stop(reason=WHY, by=root)
        stopped.set()
        connection.close()

    def take(key: str) -> None:
        ledger.hold(account, Money(Decimal(1), "USD"), key=key)

    with transaction.atomic():
        take("first")
        thread = threading.Thread(target=stop)
        thread.start()
        assert not stopped.wait(0.3)
        take("second")  # still the same movement
    thread.join()
    assert stopped.is_set()
    with refused(Code.ACCOUNT_FROZEN):
        take("third")
