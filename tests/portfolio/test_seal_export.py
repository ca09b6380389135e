"""Do sealed rows lie outside the database as well, and do the copies miss what is cut off?"""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts import audit
from accounts.models import AuditRecord
from core import objects
from core.errors import Broken
from portfolio import seal_export, seals, witness
from portfolio.models import Seal
from tests import cast
from tests.amazon import Amazon
from tests.portfolio.test_seals import tamper

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def lake(settings, tmp_path: Path) -> objects.Store:
    settings.LAKE_URL = tmp_path.as_uri()
    return objects.at(settings.LAKE_URL)


def write_and_seal(*events: str) -> None:
    for event in events:
        audit.note(event)
    seals.seal()


def test_a_copy_proves_itself_with_a_digest_alone(lake: objects.Store) -> None:
    audit.note("one", after={"name": "Zoë"})
    cast.bob()
    seals.seal()
    assert seal_export.export() == 1
    (key,) = lake.find("audit/")
    assert key == "audit/000000000001-000000000002.jsonl.gz"
    lines = gzip.decompress(lake.get(key)).decode().splitlines()
    trail, row, journal, *entries = lines
    assert json.loads(trail)["rows_digest"] == hashlib.sha256(f"{row}\n".encode()).hexdigest()
    text = "".join(f"{entry}\n" for entry in entries)
    assert json.loads(journal)["rows_digest"] == hashlib.sha256(text.encode()).hexdigest()


def test_only_what_is_new_is_copied(lake: objects.Store) -> None:
    write_and_seal("one")
    assert (seal_export.export(), seal_export.export()) == (1, 0)
    write_and_seal("two")
    assert seal_export.export() == 1
    assert len(list(lake.find("audit/"))) == 2


def test_many_rows_become_files_of_some_size(lake: objects.Store, monkeypatch) -> None:
    monkeypatch.setattr(seal_export, "ROWS_MAX", 3)
    for batch in (("one", "two"), ("three", "four"), ("five",)):
        write_and_seal(*batch)
    assert seal_export.export() == 2


def test_a_copied_seal_that_was_cut_off_is_missed(lake: objects.Store, capsys) -> None:
    write_and_seal("one")
    write_and_seal("two")
    call_command("export_audit")
    assert "1 file written." in capsys.readouterr().out
    tamper("DELETE FROM portfolio_seal WHERE number = 2")
    with pytest.raises(Broken, match="Seal 2 was copied"):
        seal_export.export()
    with pytest.raises(CommandError, match="not in the database"):
        call_command("export_audit")
    assert len(list(lake.find("audit/"))) == 1


def test_after_a_restore_copies_begin_anew_and_go_on_there(lake: objects.Store) -> None:
    write_and_seal("one")
    write_and_seal("two")
    seal_export.export()
    tamper("DELETE FROM portfolio_seal WHERE number = 2")
    call_command("check_audit", "--restored")
    seals.seal()
    call_command("export_audit", "--anew")
    write_and_seal("three")
    assert seal_export.export() == 1
    folders = [key.split("/")[1][:9] for key in lake.find("audit/")]
    assert folders == ["000000000", "restored-", "restored-"]
    assert AuditRecord.objects.filter(event="seals given up").exists()


def check(capsys, **options: bool) -> str:
    """What the command says of the copies, also where it ends badly."""
    try:
        call_command("check_audit", **options)
    except CommandError as error:
        return f"{capsys.readouterr().out}{error}"
    return str(capsys.readouterr().out)


def test_a_line_that_ends_within_a_row_does_not_stop_the_copies(
    lake: objects.Store, capsys
) -> None:
    write_and_seal('one\u2028{"number": 9}')
    assert seal_export.export() == 1
    write_and_seal("two")
    assert seal_export.export() == 1
    assert "copies in the lake: 2; 0 seals not copied yet" in check(capsys)


def test_copies_that_say_the_same_are_read_and_said(lake: objects.Store, capsys) -> None:
    cast.bob()
    write_and_seal("one")
    seal_export.export()
    write_and_seal("two")
    said = check(capsys)
    assert "copies in the lake: 1; 1 seals not copied yet" in said
    assert said.endswith("Everything is as it was sealed.\n")


def test_a_seal_that_was_copied_and_cut_off_is_missed_by_the_check(
    lake: objects.Store, capsys
) -> None:
    write_and_seal("one")
    write_and_seal("two")
    seal_export.export()
    tamper("DELETE FROM portfolio_seal WHERE number = 2")
    witness.forget()
    witness.note(1, Seal.objects.get(number=1).digest)  # whoever cuts off has been there too
    said = check(capsys)
    assert "seal 2: it was copied to audit/000000000001-000000000002.jsonl.gz and is gone" in said
    assert "contradict each other" in said


@pytest.mark.parametrize(
    ("change", "saying"),
    [
        (lambda body: body.replace(b"one", b"eno"), "do not say what they said"),
        (lambda body: body.replace(b'"number": 1', b'"number": 2'), "copies are missing"),
        (lambda body: body.replace(b'"digest": "', b'"digest": "0'), "is another one than"),
        (lambda body: b"no seal", "cannot be read"),
    ],
)
def test_a_copy_that_was_changed_is_a_contradiction(
    lake: objects.Store, capsys, change: Callable[[bytes], bytes], saying: str
) -> None:
    write_and_seal("one")
    seal_export.export()
    (key,) = lake.find("audit/")
    lake.put(key, gzip.compress(change(gzip.decompress(lake.get(key)))))
    assert saying in check(capsys)


def test_copies_that_were_taken_away_are_missed(lake: objects.Store, capsys) -> None:
    for event in ("one", "two", "three"):
        write_and_seal(event)
        seal_export.export()
    _, second, _ = lake.find("audit/")
    lake.delete(second)
    assert "seal 3: copies are missing between it and seal 1" in check(capsys)


def test_a_store_that_is_away_is_said_and_can_be_left_out(settings, capsys) -> None:
    settings.LAKE_URL, settings.AWS_ENDPOINT_URL = "s3://nobucket/x", "http://127.0.0.1:1"
    write_and_seal("one")
    assert "its copies in the lake could not be read (--without-copies" in check(capsys)
    assert "Everything is as it was sealed." in check(capsys, without_copies=True)


def test_copies_go_to_a_bucket_too(amazon: Amazon, settings) -> None:
    settings.LAKE_URL = f"s3://{amazon.bucket}/lake"
    write_and_seal("one")
    assert seal_export.export() == 1
    assert list(objects.at(settings.LAKE_URL).find("audit/")) == [
        f"audit/{1:012d}-{Seal.objects.count():012d}.jsonl.gz"
    ]
