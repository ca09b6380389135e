"""Are all rows sealed in order, none skipped, and is every touch found?"""

import hashlib
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction

from accounts import audit
from accounts.models import AuditRecord
from portfolio import seal_check, seals, witness
from portfolio.models import JournalEntry, Seal
from tests import cast
from tradingsite import rules

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
GUARDED = "accounts_auditrecord", "portfolio_journalentry", "portfolio_posting", "portfolio_seal"


@pytest.fixture(autouse=True)
def lake(settings, tmp_path: Path) -> None:
    """Nothing was copied yet; a development's own copies tell of another database."""
    settings.LAKE_URL = tmp_path.as_uri()


def write(*events: str) -> None:
    for event in events:
        audit.note(event)


def faults() -> str:
    """What the check has to say, as one text."""
    return "; ".join(f"{fault.seal} {fault.words}" for fault in seal_check.check().faults)


@pytest.fixture
def history() -> None:
    """Five rows of the trail and three of the journal under four seals."""
    write("one", "two", "three")
    seals.seal()
    bob = cast.account_of(cast.bob())
    seals.seal()
    write("four", "five")
    cast.give(bob, "5", "USD", key="gift")
    seals.seal()
    assert list(Seal.objects.order_by("number").values_list("stream", "rows")) == [
        *(("audit", 3), ("journal", 2), ("audit", 2), ("journal", 1))
    ]


