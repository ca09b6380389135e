"""Are passwords refused that breaches have made known, and is the password told to nobody?"""

import hashlib
import time
from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError

from accounts import breaches
from accounts.passwords import NotBreached
from tests.far_side import FarSide, Page, far_side

STOLEN = "correct horse battery staple"
DIGEST = hashlib.sha1(STOLEN.encode(), usedforsecurity=False).hexdigest().upper()
BEGINNING, END = DIGEST[:5], DIGEST[5:]


@pytest.fixture
def collection(settings: object) -> Iterator[FarSide]:
    with far_side() as far:
        settings.BREACHES_URL = far.url("/range/")  # type: ignore[attr-defined]
        yield far


def knows(collection: FarSide, *lines: str) -> None:
    collection.say(f"/range/{BEGINNING}", "\r\n".join(lines).encode())


def test_it_refuses_what_a_breach_has_made_known(collection: FarSide) -> None:
    knows(collection, f"{'0' * 35}:7", f"{END}:42")
    with pytest.raises(ValidationError, match="stolen"):
        NotBreached().validate(STOLEN)


def test_it_tells_five_characters_of_the_digest_and_asks_for_padding(collection: FarSide) -> None:
    knows(collection)
    NotBreached().validate(STOLEN)
    (path, headers), *others = collection.asked
    assert not others
    assert path == f"/range/{BEGINNING}"
    assert headers["add-padding"] == "true"
    assert END not in str(headers)


@pytest.mark.parametrize("line", [f"{END}:0", f"{'0' * 35}:42", END, "nothing of the kind"])
def test_it_lets_pass_what_is_padding_or_not_there(collection: FarSide, line: str) -> None:
    knows(collection, line)
    NotBreached().validate(STOLEN)
    assert collection.asked


def test_a_collection_in_trouble_keeps_nobody_out(
    collection: FarSide, caplog: pytest.LogCaptureFixture
) -> None:
    NotBreached().validate(STOLEN)  # 404
    assert "breaches_silent" in caplog.text
    assert STOLEN not in caplog.text


def test_an_answer_byte_by_byte_holds_nobody_up(
    collection: FarSide, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(breaches, "TIMEOUT_S", 0.2)
    collection.pages[f"/range/{BEGINNING}"] = Page(b"A" * 200, slow_s=0.05)  # ten seconds
    began = time.monotonic()
    NotBreached().validate(STOLEN)
    assert time.monotonic() - began < 5
    assert "breaches_silent" in caplog.text  # cut short, or reset: as the far side takes it


def test_it_follows_nobody_elsewhere(collection: FarSide) -> None:
    collection.say("/elsewhere", f"{END}:42".encode())
    collection.say(f"/range/{BEGINNING}", status=302, location=collection.url("/elsewhere"))
    NotBreached().validate(STOLEN)
    assert len(collection.asked) == 1


@pytest.mark.parametrize("address", ["https://.example/", "https://host:port/"])
def test_an_address_that_is_none_keeps_nobody_out(settings: object, address: str) -> None:
    settings.BREACHES_URL = address  # type: ignore[attr-defined]
    NotBreached().validate(STOLEN)


def test_it_asks_nobody_about_what_is_too_short_anyway(collection: FarSide) -> None:
    NotBreached().validate("short")
    assert not collection.asked


def test_a_site_for_ones_own_machine_asks_nobody(settings: object) -> None:
    assert settings.BREACHES_URL == ""  # type: ignore[attr-defined]
    NotBreached().validate(STOLEN)
