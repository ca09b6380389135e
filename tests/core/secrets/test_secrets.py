"""A stored secret opens for its owner and purpose, under any key still there, and no more."""

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from core import secrets
from core.errors import Broken
from core.secrets import ring
from core.secrets.field import HIDDEN, Sealed, SealedField

FOR_ALICE: dict[str, Any] = {"purpose": "exchange secret", "owner": 1}
PLAIN = "kraken-canary-7f3a"


@pytest.fixture(autouse=True)
def keys_file(settings: Settings, tmp_path: Path) -> Path:
    """A ring of one key in a file of its own."""
    path = tmp_path / "encryption_key"
    path.write_text("the first key of this installation\n")
    settings.ENCRYPTION_KEYS, settings.ENCRYPTION_KEYS_FILE = [], path
    settings.KMS_KEY_ID = ""
    return path


@given(text=st.text(max_size=200).filter(lambda text: text.isprintable()))
def test_what_was_sealed_opens(text: str) -> None:
    assert secrets.unseal(secrets.seal(text, **FOR_ALICE), **FOR_ALICE) == text


def test_the_same_secret_never_looks_the_same() -> None:
    sealed = [secrets.seal(PLAIN, **FOR_ALICE) for _ in range(2)]
    assert sealed[0] != sealed[1]
    assert PLAIN not in "".join(sealed)
    assert secrets.key_id(sealed[0]) == ring.current().id


@pytest.mark.parametrize(
    "other", [{"purpose": "exchange secret", "owner": 2}, {"purpose": "webhook", "owner": 1}]
)
def test_it_does_not_open_in_another_row_or_for_another_purpose(other: dict[str, Any]) -> None:
    sealed = secrets.seal(PLAIN, **FOR_ALICE)
    with pytest.raises(Broken):
        secrets.unseal(sealed, **other)


def test_lengths_keep_owner_and_purpose_apart() -> None:
    sealed = secrets.seal(PLAIN, purpose="key1", owner="2")
    with pytest.raises(Broken):
        secrets.unseal(sealed, purpose="key", owner="12")


def test_every_changed_character_is_noticed() -> None:
    head, _, body = secrets.seal(PLAIN, **FOR_ALICE).rpartition(":")
    raw = base64.b64decode(body)
    for place in range(len(raw)):
        broken = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(Broken):
            secrets.unseal(f"{head}:{base64.b64encode(broken).decode()}", **FOR_ALICE)


@pytest.mark.parametrize("garbage", ["", "v1:", "v1::", "v1:abc:###", "v2:abc:AAAA", "plain text"])
def test_garbage_is_broken(garbage: str) -> None:
    with pytest.raises(Broken):
        secrets.unseal(garbage, **FOR_ALICE)


def test_a_new_key_seals_and_the_old_one_still_opens(keys_file: Path) -> None:
    before = secrets.seal(PLAIN, **FOR_ALICE)
    new = ring.add()
    assert secrets.key_id(secrets.seal(PLAIN, **FOR_ALICE)) == new.id
    assert secrets.unseal(before, **FOR_ALICE) == PLAIN
    assert keys_file.stat().st_mode & 0o777 == 0o600
    assert secrets.key_id(secrets.resealed(before, **FOR_ALICE)) == new.id


def test_a_lost_key_is_named() -> None:
    before = secrets.seal(PLAIN, **FOR_ALICE)
    lost = ring.current().id
    ring.add()
    ring.forget(frozenset({lost}))
    with pytest.raises(Broken, match=lost):
        secrets.unseal(before, **FOR_ALICE)


def test_keys_of_the_environment_are_not_ours_to_change(settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = ["second", "first"]
    with pytest.raises(Broken, match="ENCRYPTION_KEYS"):
        ring.add()
    assert len(ring.every_key()) == 2


def test_a_key_shows_its_name_alone() -> None:
    assert "first key" not in repr(ring.current())


def test_a_sealed_value_shows_nothing() -> None:
    value = Sealed.of(PLAIN, **FOR_ALICE)
    assert {repr(value), str(value), f"{value}"} == {HIDDEN}
    assert value.open(**FOR_ALICE) == PLAIN
    field = SealedField(purpose="exchange secret", owner="user_id")
    assert field.get_prep_value(value) == value.text
    assert field.from_db_value(value.text) == value


def test_a_plain_text_never_reaches_the_column() -> None:
    field = SealedField(purpose="exchange secret", owner="user_id")
    field.name = "secret"
    with pytest.raises(TypeError):
        field.get_prep_value(PLAIN)
