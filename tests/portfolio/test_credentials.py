"""Are keys of exchanges kept, tested, refused and forgotten as their owners may expect?"""

from datetime import timedelta
from time import perf_counter
from uuid import uuid4

import pytest
from celery import current_app
from django.core import mail
from django.db import IntegrityError, transaction

from accounts.models import AuditRecord, User
from core import clock
from core.errors import Broken, Code, Refused
from market.feeds import lean_ccxt, roster
from portfolio import credentials, tasks, venue_check
from portfolio.credentials import TESTING, Finding, State, Verdict
from portfolio.models import ExchangeKey
from tests.accounts.people import make
from tests.portfolio.exchange_keys import KEYS, SECRETS, after_test, grant, kept, wish
from tests.venue.server import VenueServer

pytestmark = pytest.mark.django_db
VENUES = list(credentials.VENUES)
FAULTS = (
    *("down", "silent", "html", "truncated", "error_5xx", "rate_limit_429", "ban_418"),
    *("redirect", "endless"),
)


@pytest.fixture
def alice() -> User:
    return make("alice")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(venue_check, "TIMEOUT_S", 0.4)


@pytest.mark.parametrize("venue", VENUES)
def test_a_key_that_may_read_and_trade_works(alice: User, world: VenueServer, venue: str) -> None:
    grant(world.venues[venue], "read", "trade")
    row = after_test(kept(alice, venue))
    assert (row.state, row.reason) == (State.WORKS, "")
    assert len(row.permissions) == 2


@pytest.mark.parametrize("venue", VENUES)
def test_it_refuses_a_key_that_may_withdraw_and_forgets_it(
    alice: User, world: VenueServer, venue: str, django_capture_on_commit_callbacks
) -> None:
    grant(world.venues[venue], "read", "trade", "withdraw")
    row = kept(alice, venue)
    with django_capture_on_commit_callbacks(execute=True):
        after_test(row)
    assert (row.state, row.sealed) == (State.REFUSED, None)
    assert mail.outbox[-1].subject == "Your exchange key “Mine” is refused"
    assert credentials.opened(row.pk) is None


@pytest.mark.parametrize("venue", VENUES)
def test_a_key_the_venue_does_not_know_rests_and_its_owner_hears_of_it(
    alice: User, world: VenueServer, venue: str, django_capture_on_commit_callbacks
) -> None:
    row = kept(alice, venue)
    with django_capture_on_commit_callbacks(execute=True):
        after_test(row)
    assert row.state == State.PAUSED
    assert "does not accept this key" in row.reason
    assert mail.outbox[-1].subject == "Your exchange key “Mine” is paused"


@pytest.mark.parametrize("venue", ["kraken", "binance"])
def test_a_wrong_secret_rests_the_key(alice: User, world: VenueServer, venue: str) -> None:
    grant(world.venues[venue], "read")
    other = {"kraken": "A" * 86 + "==", "binance": "another secret of mine"}[venue]
    row = credentials.add(alice, wish(venue, secret=other))
    assert after_test(row).state == State.PAUSED


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("venue", VENUES)
def test_an_unclear_answer_leaves_the_key_untested(
    alice: User, world: VenueServer, impatient: None, venue: str, fault: str
) -> None:
    grant(world.venues[venue], "read", "trade", "withdraw")
    world.venues[venue].spoil(fault)
    row = after_test(kept(alice, venue))
    assert (row.state, row.permissions) == (State.UNTESTED, [])
    assert row.reason.endswith("again later.")
    assert row.sealed is not None


def test_a_redirect_is_called_one_and_never_followed(alice: User, world: VenueServer) -> None:
    grant(world.binance, "read")
    world.binance.spoil("redirect")
    row = after_test(kept(alice))
    assert (row.state, "another address" in row.reason) == (State.UNTESTED, True)
    assert [path for path in world.binance.requests if "elsewhere" in path] == []


def test_no_more_is_read_than_an_answer_may_hold(alice: User, world: VenueServer) -> None:
    world.binance.spoil("endless")
    assert "no clear answer" in after_test(kept(alice)).reason


