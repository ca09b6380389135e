"""Is a database ever replaced while somebody else is at work in it?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from core.errors import Broken, Refused, Retryable
from tradingsite.backup import databases, server

NAME = "test_one_of_its_own"


@contextmanager
def session(name: str) -> "Iterator[psycopg.Connection[Any]]":
    """A program of somebody's, connected as the owner."""
    told = settings.DATABASES["owner"]
    given = {"host": told["HOST"], "port": told["PORT"], "user": told["USER"]}
    words = {key: value for key, value in given.items() if value} | {"dbname": name}
    with psycopg.connect(
        **words, password=told["PASSWORD"], application_name="a site", autocommit=True
    ) as connection:
        yield connection


def say(statement: str) -> None:
    with session(server.MAINTENANCE) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(NAME)))


@pytest.fixture
def database() -> Iterator[str]:
    say("DROP DATABASE IF EXISTS {}")
    say("CREATE DATABASE {} TEMPLATE template0")
    yield NAME
    say("DROP DATABASE IF EXISTS {} WITH (FORCE)")


def is_there(name: str) -> bool:
    with session(server.MAINTENANCE) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None


def test_two_restores_at_once_are_one_too_many(database: str) -> None:
    with databases.alone(database):
        with pytest.raises(Retryable, match="Another restore"), databases.alone(database):
            pass
        with databases.alone("another"):
            pass
    with databases.alone(database):
        pass


def test_nothing_is_replaced_beside_a_running_site(database: str, monkeypatch) -> None:
    monkeypatch.setattr(databases, "LEAVING_S", 0.2)
    with (
        session(database),
        pytest.raises(Refused, match="is in use by 'a site': stop"),
        databases.alone(database),
    ):
        pass


def test_a_site_that_comes_meanwhile_keeps_its_database(database: str, monkeypatch) -> None:
    monkeypatch.setattr(databases, "LEAVING_S", 0.2)
    with databases.alone(database):
        draft = databases.fresh(database)
        with session(database), pytest.raises(Refused, match="in use"):
            databases.swap(draft, database, kept_as="test_before")
        assert (is_there(database), is_there("test_before")) == (True, False)
        databases.swap(draft, database, kept_as="")
    assert (is_there(database), is_there(draft)) == (True, False)


def test_a_session_that_is_about_to_end_is_waited_for(database: str) -> None:
    with session(database):
        pass
    with databases.alone(database):
        pass


def test_a_server_that_does_not_let_us_in_is_said(settings) -> None:
    settings.DATABASES["owner"] = settings.DATABASES["owner"] | {"HOST": "127.0.0.1", "PORT": "1"}
    with pytest.raises(Broken, match="cannot be entered"), databases.alone(NAME):
        pass
