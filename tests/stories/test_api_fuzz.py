"""Does any request make the API break its own description? Schemathesis asks the real process."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from django.conf import settings as settings_
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from accounts import tokens
from accounts.models import User
from core.push import redis_client
from portfolio import freezing, trading_accounts
from tests.accounts import people
from tests.market.frames import Publisher
from tests.portfolio import exchange_keys, prices
from tests.web_process import WebProcess
from tradingsite.api import described

log = logging.getLogger(__name__)
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
EXAMPLES, LONG_EXAMPLES = 20, 300  # per operation, visitor and kind of data
REQUESTS, LONG_REQUESTS = 1_000, 10_000  # at least so many of each visitor
SEQUENCES, LONG_SEQUENCES, STEPS = 12, 200, 8
REFRESH_EVERY = 40  # requests: well below any limit of requests a minute
_requests = count()
SCHEMA = schemathesis.openapi.from_dict(json.loads(described()))
OPERATIONS = [
    operation
    for operation in (one.ok() for one in SCHEMA.get_all_operations())  # type: ignore[union-attr]
    if not operation.path.startswith("/sse/")  # never ends
]
BY_SESSION = (
    *("/tokens/", "/exchange-credentials/", "/me/exports/", "/me/unfreeze/", "/me/delete/"),
)
SESSIONS_OWN = [one for one in OPERATIONS if any(part in one.path for part in BY_SESSION)]
load_all_checks()
ACCEPTANCE = CHECKS.get_one("positive_data_acceptance")
# These ask for a name that the house or an exchange gave - a currency, an indicator, a cursor, an
# id, a field, a key -, for a key that comes once or for what can be printed: made-up ones fit the
# description and are refused all the same.
NAMING = {
    *("POST /api/v1/conversion-quotes/", "GET /api/v1/quotes/", "GET /api/v1/indicators/"),
    *("PUT /api/v1/me/favourites/{code}/", "PATCH /api/v1/me/", "GET /api/v1/news/"),
    *("GET /api/v1/exchange-credentials/", "POST /api/v1/exchange-credentials/"),
    *("POST /api/v1/me/delete/", "POST /api/v1/tokens/"),
    *("GET /api/v1/signals/", "GET /api/v1/trading-accounts/", "POST /api/v1/trading-accounts/"),
    *(
        f"{name} /api/v1/trading-accounts/{{account_id}}/{part}/"
        for name, part in (("GET", "balances"), ("GET", "entries"), ("POST", "reset"))
    ),
}
# A made-up token beside a session that counts changes nothing.
UNASKED_BY_SESSION = [CHECKS.get_one("ignored_auth")]


@dataclass(frozen=True)
class Asking:
    """Who asks which process, how often."""

    web: WebProcess
    headers: dict[str, str]
    account: str
    examples: int
    operations: list[Any] = field(default_factory=lambda: OPERATIONS)
    unasked: list[Any] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)  # status codes, in the order of the answers

    def faults(self) -> list[str]:
        """What went wrong over all operations, with data that fits and data that does not.

        Logged at once as well: the long form takes its time.
        """
        found = []
        for operation in self.operations:
            for mode in GenerationMode:
                try:
                    self.ask(operation, mode)
                except Unsatisfiable:
                    continue  # nothing about it can be wrong
                except BaseExceptionGroup as fault:
                    found.append(f"{operation.label} ({mode.value}): {fault}")
                    log.warning(found[-1])
                log.warning("%s requests, up to %s", len(self.sent), operation.label)
        return found

    def ask(self, operation: Any, mode: GenerationMode) -> None:
        """Send so many requests; raises an exception group with what the checks found."""

        @settings(
            max_examples=self.examples,
            deadline=None,
            database=None,
            derandomize=self.examples == EXAMPLES,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case: Any) -> None:
            refresh()
            if mode is GenerationMode.POSITIVE and "account_id" in case.path_parameters:
                case.path_parameters["account_id"] = self.account
            answer = case.call(base_url=self.web.url, headers=self.headers)
            self.sent.append(answer.status_code)
            assert exchange_keys.CANARY not in answer.text
            unasked = self.unasked + unasked_of(operation, answer)
            case.validate_response(answer, headers=self.headers, excluded_checks=unasked)

        one()


def unasked_of(operation: Any, answer: Any) -> list[Any]:
    """Checks that say nothing about this answer; the house reads no NUL, wherever it stands."""
    has_nul = "%00" in answer.request.url
    return [ACCEPTANCE] if has_nul or operation.label in NAMING else []


def refresh() -> None:
    """Prices are young, no limit is reached, and whoever froze their account may go on."""
    for person in User.objects.exclude(frozen_at=None):
        freezing.unfreeze(person)
    if next(_requests) % REFRESH_EVERY == 0:
        prices.publish_all()
        for key in redis_client().scan_iter("throttle:*"):
            redis_client().delete(key)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    writer = Publisher("USD", "EUR")
    yield writer
    writer.end()


@pytest.fixture
def examples(long: bool) -> int:
    return LONG_EXAMPLES if long else EXAMPLES


@pytest.fixture
def requests(long: bool) -> int:
    return LONG_REQUESTS if long else REQUESTS


@pytest.fixture
def alice_asks(web: WebProcess, publisher: Publisher, examples: int) -> Asking:
    return asking(web, "alice", examples)


def asking(web: WebProcess, name: str, examples: int) -> Asking:
    """A new person with an account, who asks with a token."""
    person = people.make(name)
    account = trading_accounts.ensure_virtual(user=person)
    _, token = tokens.issue(person, name="fuzz", scopes=["read", "trade-virtual"])
    headers = {"Authorization": f"Bearer {token}"}
    return Asking(web, headers, str(account.public_id), examples)


def test_it_keeps_its_word_to_somebody_with_a_token(alice_asks: Asking, requests: int) -> None:
    faults = alice_asks.faults()
    assert not faults, "\n\n".join(faults)
    assert len(alice_asks.sent) >= requests


def test_it_keeps_its_word_to_somebody_signed_in(
    web: WebProcess, publisher: Publisher, client: Client, examples: int
) -> None:
    """What only the site may ask, from a session that has just shown its second factor."""
    alice = people.make("alice")
    people.enter_as_staff(client, alice, fresh_s=3600)
    exchange_keys.kept(alice)
    csrf = "c" * 32
    cookies = {settings_.SESSION_COOKIE_NAME: client.session.session_key or ""}
    cookies |= {settings_.CSRF_COOKIE_NAME: csrf}
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = {"Cookie": cookie, "X-CSRFToken": csrf, "Origin": web.url}
    asking = Asking(web, headers, str(uuid4()), examples, SESSIONS_OWN, UNASKED_BY_SESSION)
    faults = asking.faults()
    assert not faults, "\n\n".join(faults)
    assert {200, 400} <= set(asking.sent)
    assert len(SESSIONS_OWN) >= 8


def test_it_keeps_its_word_to_a_stranger(
    web: WebProcess, publisher: Publisher, examples: int, requests: int
) -> None:
    stranger = Asking(web, {}, str(uuid4()), examples)
    faults = stranger.faults()
    assert not faults, "\n\n".join(faults)
    assert len(stranger.sent) >= requests


def test_it_keeps_its_word_in_sequences(web: WebProcess, publisher: Publisher, long: bool) -> None:
    """What one answer names is asked for next, by somebody new in each sequence."""
    sent: list[int] = []
    names = (f"walker{number}" for number in count())

    class Sequence(SCHEMA.as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.headers = asking(web, next(names), 1).headers

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            refresh()
            return {"base_url": web.url, "headers": self.headers}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            sent.append(response.status_code)
            unasked = unasked_of(case.operation, response)
            case.validate_response(response, headers=self.headers, excluded_checks=unasked)

    Sequence.run(
        settings=settings(
            max_examples=LONG_SEQUENCES if long else SEQUENCES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not long,
            suppress_health_check=list(HealthCheck),
        )
    )
    assert {200, 201} & set(sent)
