"""Was anything lost or doubled? The clients' records against the tables, by SQL of its own.

Nothing of the product is asked: neither its rooms nor its own proof of the books.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.stories.kills.record import Tale

Row = dict[str, Any]
GRANT = Decimal(10_000)
NOTHING_MOVED = {"quote_expired", "insufficient_funds"}
ENTRIES = """
SELECT e.key, e.kind, e.public_id::text AS id, e.created_at AT TIME ZONE 'UTC' AS time,
    t.public_id::text AS account, q.public_id::text AS quote,
    q.amount_from::text AS amount_from, q.amount_to::text AS amount_to, q.fee::text AS fee,
    (SELECT array_agg(ARRAY[a.kind, a.currency, p.amount::text] ORDER BY p.id)
     FROM portfolio_posting p JOIN portfolio_ledgeraccount a ON a.id = p.account_id
     WHERE p.entry_id = e.id) AS postings
FROM portfolio_journalentry e
JOIN portfolio_tradingaccount t ON t.id = e.account_id
LEFT JOIN portfolio_conversionquote q ON q.accepted_entry_id = e.id
"""
UNBALANCED = """
SELECT 'entry ' || p.entry_id || ' is out by ' || sum(p.amount) || ' ' || a.currency AS fault
FROM portfolio_posting p JOIN portfolio_ledgeraccount a ON a.id = p.account_id
GROUP BY p.entry_id, a.mode, a.currency HAVING sum(p.amount) <> 0
UNION ALL
SELECT 'all of ' || a.currency || ' is out by ' || sum(p.amount)
FROM portfolio_posting p JOIN portfolio_ledgeraccount a ON a.id = p.account_id
GROUP BY a.mode, a.currency HAVING sum(p.amount) <> 0
"""
DRIFTED = """
SELECT 'ledger account ' || a.id || ' says ' || coalesce(a.balance::text, 'nothing')
    || ', its postings ' || coalesce(sum(p.amount), 0) AS fault
FROM portfolio_ledgeraccount a LEFT JOIN portfolio_posting p ON p.account_id = a.id
WHERE a.owner_id IS NOT NULL
GROUP BY a.id, a.balance HAVING a.balance IS DISTINCT FROM coalesce(sum(p.amount), 0)
    OR a.balance < 0
"""
BALANCES = """
SELECT t.public_id::text AS account, a.currency, a.balance
FROM portfolio_ledgeraccount a JOIN portfolio_tradingaccount t ON t.id = a.owner_id
"""


def faults(connection: psycopg.Connection[Any], tale: Tale) -> list[str]:
    """Everything that is wrong, in plain words; empty where nothing is."""
    with connection.cursor(row_factory=dict_row) as cursor:
        entries = cursor.execute(ENTRIES).fetchall()
        balances = cursor.execute(BALANCES).fetchall()
        wrong = [row["fault"] for row in cursor.execute(UNBALANCED).fetchall()]
        wrong += [row["fault"] for row in cursor.execute(DRIFTED).fetchall()]
    conversions = [row for row in entries if row["kind"] == "conversion"]
    grants = Counter(row["account"] for row in entries if row["kind"] == "grant")
    wrong += [f"account {account} has {n} grants" for account, n in grants.items() if n > 1]
    wrong += keys(conversions, tale)
    wrong += answers(conversions, tale)
    wrong += sums(balances, grants, tale)
    return wrong


def keys(conversions: list[Row], tale: Tale) -> Iterator[str]:
    """Is every acknowledged key in the journal once, and nothing else?"""
    booked = Counter(row["key"] for row in conversions)
    quotes = Counter(row["quote"] for row in conversions)
    yield from (f"doubled: {key} stands {n} times" for key, n in booked.items() if n > 1)
    yield from (f"quote {quote} was used {n} times" for quote, n in quotes.items() if n > 1)
    yield from (f"lost: {key}" for key in tale.acknowledged.keys() - booked.keys())
    yield from (f"nobody asked for {key}" for key in booked.keys() - tale.intended.keys())
    yield from (f"refused, yet done: {key}" for key in booked.keys() & tale.refused.keys())
    yield from (f"never answered: {key}" for key in tale.intended.keys() - tale.settled.keys())
    for key, code in tale.refused.items():
        if code not in NOTHING_MOVED:
            yield f"refused without reason: {key} {code}"


def answers(conversions: list[Row], tale: Tale) -> Iterator[str]:
    """Does the journal say exactly what was acknowledged, and the second answer the same?"""
    for row in conversions:
        if row["key"] in tale.acknowledged:
            said = told(json.loads(tale.acknowledged[row["key"]]))
            if said != (kept := stored(row)):
                yield f"answered {said}, kept {kept}"
    for key, body in tale.repeated:
        if body != tale.acknowledged[key]:
            yield f"another answer the second time: {key}"


def told(answer: Row) -> Row:
    """What an answer says, in the judge's terms."""
    quote = answer["quote"]
    return {
        **{name: answer[name] for name in ("key", "kind", "id", "time")},
        **{name: Decimal(quote[name]) for name in ("amount_from", "amount_to", "fee")},
        "account": quote["account"],
        "quote": quote["id"],
        "postings": [
            (line["account"], line["currency"], Decimal(line["amount"]))
            for line in answer["postings"]
        ],
    }


def stored(row: Row) -> Row:
    """What the tables say, in the same terms."""
    kept = row | {"time": row["time"].isoformat(timespec="milliseconds") + "Z"}
    for name in ("amount_from", "amount_to", "fee"):
        kept[name] = Decimal(row[name] or "NaN")
    lines = row["postings"] or []
    kept["postings"] = [(kind, code, Decimal(amount)) for kind, code, amount in lines]
    return kept


def sums(balances: list[Row], grants: Counter[str], tale: Tale) -> Iterator[str]:
    """Has everybody exactly the grant and what was acknowledged, to the last digit?"""
    expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for account in grants:
        expected[account, "USD"] = GRANT
    for body in tale.acknowledged.values():
        said = told(json.loads(body))
        for kind, currency, amount in said["postings"]:
            if kind == "available":
                expected[said["account"], currency] += amount
    has: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in balances:
        has[row["account"], row["currency"]] += row["balance"]
    for pot in expected.keys() | has.keys():
        if expected[pot] != has[pot]:
            yield f"{pot} has {has[pot]} and was told of {expected[pot]}"
