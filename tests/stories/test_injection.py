"""Does text that people give ever become something else: markup, a template, a header, a line?

Hostile text goes in wherever a person may type, and comes out on the pages, in the console, in
answers, letters, files and log lines.
"""

import csv
import json
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.core import mail
from django.test import Client

from accounts import tokens
from accounts.models import Token, User
from core.errors import Refused
from portfolio import statement, trading_accounts
from portfolio.models import TradingAccount
from tests import cast
from tests.accounts import people
from tests.portfolio.caller import Caller
from tests.tradingsite.lines import keep_lines

pytestmark = pytest.mark.django_db
MARKUP = (
    """<zq onload=zq>"'><zq/>""",
    '"><img src=x onerror=zq></title><zq>',
    "{{7*191}}{% zq %}${7*191}</textarea><zq>",
    "' onfocus=zq autofocus x='`<!--<zq>",
)
KEYS = tuple(text.replace(" ", "/") for text in MARKUP)  # keys hold no spaces
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1")
LINES = ("x\r\nSet-Cookie: zq=1", 'x\n{"event": "forged"}', "x\x1b[2J", "x\u2028forged", "x\x85y")
HIDDEN = ("x\u202ecod.exe", "x\u200by", "\ufeffx", "x\u2066y")  # other order, no width
ECHOES = (
    "/?base={}",
    "/convert/?from={}&to={}&amount={}",
    "/portfolio/?kind={}&currency={}&since={}&before={}",
    "/accounts/login/?next={}",
    "/accounts/password/reset/key/1-{}/",
    "/instruments/{}/",
    "/nowhere/{}",
)
OWN = ("/portfolio/", "/convert/", "/settings/tokens/", "/settings/security/", "/settings/profile/")
CONSOLE = (
    *("accounts/token", "accounts/user", "accounts/auditrecord", "usersessions/usersession"),
    *("portfolio/tradingaccount", "portfolio/journalentry"),
)


class Reader(HTMLParser):
    """Reads a page as a browser does and keeps what came to life."""

    def __init__(self) -> None:
        super().__init__()
        self.alive: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        hooks = [name for name, value in attrs if name.startswith("on") or value == "zq"]
        leads = [value for _, value in attrs if (value or "").lower().startswith("javascript:")]
        self.alive += [*(["zq"] if tag == "zq" else []), *hooks, *filter(None, leads)]


def alive(page: str) -> list[str]:
    reader = Reader()
    reader.feed(page)
    return [*reader.alive, *(["a template"] if "1337" in page else [])]


@pytest.fixture
def alice() -> Caller:
    """Alice's names and keys are hostile, and so is her browser's."""
    caller = Caller(people.make("alice"))
    people.sign_in(Client(headers={"User-Agent": MARKUP[0]}))
    trading_accounts.ensure_virtual(user=caller.user)
    for text, key in zip(MARKUP, KEYS, strict=True):
        opened = caller.post("trading-accounts/", {"mode": "virtual", "name": text}, key=key)
        assert opened.status_code == 201
        tokens.issue(caller.user, name=text, scopes=["read"])
    return caller


@pytest.fixture
def lines() -> Iterator[list[str]]:
    with keep_lines() as written:
        yield written


def test_names_stay_names_on_every_page(alice: Caller) -> None:
    for path in OWN:
        page = alice.client.get(path).content.decode()
        assert alive(page) == [], path
    assert "&lt;zq" in alice.client.get("/settings/tokens/").content.decode()


def test_names_stay_names_in_the_console(alice: Caller) -> None:
    staff = Client()
    people.enter_as_staff(staff, cast.dana())
    for name in CONSOLE:
        for query in ("", *(f"?q={quote(text)}" for text in MARKUP)):
            page = staff.get(f"/admin/{name}/{query}")
            assert (page.status_code, alive(page.content.decode())) == (200, []), name


@pytest.mark.parametrize("text", MARKUP)
def test_what_is_asked_for_is_not_answered_as_markup(alice: Caller, text: str) -> None:
    for echo in ECHOES:
        answer = alice.client.get(echo.replace("{}", quote(text, safe="")))
        assert alive(answer.content.decode()) == [], echo
    stranger = people.sign_in(Client(), text)
    assert alive(stranger.content.decode()) == []


def test_the_api_answers_text_as_text(alice: Caller) -> None:
    answer = alice.get("trading-accounts/")
    assert answer["Content-Type"].startswith("application/json")
    assert {one["name"] for one in answer.json()["results"]} >= set(MARKUP)


@pytest.mark.parametrize("text", MARKUP)
def test_letters_show_names_as_text(alice: Caller, text: str) -> None:
    browser = Client()
    people.sign_in(browser)
    browser.post("/settings/tokens/", {"name": text, "scopes": ["read"], "days": "90"})
    letter = mail.outbox[-1]
    [(html, _)] = getattr(letter, "alternatives", [])
    assert alive(html) == []
    assert escape(text) in html
    assert letter.subject == f"New API token “{text}”"


@pytest.mark.parametrize("text", LINES + HIDDEN)
def test_it_refuses_names_that_are_not_what_they_seem(text: str) -> None:
    caller = Caller(people.make("bob"))
    opened = caller.post("trading-accounts/", {"mode": "virtual", "name": f"a{text}b"}, key="k")
    assert opened.status_code == 400
    with pytest.raises(Refused):
        tokens.issue(caller.user, name=f"a{text}b", scopes=["read"])
    assert not TradingAccount.objects.exists()
    assert not Token.objects.exists()


@pytest.mark.parametrize("text", MARKUP + LINES + HIDDEN + FORMULAS)
def test_it_refuses_hostile_usernames(client: Client, text: str) -> None:
    people.sign_up(client, text, "somebody@example.org")
    assert not User.objects.exists()


def test_no_cell_of_a_statement_is_a_formula(alice: Caller) -> None:
    table = alice.client.get("/portfolio/history.csv").getvalue().decode()
    cells = [cell for row in csv.reader(table.splitlines()) for cell in row]
    assert len(cells) > 20
    for cell in cells:
        assert not cell.startswith(statement.STARTS_A_FORMULA) or float(cell), cell


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_with_text_is_made_safe(text: str) -> None:
    assert statement.text_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", LINES)
def test_nobody_writes_headers_or_lines_of_the_log(lines: list[str], text: str) -> None:
    client = Client(raise_request_exception=False)
    headers: Any = {"User-Agent": text, "X-Request-Id": text, "Idempotency-Key": text}
    for echo in ("/?base={}", "/accounts/login/?next={}", "/nowhere/{}"):
        answer = client.get(echo.replace("{}", quote(text)), headers=headers)
        assert "zq" not in answer.cookies
        assert not any(mark in value for value in answer.headers.values() for mark in "\r\n")
    people.sign_in(client, text, text)
    assert len(lines) >= 4
    for line in lines:
        assert line.isprintable(), line
        assert json.loads(line)["event"] != "forged"
