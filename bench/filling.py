"""With what are scratch databases filled? One person's ten thousand accounts and their entries.

Importing this sets Django up, as the owner of the database of DATA_DIR (or DATABASE_URL).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")

import django

from tradingsite.datafolder import become_owner

become_owner()
django.setup()

from django.core.management import call_command
from django.db import connections
from django.test.utils import setup_databases, teardown_databases

from core.money import Money
from portfolio import ledger
from portfolio.ledger import Draft, Kind, Leg
from portfolio.models import JournalEntry

ACCOUNTS = 10_000
RATE, FEE = Decimal("0.895095"), Decimal("0.01")
# The legs of one exchange of 1.00 USD into EUR: kind, currency, amount.
LEGS = (
    (Kind.AVAILABLE, "USD", Decimal("-1.00")),
    (Kind.LIQUIDITY, "USD", Decimal("0.99")),
    (Kind.FEES, "USD", FEE),
    (Kind.LIQUIDITY, "EUR", Decimal("-0.8861440500")),
    (Kind.AVAILABLE, "EUR", Decimal("0.88")),
    (Kind.ROUNDING, "EUR", Decimal("0.0061440500")),
)


@contextmanager
def scratch(name: str) -> Iterator[None]:
    """A database of its own inside the block, with tables, rules and catalog."""
    for alias in connections:
        connections[alias].settings_dict["TEST"]["NAME"] = f"{name}_{os.getpid()}"
    made = setup_databases(verbosity=0, interactive=False)
    connections["default"].settings_dict["TEST"]["MIRROR"] = None
    try:
        call_command("prepare_database", verbosity=0)
        yield
    finally:
        for alias in connections:
            connections[alias].close()
            getattr(connections[alias], "close_pool", lambda: None)()
        teardown_databases(made, verbosity=0)


def open_accounts() -> None:
    """Accounts with money in two currencies, made by the function itself."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_user (password, is_superuser, username, first_name, last_name,"
            " email, is_staff, is_active, date_joined, public_id) VALUES"
            " ('', false, 'bench', '', '', 'bench@example.org', false, true, now(),"
            " gen_random_uuid())"
        )
        born = "ALTER TABLE portfolio_tradingaccount {} TRIGGER account_born"  # grants come below
        cursor.execute(born.format("DISABLE"))
        cursor.execute(
            "INSERT INTO portfolio_tradingaccount (id, public_id, user_id, mode, name, opened_at,"
            " frozen_reason) SELECT n, gen_random_uuid(), (SELECT max(id) FROM accounts_user),"
            f" 'virtual', 'bench', now(), '' FROM generate_series(1, {ACCOUNTS}) n"
        )
        cursor.execute(born.format("ENABLE"))
    for start in range(1, ACCOUNTS, 500):
        ledger.post_many([grant(n) for n in range(start, start + 500)], mode="virtual")
    legs = tuple(Leg(kind, Money(amount, code)) for kind, code, amount in LEGS)
    ledger.post(Draft(1, "grant", legs, "first"), mode="virtual")  # opens the house's accounts


def grant(account: int) -> Draft:
    """Money enough for every run."""
    legs = (
        Leg(kind, Money(amount, code))
        for code in ("USD", "EUR")
        for kind, amount in ((Kind.AVAILABLE, Decimal(10**9)), (Kind.EQUITY, Decimal(-(10**9))))
    )
    return Draft(account, "grant", tuple(legs), f"seed:{account}")


FILL = """
WITH made AS (
    INSERT INTO portfolio_journalentry (public_id, account_id, scope, key, request_hash, kind,
        actor, reason, simulated)
    SELECT gen_random_uuid(), 1 + n % {accounts}, 'fill', n::text, 'h', 'grant', 'bench', '', false
    FROM generate_series({first}, {last}) n RETURNING id, account_id),
written AS (
    INSERT INTO portfolio_posting (entry_id, account_id, amount)
    SELECT made.id, a.id, leg.amount FROM made CROSS JOIN (VALUES {legs}) leg (kind, code, amount)
    JOIN portfolio_ledgeraccount a ON a.kind = leg.kind AND a.currency = leg.code
        AND coalesce(a.owner_id, 0)
            = CASE WHEN leg.kind LIKE 'house:%' THEN 0 ELSE made.account_id END
    RETURNING account_id, amount)
UPDATE portfolio_ledgeraccount a SET balance = balance + moved.amount
FROM (SELECT account_id, sum(amount) AS amount FROM written GROUP BY account_id) moved
WHERE a.id = moved.account_id AND a.owner_id IS NOT NULL
"""


def fill(entries: int) -> None:
    """Bring the journal up to so many entries: as the owner, by sets, or it would take an hour."""
    legs = ", ".join(f"('{kind.value}', '{code}', {amount})" for kind, code, amount in LEGS)
    missing = max(0, entries - JournalEntry.objects.count())
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")  # or a set is joined row by row
        cursor.execute("ALTER TABLE portfolio_posting DISABLE TRIGGER USER")
        for first in range(1, missing + 1, 50_000):
            last = min(first + 49_999, missing)
            cursor.execute(FILL.format(accounts=ACCOUNTS, legs=legs, first=first, last=last))
        cursor.execute("ALTER TABLE portfolio_posting ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE")