def test_a_venue_that_drips_is_heard_no_longer_than_agreed(
    alice: User, world: VenueServer, impatient: None
) -> None:
    world.binance.spoil("dripping")
    began = perf_counter()
    assert "did not answer" in after_test(kept(alice)).reason
    assert perf_counter() - began < 3


BODIES = {
    "kraken": ('{"error":[],"result":{}}', '{"error":[],"result":{"permissions":"all"}}', "[]"),
    "coinbase": ('{"can_view":true,"can_trade":true}', '{"can_transfer":"false"}', "null"),
    "binance": ('{"enableReading":true}', '{"enableReading":true,"enableWithdrawals":0}', "{}"),
}
PATHS = {"kraken": "GetApiKeyInfo", "coinbase": "key_permissions", "binance": "apiRestrictions"}


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("venue", VENUES)
def test_a_body_that_does_not_say_whether_it_may_withdraw_is_no_yes(
    alice: User, world: VenueServer, venue: str, number: int
) -> None:
    grant(world.venues[venue], "read", "trade")
    world.venues[venue].say(PATHS[venue], BODIES[venue][number])
    assert after_test(kept(alice, venue)).state == State.UNTESTED


@pytest.mark.parametrize("venue", VENUES)
def test_a_body_nested_without_end_is_no_clear_answer(
    alice: User, world: VenueServer, venue: str
) -> None:
    grant(world.venues[venue], "read", "trade")
    world.venues[venue].say(PATHS[venue], "[" * 100_000)
    assert after_test(kept(alice, venue)).reason.endswith("again later.")


def test_the_sandbox_is_asked_for_a_sandbox_key(alice: User, world: VenueServer) -> None:
    grant(world.binance, "read", "trade")
    row = after_test(kept(alice, "binance", "sandbox"))
    assert row.state == State.WORKS
    assert [path.partition("?")[0] for path in world.binance.requests] == [
        "/binance/api/v3/account"
    ]


def test_a_working_key_that_is_denied_later_rests(alice: User, world: VenueServer) -> None:
    grant(world.binance, "read", "trade")
    row = after_test(kept(alice))
    world.binance.keys.clear()
    credentials.retest(alice, row.public_id)
    assert after_test(row).state == State.PAUSED


def test_a_test_wanted_again_makes_a_working_key_untested(alice: User, world: VenueServer) -> None:
    grant(world.binance, "read", "trade")
    row = after_test(kept(alice))
    world.binance.spoil("error_5xx")
    credentials.retest(alice, row.public_id)
    assert after_test(row).state == State.UNTESTED


def test_what_no_request_can_be_signed_with_stays_untested(alice: User, world: VenueServer) -> None:
    row = credentials.add(alice, wish("coinbase", secret=SECRETS["coinbase"][:90]))
    assert after_test(row).state == State.UNTESTED
    assert world.coinbase.requests == []


def test_a_test_that_says_nothing_is_over_after_a_minute(alice: User) -> None:
    row = kept(alice)
    assert credentials.shown_state(row) == TESTING
    with clock.frozen(clock.now() + credentials.TEST_LASTS):
        assert credentials.shown_state(row) == State.UNTESTED


