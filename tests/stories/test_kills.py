"""Nothing lost, nothing doubled: conversions over HTTP while everything beneath them dies.

The short form takes half a minute and six blows, `--long` the full figures. `KILLS_SEED=…` repeats
the order of the blows.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import psycopg
import pytest

from tests.stories.kills import judge
from tests.stories.kills.story import LONG, SHORT, Outcome, told
from tests.stories.visitor import Visitor
from tests.tradingsite.stack import wait_until
from tradingsite.datafolder import OWNER_KEY, PROJECT
from tradingsite.supervisor import postgres

ANSWERED_S = 30.0
ENTRY_OF = "(SELECT id FROM portfolio_journalentry WHERE key = 'THE_KEY')"
TWIN = """
ALTER TABLE portfolio_journalentry DROP CONSTRAINT journal_entry_key;
INSERT INTO portfolio_journalentry (public_id, account_id, scope, key, request_hash, kind, actor,
    reason, simulated) SELECT gen_random_uuid(), account_id, scope, key, request_hash, kind, actor,
    reason, simulated FROM portfolio_journalentry WHERE id = THE_ENTRY
"""
TAMPERINGS = [
    (TWIN, "doubled: "),
    ("DELETE FROM portfolio_journalentry WHERE id = THE_ENTRY", "lost: "),
    ("UPDATE portfolio_journalentry SET key = 'x' WHERE id = THE_ENTRY", "nobody asked for x"),
    ("UPDATE portfolio_posting SET amount = amount + 1 WHERE entry_id = THE_ENTRY", "answered "),
    ("DELETE FROM portfolio_posting WHERE entry_id = THE_ENTRY", "answered "),
    ("UPDATE portfolio_posting SET amount = 2 * amount WHERE entry_id = THE_ENTRY", "its postings"),
    ("UPDATE portfolio_posting SET amount = amount + 0.01 WHERE amount > 0", "is out by"),
    ("UPDATE portfolio_ledgeraccount SET balance = balance + 1 WHERE id = 1", "says"),
    ("UPDATE portfolio_ledgeraccount SET balance = balance + 1", "was told of"),
]


@pytest.fixture(scope="module")
def outcome(
    long: bool, tmp_path_factory: pytest.TempPathFactory, say: Callable[[str], None]
) -> Iterator[Outcome]:
    """The story, told once; its stack runs on for the tests."""
    with told(tmp_path_factory.mktemp("kills"), LONG if long else SHORT) as outcome:
        for line in outcome.figures():
            say(line)
        yield outcome


@pytest.fixture
def tables(outcome: Outcome) -> Iterator[psycopg.Connection[Any]]:
    """The stack's database as its superuser; whatever a test does there is undone."""
    data = outcome.stack.data
    with psycopg.connect(data.database_url(f"postgres:{data.key(OWNER_KEY)}")) as connection:
        yield connection
        connection.rollback()


def test_nothing_is_lost_and_nothing_doubled(
    outcome: Outcome, tables: psycopg.Connection[Any], long: bool
) -> None:
    assert len(outcome.tale.acknowledged) >= (LONG if long else SHORT).conversions
    assert judge.faults(tables, outcome.tale) == []


@pytest.mark.parametrize(("tampering", "noticed"), TAMPERINGS)
def test_the_judge_notices_what_was_done_behind_its_back(
    outcome: Outcome, tables: psycopg.Connection[Any], tampering: str, noticed: str
) -> None:
    tables.execute("SET session_replication_role = replica")  # no rule of the books stands now
    key = next(iter(outcome.tale.acknowledged))
    tables.execute(tampering.replace("THE_ENTRY", ENTRY_OF.replace("THE_KEY", key)))
    found = judge.faults(tables, outcome.tale)
    assert any(noticed in fault for fault in found), found


@pytest.mark.parametrize("what", ["intended", "acknowledged", "refused", "repeated"])
def test_the_judge_notices_what_the_books_do_not_say(
    outcome: Outcome, tables: psycopg.Connection[Any], what: str
) -> None:
    tale = deepcopy(outcome.tale)
    key = next(iter(tale.acknowledged))
    match what:
        case "intended":
            del tale.intended[key]
        case "acknowledged":
            tale.acknowledged["another"] = tale.acknowledged[key]
        case "refused":
            tale.refused[key] = "quote_expired"
        case "repeated":
            tale.repeated.append((key, tale.acknowledged[key] + " "))
    assert judge.faults(tables, tale) != []


def test_the_books_are_proved_by_the_command(outcome: Outcome) -> None:
    command = [sys.executable, str(PROJECT / "manage.py"), "check_books"]
    own = {"DATA_DIR": str(outcome.stack.data.root), "DATABASE_OWNER_URL": ""}
    environment = os.environ | own
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The books hold." in done.stdout


def test_every_key_gets_its_answer_soon_after_the_last_blow(outcome: Outcome) -> None:
    assert outcome.longest_wait_s() < ANSWERED_S


def test_requests_fail_only_while_something_is_away(outcome: Outcome) -> None:
    assert outcome.unexplained() == []


def test_who_comes_after_a_silent_restart_of_the_database_notices_nothing(
    outcome: Outcome,
) -> None:
    visitor = Visitor(outcome.stack.url).sign_up("latecomer")
    ten = [visitor.again() for _ in range(10)]
    with ThreadPoolExecutor(len(ten)) as threads:
        assert len(set(threads.map(Visitor.account, ten))) == 1  # by ten connections at once
    outcome.stack.kill("postgres")
    wait_until(lambda: postgres.answers(outcome.stack.data), timeout_s=60)
    assert [one.http.get("/api/v1/trading-accounts/").status_code for one in ten] == [200] * 10
