"""Do the commands for the person at the terminal work?"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from portfolio import trading_accounts
from tests.accounts.people import has_confirmed, make, sign_in

pytestmark = pytest.mark.django_db
GOOD = "an administrators phrase"


def create(monkeypatch: pytest.MonkeyPatch, password: str = GOOD, **options: str) -> str:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    said = StringIO()
    names = {"username": "root", "email": "root@example.org"} | options
    call_command("create_admin", noinput=True, stdout=said, **names)
    return said.getvalue()


def test_the_first_administrator_is_led_to_a_second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "second factor" in create(monkeypatch)
    root = User.objects.get()
    assert (root.is_staff, root.is_superuser) == (True, True)
    assert has_confirmed("root")


def test_the_administrator_gets_the_grant_at_sign_in(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(monkeypatch)
    sign_in(client, "root", GOOD)
    assert client.get("/admin/")["Location"] == "/accounts/2fa/"
    assert trading_accounts.of(User.objects.get()).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "short"},
        {"password": ""},
        {"username": "bad name!"},
        {"email": "no address"},
        {"username": "ALICE"},
        {"email": "alice@example.org"},
    ],
)
def test_it_refuses_a_bad_administrator(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
) -> None:
    make("alice")
    with pytest.raises(CommandError):
        create(monkeypatch, **wrong)
    assert User.objects.count() == 1


def test_it_says_when_there_is_no_such_person() -> None:
    with pytest.raises(CommandError, match="no account 'nobody'"):
        call_command("reset_second_factor", "nobody", shown="answered our letter")


def test_it_makes_nobody_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(""))
    with pytest.raises(CommandError, match="no account was made"):
        call_command("create_admin")
    assert not User.objects.exists()


def test_it_makes_nobody_of_a_password_that_is_no_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="no UTF-8"):
        create(monkeypatch, password="\udcff\udcfe no words of any language")
    assert not User.objects.exists()