def test_the_worker_is_told_the_rows_number_and_nothing_else(
    alice: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    sent: list[object] = []
    app = current_app
    monkeypatch.setattr(app, "send_task", lambda *args, **kwargs: sent.append((args, kwargs)))
    with django_capture_on_commit_callbacks(execute=True):
        row = kept(alice)
    assert sent == [((tasks.test_key.name,), {"args": [row.pk]})]


def test_revoking_deletes_the_secret_and_leaves_the_row(alice: User, world: VenueServer) -> None:
    row = kept(alice)
    credentials.revoke(alice, row.public_id)
    credentials.revoke(alice, row.public_id)
    assert after_test(row).state == State.REVOKED
    assert (row.sealed, row.key_end, row.ended_at is None) == (None, KEYS["binance"][-4:], False)
    assert world.binance.requests == []
    events = AuditRecord.objects.order_by("pk").values_list("event", flat=True)
    assert list(events) == ["exchange key added", "exchange key revoked"]


def test_an_answer_that_comes_after_the_end_changes_nothing(alice: User) -> None:
    row = kept(alice)
    credentials.revoke(alice, row.public_id)
    before = AuditRecord.objects.count()
    credentials.learn(row.pk, Finding(Verdict.WORKS))
    row.refresh_from_db()
    assert (row.state, AuditRecord.objects.count()) == (State.REVOKED, before)


def test_it_refuses_a_sixth_live_key(alice: User) -> None:
    rows = [kept(alice) for _ in range(credentials.LIVE_MAX)]
    with pytest.raises(Refused) as refused:
        kept(alice)
    assert refused.value.code == Code.TOO_MANY
    credentials.revoke(alice, rows[0].public_id)
    assert kept(alice).state == State.UNTESTED


@pytest.mark.parametrize("venue", ["kraken", "coinbase"])
def test_it_refuses_a_sandbox_where_there_is_none(alice: User, venue: str) -> None:
    with pytest.raises(Refused, match="no sandbox"):
        kept(alice, venue, "sandbox")
    assert not ExchangeKey.objects.exists()


def test_it_refuses_real_money_without_a_confirmed_address() -> None:
    bob = make("bob", confirmed=False)
    with pytest.raises(Refused) as refused:
        kept(bob)
    assert refused.value.code == Code.FORBIDDEN
    assert kept(bob, "binance", "sandbox").mode == "sandbox"


def test_it_refuses_a_key_of_somebody_who_may_only_look(alice: User) -> None:
    alice.may_trade = False
    with pytest.raises(Refused, match="not trade"):
        kept(alice)


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": " "},
        {"label": "x" * 61},
        {"label": "a\nb"},
        {"key": "short"},
        {"key": "k" * 201},
        {"key": "kéykéykéy"},
        {"secret": "s" * 5000},
        {"secret": "s\x00" * 20},
        {"mode": "virtual"},
    ],
)
def test_it_refuses_what_cannot_be_a_key(alice: User, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        credentials.add(alice, wish(**wrong))
    assert refused.value.code == Code.MALFORMED
    assert not ExchangeKey.objects.exists()


def test_it_refuses_half_a_secret_of_kraken(alice: User) -> None:
    with pytest.raises(Refused, match="copy it whole"):
        credentials.add(alice, wish("kraken", secret=SECRETS["kraken"][:44]))


def test_another_persons_key_does_not_exist(alice: User) -> None:
    row, bob = kept(alice), make("bob")
    for work in (credentials.get, credentials.retest, credentials.revoke):
        for public_id in (row.public_id, uuid4()):
            with pytest.raises(Refused) as refused:
                work(bob, public_id)
            assert refused.value.code == Code.NOT_FOUND


def test_a_sealed_key_moved_to_another_person_does_not_open(alice: User) -> None:
    row = kept(alice)
    ExchangeKey.objects.filter(pk=row.pk).update(user=make("bob"))
    with pytest.raises(Broken):
        credentials.opened(row.pk)


def test_the_database_keeps_no_secret_of_an_ended_key(alice: User) -> None:
    row = kept(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExchangeKey.objects.filter(pk=row.pk).update(state=State.REVOKED, ended_at=clock.now())


def test_every_venue_here_is_one_of_the_roster_and_has_the_sandbox_ccxt_knows() -> None:
    for venue in credentials.VENUES.values():
        assert venue.name in {source.name for source in roster.ALL}
        known = lean_ccxt.rest_class(venue.name)().urls.get("test")
        assert bool(known) == venue.has_sandbox
        assert ((venue.name, "sandbox") in venue_check.DESKS) == venue.has_sandbox


def test_a_test_already_under_way_is_not_asked_for_twice(alice: User) -> None:
    row = kept(alice)
    assert credentials.retest(alice, row.public_id).asked_at == row.asked_at
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        assert credentials.retest(alice, row.public_id).asked_at > row.asked_at
