"""Has anybody touched what was written for ever? Rows of the trail and the journal are sealed.

Writers do not chain: a lock that all of them share would stand in the way of money. Every few
seconds the sealer binds the rows that are new, in the order of their ids, to all that was sealed
before. An id is handed out before its row can be seen, so a row may appear below one that is there
already: the sealer notes the highest ids it sees, takes a transaction number, and waits until every
older transaction has ended. Whoever held one of those ids had an older number (`audit_note` and
`books_post` take theirs first), so no row can join any more.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from accounts import audit
from core import clock
from portfolio import witness
from portfolio.models import Seal

LOCK_KEY = 7_263_554  # one sealer at a time
LOWEST = -(2**63)  # below every id
ROWS_MAX = 10_000  # of one seal
PATIENCE_S = 4.0  # for transactions that run; the next beat tries again
LOOK_EVERY_S = 0.05

# What of a row is sealed, as text that only depends on what the row says. Never change a line: the
# seals of years hold these texts. A new stream may be added.
TEXTS: Mapping[str, tuple[str, str]] = {
    "audit": (
        "accounts_auditrecord",
        "SELECT r.id, jsonb_build_array(r.id, extract(epoch FROM r.at), r.event, r.actor,"
        " r.address, r.person, r.thing, r.before, r.after)::text FROM accounts_auditrecord r",
    ),
    "journal": (
        "portfolio_journalentry",
        "SELECT r.id, jsonb_build_array(r.id, r.public_id, r.account_id, r.scope, r.key,"
        " r.request_hash, r.kind, r.actor, r.address, r.reason, r.simulated, r.refers_to_id,"
        " extract(epoch FROM r.created_at), (SELECT jsonb_agg(jsonb_build_array(p.id,"
        " p.account_id, p.amount) ORDER BY p.id) FROM portfolio_posting p"
        " WHERE p.entry_id = r.id))::text FROM portfolio_journalentry r",
    ),
}
WITHIN = " WHERE r.id > %s AND r.id <= %s ORDER BY r.id LIMIT %s"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Horizon:
    """The highest id of each stream at a moment when `transaction` had not begun."""

    ids: Mapping[str, int]
    transaction: str


def seal() -> int:
    """Seal what is new and complete; how many seals that made.

    Nothing where another sealer is at work, or transactions run longer than `PATIENCE_S`.
    """
    newest = highest_ids()
    sealed = sealed_to()
    if all(newest[stream] <= sealed[stream] for stream in TEXTS):
        return 0
    horizon = Horizon(newest, _next_transaction())
    if not _is_complete(horizon):
        return 0
    made = 0
    for stream in TEXTS:
        while _seal_next(stream, horizon):
            made += 1
    return made


def highest_ids() -> dict[str, int]:
    """The highest id that can be seen in each stream; `LOWEST` in an empty one."""
    found = {}
    with connection.cursor() as cursor:
        for stream, (table, _) in TEXTS.items():
            cursor.execute(f"SELECT coalesce(max(id), %s) FROM {table}", [LOWEST])  # noqa: S608
            found[stream] = int((cursor.fetchone() or (LOWEST,))[0])
    return found


def sealed_to(*, by: int | None = None) -> dict[str, int]:
    """The highest id under a seal in each stream; `by` leaves out the seals after that number."""
    sealed = Seal.objects.all() if by is None else Seal.objects.filter(number__lte=by)
    rows = sealed.order_by().values_list("stream").annotate(Max("to_id"))
    return dict.fromkeys(TEXTS, LOWEST) | dict(rows)


def texts(stream: str, after: int, to: int) -> Iterator[tuple[int, str]]:
    """The rows of a stream with ids above `after` up to `to`, in order: id and sealed text."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute(TEXTS[stream][1] + WITHIN, [after, to, ROWS_MAX])
            page = cursor.fetchall()
            yield from page
            if len(page) < ROWS_MAX:
                return
            after = page[-1][0]


def digest(row: Seal, previous: str) -> str:
    """What binds a seal to its rows and to the seal before."""
    bound = [row.number, row.stream, row.after_id, row.to_id, row.rows, row.rows_digest]
    text = json.dumps([previous, *bound, row.made_at.astimezone(UTC).isoformat()])
    return hashlib.sha256(text.encode()).hexdigest()


def signature(row: Seal, key: bytes) -> str:
    """Shows that this installation made the seal: the database's administrator has no key."""
    return hmac.new(key, row.digest.encode(), "sha256").hexdigest()


def keys() -> dict[str, bytes]:
    """The keys that sign, by name: SECRET_KEY's first, then those of SECRET_KEY_FALLBACKS."""
    secrets = [str(key).encode() for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    made = [hmac.digest(secret, b"portfolio.seals", "sha256") for secret in secrets]
    return {hashlib.sha256(key).hexdigest()[:8]: key for key in made}


def forget_witness() -> None:
    """Expect no seal that is not in the database: after a restore some are gone for good reason.

    The trail says that this was done; raises RedisError.
    """
    newest = max(witness.seen(), default=None)
    audit.note("seals given up", before={"newest": newest[0]} if newest else None)
    witness.forget()
    if last := Seal.objects.order_by("-number").first():
        witness.note(last.number, last.digest)


def _next_transaction() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        return str((cursor.fetchone() or ("",))[0])


def _is_complete(horizon: Horizon) -> bool:
    """Whether everybody who could hold one of the ids has ended, now or within some seconds."""
    until = time.monotonic() + PATIENCE_S
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8", [horizon.transaction]
            )
            if cursor.fetchone() == (True,):
                return True
        if time.monotonic() > until:
            log.info("rows wait for their seal: a transaction runs")
            return False
        time.sleep(LOOK_EVERY_S)


def _seal_next(stream: str, horizon: Horizon) -> Seal | None:
    """One more seal of the stream, up to the horizon; None where nothing is left or it is taken."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_KEY])
        if cursor.fetchone() != (True,):
            return None
        after = sealed_to()[stream]
        cursor.execute(TEXTS[stream][1] + WITHIN, [after, horizon.ids[stream], ROWS_MAX])
        page = cursor.fetchall()
        made = _bind(stream, after, page) if page else None
    if made:
        _testify(made)
    return made


def _bind(stream: str, after: int, page: list[tuple[int, str]]) -> Seal:
    last = Seal.objects.order_by("-number").first()
    row = Seal(
        number=last.number + 1 if last else 1,
        stream=stream,
        after_id=after,
        to_id=page[-1][0],
        rows=len(page),
        rows_digest=digest_of(text for _, text in page),
        made_at=clock.now(),
    )
    row.digest = digest(row, last.digest if last else "")
    row.key_id, key = next(iter(keys().items()))
    row.signature = signature(row, key)
    row.save(force_insert=True)
    return row


def digest_of(lines: Iterator[str]) -> str:
    """The digest of sealed texts, one a line."""
    whole = hashlib.sha256()
    for line in lines:
        whole.update(line.encode() + b"\n")
    return whole.hexdigest()


def _testify(made: Seal) -> None:
    """Note the newest seal outside PostgreSQL, and in the log."""
    log.info("sealed", number=made.number, stream=made.stream, rows=made.rows, digest=made.digest)
    witness.note(made.number, made.digest)
