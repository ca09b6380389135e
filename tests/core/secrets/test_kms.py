"""With a master key in AWS KMS the ring holds wrapped keys only."""

import base64
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from core import aws, secrets
from core.errors import Broken
from core.secrets import kms, ring
from tests.amazon import Amazon
from tradingsite import checks

FOR_ALICE: dict[str, Any] = {"purpose": "exchange secret", "owner": 1}


@pytest.fixture
def wrapped(
    amazon: Amazon, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A ring whose new keys KMS makes."""
    made: dict[str, Any] = aws.client("kms").create_key()
    settings.KMS_KEY_ID = made["KeyMetadata"]["KeyId"]
    monkeypatch.setenv("KMS_KEY_ID", settings.KMS_KEY_ID)
    monkeypatch.setenv("AWS_REGION", settings.AWS_REGION)
    path = tmp_path / "encryption_key"
    path.write_text("a key from before KMS\n")
    settings.ENCRYPTION_KEYS, settings.ENCRYPTION_KEYS_FILE = [], path
    return path


def test_a_new_key_lies_wrapped_and_seals(wrapped: Path) -> None:
    before = secrets.seal("old", **FOR_ALICE)
    ring.add()
    newest = wrapped.read_text().split("\n")[0]
    assert newest.startswith("kms:")
    assert secrets.unseal(secrets.seal("new", **FOR_ALICE), **FOR_ALICE) == "new"
    assert secrets.unseal(before, **FOR_ALICE) == "old"


def test_another_master_key_opens_nothing(wrapped: Path, settings: Settings) -> None:
    service = kms.KeyService(settings.KMS_KEY_ID)
    other = kms.KeyService(aws.client("kms").create_key()["KeyMetadata"]["KeyId"])
    made = service.make()
    assert len(service.open(made)) == ring.KEY_BYTES
    with pytest.raises(Broken):
        other.open(made)


def test_a_wrapped_key_that_was_changed_is_refused(wrapped: Path, settings: Settings) -> None:
    service = kms.KeyService(settings.KMS_KEY_ID)
    blob = bytearray(base64.b64decode(service.make().removeprefix("kms:")))
    blob[-1] ^= 1
    with pytest.raises(Broken):
        service.open("kms:" + base64.b64encode(blob).decode())


def test_without_kms_the_ring_is_broken_and_says_so(wrapped: Path, settings: Settings) -> None:
    wrapped.write_text("kms:AAAA\n")
    with pytest.raises(Broken, match="KMS"):
        ring.every_key()


def test_keys_of_the_environment_can_be_wrapped_too(
    wrapped: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ENCRYPTION_KEYS, settings.ENCRYPTION_KEYS_FILE = ["a plain one"], ""
    before = secrets.seal("old", **FOR_ALICE)
    assert [one.id for one in checks.the_sealing_key_is_wrapped()] == ["tradingsite.W002"]
    call_command("rotate_keys", "--print-wrapped")
    settings.ENCRYPTION_KEYS = [capsys.readouterr().out.strip(), "a plain one"]
    assert checks.the_sealing_key_is_wrapped() == []
    anew = secrets.resealed(before, **FOR_ALICE)
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    assert secrets.unseal(anew, **FOR_ALICE) == "old"


def test_without_a_master_key_nothing_is_wrapped(settings: Settings) -> None:
    settings.KMS_KEY_ID = ""
    with pytest.raises(CommandError, match="names no master key"):
        call_command("rotate_keys", "--print-wrapped")


def test_keys_of_the_environment_are_not_ours_to_change(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["a plain one"]
    with pytest.raises(Broken, match="rotate_keys --print-wrapped"):
        ring.add()
    assert len(ring.every_key()) == 1
