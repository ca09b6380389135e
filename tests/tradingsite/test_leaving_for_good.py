"""Once somebody has left and it is committed: do books and seals hold, and are sockets closed?"""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connection
from websockets.exceptions import ConnectionClosed

from accounts import tokens
from accounts.models import User
from core.errors import Refused
from portfolio import books, conversion_quotes, seal_check, seals, trading_accounts
from portfolio.models import JournalEntry, TradingAccount
from tests import cast
from tests.accounts.people import make
from tests.portfolio import prices
from tests.web_process import WebProcess
from tradingsite import leaving

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
WAIT_S = 20


def at_once(*work: object) -> list[object]:
    """What each answers, or is refused with, when all begin together."""
    begin = threading.Barrier(len(work))

    def one(call: object) -> object:
        begin.wait(WAIT_S)
        try:
            return call()  # type: ignore[operator]
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(one, work))


def test_books_and_seals_hold_before_and_after() -> None:
    user = cast.alice()
    seals.seal()
    leaving.leave(user)
    assert books.check().holds
    assert seal_check.check().holds
    seals.seal()
    assert seal_check.check().holds
    call_command("check_audit", without_copies=True, verbosity=0)


def test_their_sockets_close(web: WebProcess) -> None:
    user = make("alice")
    _, text = tokens.issue(user, name="mine", scopes=["read"])
    bearer = {"Authorization": f"Bearer {text}"}
    with web.socket("/ws/me/", additional_headers=bearer) as socket:
        assert "ready" in str(socket.recv(timeout=WAIT_S))
        leaving.leave(user)
        with pytest.raises(ConnectionClosed) as end:
            socket.recv(timeout=WAIT_S)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 4401


def test_of_two_last_administrators_who_leave_at_once_one_stays() -> None:
    people = [make(name, is_staff=True, is_superuser=True) for name in ("dana", "erin")]
    answers = at_once(*[lambda user=user: leaving.leave(user) for user in people])
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_conversions_that_run_end_before_it_or_not_at_all() -> None:
    prices.publish_all()
    user = cast.alice()
    account = cast.account_of(user)
    wish = {"from_code": "USD", "to_code": "CHF", "amount": "100.00"}
    quotes = [
        conversion_quotes.make(user=user, account_id=account.public_id, **wish).public_id
        for _ in range(5)
    ]
    accepting = [
        partial(conversion_quotes.accept, user=user, quote_id=one, key=str(one), request_hash="h")
        for one in quotes
    ]
    *answers, gone = at_once(*accepting, lambda: leaving.leave(user))
    assert isinstance(gone, leaving.Farewell)
    done = [one for one in answers if not isinstance(one, Refused)]
    closed = TradingAccount.objects.get(pk=account.pk).closed_at
    made = JournalEntry.objects.filter(kind="conversion")
    assert made.count() == len(done)
    assert all(entry.created_at <= closed for entry in made if closed)
    assert books.check().holds


def test_no_account_is_opened_by_somebody_who_leaves_meanwhile() -> None:
    user = cast.charlie()
    at_once(
        lambda: leaving.leave(user),
        lambda: trading_accounts.open_virtual(user=user, name="More", key="m", request_hash="h"),
    )
    assert not trading_accounts.of(user).exists()
    assert books.check().holds