def tamper(*statements: str) -> None:
    """Run statements as the tables' owner, with the guards off for as long as that takes."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_what_nobody_touched_holds(history: None) -> None:
    verdict = seal_check.check()
    assert (verdict.holds, verdict.seals, verdict.rows, verdict.witnessed) == (True, 4, 8, True)
    assert [tail.rows for tail in verdict.tail] == [0, 0]


def test_without_new_rows_there_is_no_new_seal(history: None) -> None:
    assert seals.seal() == 0
    assert Seal.objects.count() == 4


def test_the_unsealed_tail_is_told_and_is_no_fault(history: None) -> None:
    write("six", "seven")
    verdict = seal_check.check()
    assert verdict.holds
    assert [(tail.stream, tail.rows) for tail in verdict.tail] == [("audit", 2), ("journal", 0)]
    assert verdict.tail[0].since == AuditRecord.objects.get(event="six").at


SWAP = "UPDATE {0} SET {1} = -{1} WHERE {1} IN ({2}, {3})"
SWAPPED = "UPDATE {0} SET {1} = {2} + {3} + {1} WHERE {1} < 0"
TOUCHES: dict[str, tuple[tuple[str, ...], str]] = {
    "a changed row": (
        ("UPDATE accounts_auditrecord SET address = '192.0.2.1' WHERE id = 2",),
        "1 rows 1 to 3 of the audit do not say",
    ),
    "a changed time": (
        ("UPDATE accounts_auditrecord SET at = at + interval '1 microsecond' WHERE id = 5",),
        "3 rows 4 to 5 of the audit do not say",
    ),
    "a deleted row": (
        ("DELETE FROM accounts_auditrecord WHERE id = 2",),
        "1 rows 1 to 3 of the audit were 3 and are 2",
    ),
    "an inserted row": (
        ("INSERT INTO accounts_auditrecord (id, event, actor, thing) VALUES (0, 'x', 'y', '')",),
        "1 rows 1 to 3 of the audit were 3 and are 4",
    ),
    "rows in another order": (
        (
            SWAP.format("accounts_auditrecord", "id", 2, 3),
            SWAPPED.format("accounts_auditrecord", "id", 2, 3),
        ),
        "1 rows 1 to 3 of the audit do not say",
    ),
    "a changed entry": (
        ("UPDATE portfolio_journalentry SET actor = 'x' WHERE id = 1",),
        "2 rows 1 to 2 of the journal do not say",
    ),
    "a changed amount": (
        ("UPDATE portfolio_posting SET amount = amount * 2 WHERE entry_id = 3",),
        "4 rows 3 to 3 of the journal do not say",
    ),
    "a changed seal": (("UPDATE portfolio_seal SET rows = 4 WHERE number = 1",), "1 the seal"),
    "a seal of another time": (
        ("UPDATE portfolio_seal SET made_at = made_at + interval '1 us' WHERE number = 2",),
        "2 the seal itself was changed",
    ),
    "a forged signature": (
        ("UPDATE portfolio_seal SET signature = repeat('0', 64) WHERE number = 3",),
        "3 its signature is not ours",
    ),
    "an unknown key": (
        ("UPDATE portfolio_seal SET key_id = 'mine' WHERE number = 3",),
        "3 it is signed with a key that is not known",
    ),
    "a deleted seal": (("DELETE FROM portfolio_seal WHERE number = 2",), "3 seals are missing"),
    "the newest seal deleted": (
        ("DELETE FROM portfolio_seal WHERE number = 4",),
        "3 seal 4 was made and is gone",
    ),
    "seals in another order": (
        (
            SWAP.format("portfolio_seal", "number", 1, 3),
            SWAPPED.format("portfolio_seal", "number", 1, 3),
        ),
        "1 it does not begin",
    ),
    "an inserted seal": (
        (
            "INSERT INTO portfolio_seal SELECT 5, 'audit', 5, 9, 0, '', '', key_id, signature,"
            " made_at FROM portfolio_seal WHERE number = 4",
        ),
        "5 the seal itself was changed",
    ),
}


@pytest.mark.parametrize("touch", TOUCHES)
def test_a_touch_is_found_and_named(history: None, touch: str) -> None:
    statements, saying = TOUCHES[touch]
    tamper(*statements)
    assert saying in faults()


def test_whoever_chains_anew_still_lacks_the_key(history: None) -> None:
    """An administrator of the database knows how the chain is made, and makes it again."""
    tamper("UPDATE accounts_auditrecord SET actor = 'nobody' WHERE id = 5")
    row = Seal.objects.get(number=3)
    texts = [text for _, text in seals.texts("audit", row.after_id, row.to_id)]
    row.rows_digest = seals.digest_of(iter(texts))
    row.digest = seals.digest(row, Seal.objects.get(number=2).digest)
    tamper(
        f"UPDATE portfolio_seal SET rows_digest = '{row.rows_digest}', digest = '{row.digest}'"
        " WHERE number = 3"
    )
    assert "3 its signature is not ours" in faults()


def test_seals_cut_off_are_missed_although_the_sealer_went_on(history: None) -> None:
    tamper(
        "DELETE FROM portfolio_seal WHERE number > 2",
        "UPDATE accounts_auditrecord SET actor = 'nobody' WHERE id = 5",
    )
    assert seals.seal() == 2
    assert "seal 4 was made and is gone, or is another one now" in faults()


def test_a_guard_that_is_off_is_a_fault(history: None) -> None:
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE portfolio_seal DISABLE TRIGGER seal_append_only")
    try:
        assert "the guard seal_append_only is off" in faults()
    finally:
        tamper()


def test_an_older_key_still_vouches_for_its_seals(history: None, settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    write("six")
    seals.seal()
    assert faults() == ""
    assert Seal.objects.values("key_id").distinct().order_by().count() == 2


def test_the_command_says_what_it_found(history: None, capsys) -> None:
    call_command("check_audit")
    assert "4 seals, 8 rows" in capsys.readouterr().out
    witness.forget()
    tamper("UPDATE accounts_auditrecord SET actor = 'x' WHERE id = 1")
    with pytest.raises(CommandError):
        call_command("check_audit")
    said = capsys.readouterr().out
    assert "nobody outside PostgreSQL remembers" in said
    assert "seal 1: rows 1 to 3 of the audit do not say" in said


def test_seals_cut_off_are_missed_although_redis_was_emptied(history: None) -> None:
    tamper(
        "DELETE FROM portfolio_seal WHERE number > 2",
        "UPDATE accounts_auditrecord SET actor = 'nobody' WHERE id = 5",
    )
    cache.clear()
    assert seals.seal() == 2
    assert "seal 4 was made and is gone, or is another one now" in faults()


def test_nothing_is_proved_where_nobody_outside_remembers(history: None) -> None:
    witness.forget()
    assert not seal_check.check().holds
    with pytest.raises(CommandError, match="Nothing is proved"):
        call_command("check_audit")


GONE = "DROP TRIGGER seal_append_only ON portfolio_seal; "
GUARD = "CREATE {0} TRIGGER seal_append_only BEFORE UPDATE OR DELETE ON {1} FOR EACH ROW {2}"
RUN = "EXECUTE FUNCTION public.books_append_only()"
HOLLOW = "CREATE OR REPLACE FUNCTION public.books_append_only() RETURNS trigger LANGUAGE plpgsql"


@pytest.mark.parametrize(
    "statement",
    [
        f"{HOLLOW} AS $$ BEGIN RETURN NEW; END $$",
        GONE + GUARD.format("", "portfolio_stop", RUN),
        GUARD.format("OR REPLACE", "portfolio_seal", f"WHEN (false) {RUN}"),
    ],
    ids=["hollow", "elsewhere", "never"],
)
def test_a_guard_that_only_has_the_name_is_a_fault(history: None, statement: str) -> None:
    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute(statement)
        assert "the guard seal_append_only is off" in faults()
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("DROP TRIGGER IF EXISTS seal_append_only ON portfolio_stop")
        rules.load()
    assert faults() == ""


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_a_slow_transaction_with_a_lower_id_is_waited_for(monkeypatch, end: str) -> None:
    monkeypatch.setattr(seals, "PATIENCE_S", 0.1)
    with connections["owner"].cursor() as slow:
        slow.execute("BEGIN")
        slow.execute(audit.NOTE, ["slow", "system", None, None, "", None, None])
        write("quick")
        assert seals.seal() == 0
        assert not Seal.objects.exists()
        slow.execute(end)
    assert seals.seal() == 1
    sealed = Seal.objects.get()
    assert (sealed.to_id, sealed.rows) == (2, 2 if end == "COMMIT" else 1)
    assert faults() == ""


def test_a_slow_entry_of_the_journal_is_waited_for(monkeypatch) -> None:
    monkeypatch.setattr(seals, "PATIENCE_S", 0.1)
    bob = cast.account_of(cast.bob())
    charlie = cast.account_of(cast.charlie())
    done, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            cast.give(bob, "1", "USD", key="slow")
            done.set()
            go_on.wait(10)
        connection.close()

    with ThreadPoolExecutor(1) as crew:
        running = crew.submit(slow)
        assert done.wait(10)
        cast.give(charlie, "1", "USD", key="quick")
        assert seals.seal() == 0
        go_on.set()
        running.result()
    assert seals.seal() == 1
    assert Seal.objects.get().rows == JournalEntry.objects.count()


def test_many_writers_and_two_sealers_leave_every_row_sealed_once(monkeypatch) -> None:
    monkeypatch.setattr(seals, "ROWS_MAX", 7)
    monkeypatch.setattr(seals, "LOOK_EVERY_S", 0.002)
    left = itertools.count()

    def worker(number: int) -> None:
        try:
            for _ in range(25):
                if number < 2:
                    seals.seal()
                    continue
                with transaction.atomic():
                    write(f"{number}")
                    if next(left) % 5 == 0:
                        transaction.set_rollback(True)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as crew:
        list(crew.map(worker, range(8)))
    seals.seal()
    assert faults() == ""
    rows = Seal.objects.values_list("rows", flat=True)
    assert sum(rows) == AuditRecord.objects.count() > 100


@pytest.mark.parametrize(
    "statement",
    ["UPDATE portfolio_seal SET rows = 1", "DELETE FROM portfolio_seal", "TRUNCATE portfolio_seal"],
)
def test_the_apps_role_may_not_touch_seals(history: None, statement: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert faults() == ""


def test_what_is_sealed_of_a_row_never_changes() -> None:
    """The seals of years hold these texts; a new stream may be added, an old one stays."""
    known = {"audit": "34517675063e3bad", "journal": "4fb49f243cd0a68a"}
    asked = {name: hashlib.sha256(query.encode()) for name, (_, query) in seals.TEXTS.items()}
    assert {name: made.hexdigest()[:16] for name, made in asked.items()}.items() >= known.items()
