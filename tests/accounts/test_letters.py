"""Are letters whole, in both forms, and out of reach for whoever picks a name?"""

import os
import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from pytest_django import Settings

from accounts import letters, mailbox
from core import clock
from tests.accounts.people import enter_as_staff, make
from tradingsite.datafolder import PROJECT

NAMES = sorted(path.stem for path in (PROJECT / "templates" / "mail").glob("*.txt"))
LINK = "http://127.0.0.1:8000/accounts/x/"
VALUES = {
    "username": "alice",
    "device": "Firefox on Linux",
    "address": "203.0.113.7",
    "at": "2 Mar 2026 12:00 UTC",
    "activate_url": LINK,
    "password_reset_url": LINK,
    "email": "alice@example.org",
    "from_email": "old@example.org",
    "to_email": "new@example.org",
    "deleted_email": "old@example.org",
    "token_name": "Sheet",
    "may": "read",
}


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_is_whole_in_both_forms(name: str) -> None:
    letter = letters.write(name, to="alice@example.org", **VALUES)
    assert letter.subject
    assert len(letter.subject) < 78
    assert letter.text.strip()
    for words in (letter.subject, letter.text, letter.html):
        assert "{" not in words.replace("{ background", "").replace("{ color", "") or "<" in words
        assert "None" not in words
    assert letter.html.count("<h1") == 1


def test_words_and_an_address_are_a_button() -> None:
    letter = letters.write("password_reset_key", to="a@example.org", **VALUES)
    assert f"Set a new password:\n{LINK}" in letter.text
    assert f'<a href="{LINK}"' in letter.html


@pytest.mark.parametrize(
    "evil", ["a\r\nBcc: all@example.org", "a\nb", "a\x0bb", "a\u2028b", "a\x85b"]
)
def test_a_name_writes_no_header_and_no_line(evil: str) -> None:
    values = VALUES | {"device": evil, "username": evil}
    letter = letters.write("new_sign_in", to="a@example.org", **values)
    assert len(letter.subject.splitlines()) == 1
    letters.deliver(letter)
    assert mail.outbox[-1].message()["Bcc"] is None


def test_a_name_writes_no_html() -> None:
    values = VALUES | {"token_name": "<img src=x onerror=alert(1)>"}
    letter = letters.write("token_issued", to="a@example.org", **values)
    assert "<img" not in letter.html
    assert "<img src=x" in letter.text


def test_letters_in_the_folder_are_listed_newest_first(tmp_path: Path, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "accounts.mailbox.PrivateFiles"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    for order, name in enumerate(("new_sign_in", "password_changed")):
        letters.send(letters.write(name, to="alice@example.org", **VALUES))
        newest = max((tmp_path / "mail").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        os.utime(newest, (order, order))
    posts = mailbox.newest()
    assert posts[0].subject == "Your password was changed"
    assert "Hello alice" in posts[0].text


def test_old_letters_and_those_of_who_left_go(tmp_path: Path, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "accounts.mailbox.PrivateFiles"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    for name in ("alice", "bob"):
        letters.send(letters.write("new_sign_in", to=f"{name}@example.org", **VALUES))
    assert mailbox.forget_old() == 0
    assert mailbox.forget("alice@example.org") == 1
    assert [post.to for post in mailbox.newest()] == ["bob@example.org"]
    with clock.frozen(clock.now() + timedelta(days=15)):
        assert mailbox.forget_old() == 1
    assert mailbox.newest() == []


def test_the_folder_is_closed_to_others(tmp_path: Path, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "accounts.mailbox.PrivateFiles"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    letters.send(letters.write("new_sign_in", to="a@example.org", **VALUES))
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700


def test_a_full_disk_stops_no_sign_in(tmp_path: Path, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "accounts.mailbox.PrivateFiles"
    (tmp_path / "mail").write_text("a file where the folder should be")
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail" / "deeper")
    letters.send(letters.write("new_sign_in", to="a@example.org", **VALUES))


def test_the_letter_is_built_on_one_frame() -> None:
    assert get_template("mail/letter.html")
    assert len(NAMES) > 10


@pytest.mark.django_db
@pytest.mark.parametrize(("is_admin", "status"), [(True, 200), (False, 403)])
def test_administrators_alone_read_the_links_that_open_accounts(
    client: Client, tmp_path: Path, settings: Settings, *, is_admin: bool, status: int
) -> None:
    settings.EMAIL_BACKEND = "accounts.mailbox.PrivateFiles"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    make("alice")
    Client().post("/accounts/password/reset/", {"email": "alice@example.org"})
    enter_as_staff(client, make("dana", is_staff=True, is_superuser=is_admin))
    answer = client.get("/admin/mail/")
    link = re.search(r"/password/reset/key/\w+-\w+-", answer.content.decode())
    assert (answer.status_code, bool(link)) == (status, is_admin)
