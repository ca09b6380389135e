"""Where do secrets come to lie? A password and a token are looked for everywhere afterwards."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client

from core.push import redis_client
from tests.accounts import people
from tests.tradingsite.lines import keep_lines

pytestmark = pytest.mark.django_db
PASSWORD = "canary bird in a coal mine"
TOKEN = re.compile(r"ts_[rv]_[\w-]{20,}")


@pytest.fixture
def lines() -> Iterator[list[str]]:
    with keep_lines() as written:
        yield written


def tables_holding(text: str) -> list[str]:
    """Every table with a row that holds `text` in plain."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            question = f'SELECT count(*) FROM "{table}" AS line WHERE line::text LIKE %s'
            cursor.execute(question, [f"%{text}%"])
            found += [table] if cursor.fetchone() != (0,) else []
    return found


def redis_values() -> str:
    client = redis_client()
    strings = [key for key in client.scan_iter() if client.type(key) == b"string"]
    hashes = [key for key in client.scan_iter() if client.type(key) == b"hash"]
    return str([client.mget(strings) if strings else [], *map(client.hgetall, hashes)])


def come_and_go(browser: Client) -> str:
    """Sign up, confirm, sign in, mistype, make a token and use it; the token."""
    people.sign_up(browser, password1=PASSWORD)
    browser.post(people.link_in_letter("confirm-email"))
    people.sign_in(Client(), password=PASSWORD)
    people.sign_in(Client(), password=PASSWORD + "!")
    wanted = {"name": "robot", "scopes": ["read"], "days": "90"}
    token = TOKEN.search(browser.post("/settings/tokens/", wanted).content.decode())
    assert token, "shown once"
    Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token[0]}"})
    return token[0]


def test_a_password_and_a_token_lie_nowhere_in_plain(lines: list[str]) -> None:
    redis_client().flushdb()
    browser = Client()
    secrets = (PASSWORD, come_and_go(browser))
    sessions = str([row.get_decoded() for row in Session.objects.all()])
    letters = "".join(str(letter.message()) for letter in mail.outbox)
    page = browser.get("/settings/tokens/").content.decode()
    everywhere = "".join([*lines, redis_values(), sessions, letters, page])
    assert len(lines) > 5
    for secret in secrets:
        assert tables_holding(secret) == []
        assert secret not in everywhere
