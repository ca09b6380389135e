"""Does any request make the API break its own description? Schemathesis asks the real process."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from accounts import tokens
from core.push import redis_client
from portfolio import trading_accounts
from tests.accounts import people
from tests.market.frames import Publisher
from tests.portfolio import prices
from tests.web_process import WebProcess
from tradingsite.api import described

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
EXAMPLES, LONG_EXAMPLES = 6, 300  # per operation, visitor and kind of data
SCHEMA = schemathesis.openapi.from_dict(json.loads(described()))
OPERATIONS = [
    operation
    for operation in (one.ok() for one in SCHEMA.get_all_operations())  # type: ignore[union-attr]
    if not operation.path.startswith("/sse/")  # never ends
]
load_all_checks()
# A currency nobody knows fits the description and is refused all the same.
UNASKED = [CHECKS.get_one("positive_data_acceptance")]


@dataclass(frozen=True)
class Asking:
    """Who asks which process, how often."""

    web: WebProcess
    headers: dict[str, str]
    account: str
    examples: int

    def faults(self) -> list[str]:
        """What went wrong over all operations, with data that fits and data that does not."""
        found = []
        for operation in OPERATIONS:
            for mode in GenerationMode:
                try:
                    self.ask(operation, mode)
                except Unsatisfiable:
                    continue  # nothing about it can be wrong
                except BaseExceptionGroup as fault:
                    found.append(f"{operation.label} ({mode.value}): {fault}")
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
            case.call_and_validate(
                base_url=self.web.url, headers=self.headers, excluded_checks=UNASKED
            )

        one()


def refresh() -> None:
    """Prices are young, and no limit is reached."""
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


def test_it_keeps_its_word_to_somebody_with_a_token(
    web: WebProcess, publisher: Publisher, examples: int
) -> None:
    alice = people.make("alice")
    account = trading_accounts.ensure_virtual(user=alice)
    _, token = tokens.issue(alice, name="fuzz", scopes=["read", "trade-virtual"])
    headers = {"Authorization": f"Bearer {token}"}
    faults = Asking(web, headers, str(account.public_id), examples).faults()
    assert not faults, "\n\n".join(faults)


def test_it_keeps_its_word_to_a_stranger(
    web: WebProcess, publisher: Publisher, examples: int
) -> None:
    faults = Asking(web, {}, str(uuid4()), examples).faults()
    assert not faults, "\n\n".join(faults)
