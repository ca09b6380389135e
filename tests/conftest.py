"""Test set-up: tests run under the app's database role; only set-up and flush use the owner's."""

import os
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from accounts.passwords import Argon2id
from portfolio import witness
from tests import chromium
from tests.amazon import amazon, moto_server  # noqa: F401 - fixtures
from tests.venue.world import world  # noqa: F401 - a fixture
from tests.web_process import web  # noqa: F401 - a fixture


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` asks for the full figures instead of the short ones."""
    parser.addoption("--long", action="store_true", help="full figures: many minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `long` run only when asked for."""
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="part of the full figures: ./test --long"))


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether the full figures were asked for."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def say(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Print a figure that people want to see, although the output of tests is captured."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def say_now(line: str) -> None:
        with capture.global_and_fixture_disabled():
            # One of several processes has no other way to the terminal.
            print(f"\n  {line}", end="", flush=True, file=sys.stderr)

    return say_now


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser to drive; skips where there is none, but never under continuous integration."""
    found = chromium.path()
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium found or installable")
    return found


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
    django_db_keepdb: bool,
) -> Iterator[None]:
    """Create the test database as its owner, load rules, grants and catalog, then step down."""
    with django_db_blocker.unblock():
        created = setup_databases(
            verbosity=request.config.option.verbose, interactive=False, keepdb=django_db_keepdb
        )
        # A mirror would not get its own transaction per test; from here on it is a plain alias.
        connections["default"].settings_dict["TEST"]["MIRROR"] = None
        call_command("prepare_database", verbosity=0)
    yield
    with django_db_blocker.unblock():
        for alias in connections:
            connections[alias].close()
            getattr(connections[alias], "close_pool", lambda: None)()
        wait_until_nobody_else_is_connected()
        teardown_databases(created, verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def static_files_without_a_manifest(django_test_environment: None) -> None:
    """Pages are rendered without `collectstatic`."""
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    # Every test client would otherwise list the thousand files of build/static once more.
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Thousands of people in tests need not cost what an attacker's guesses would."""
    patch = pytest.MonkeyPatch()
    patch.setattr(Argon2id, "memory_cost", 64)
    patch.setattr(Argon2id, "time_cost", 1)
    yield
    patch.undo()


def wait_until_nobody_else_is_connected(timeout_s: float = 5) -> None:
    """A backend ends a moment after its client; until then the database cannot be dropped."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
    until = time.monotonic() + timeout_s
    with connections["owner"].cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(others + "pg_backend_pid()")
            if cursor.fetchone() == (0,):
                break
            time.sleep(0.05)
    connections["owner"].close()


def flush_as_owner(self: TransactionTestCase) -> None:
    """Empty every table as the owner and load the catalog again: the app role may not truncate.

    A table without rows costs as much to truncate as a full one, so those are left alone.
    """
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(format("
            "'SELECT %1$L WHERE EXISTS (SELECT FROM %1$I)', c.relname), ' UNION ALL ')"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
            " AND c.relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"
        )
        cursor.execute(cursor.fetchone()[0])
        filled = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
        if filled:
            cursor.execute(f"TRUNCATE {filled} RESTART IDENTITY CASCADE")
    call_command("prepare_database", verbosity=0)


TransactionTestCase._fixture_teardown = flush_as_owner  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def empty_cache(request: pytest.FixtureRequest) -> None:
    """Rate limits and cached answers of one test never reach the next."""
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        cache.clear()
        witness.file().unlink(missing_ok=True)
