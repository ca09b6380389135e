"""Do PostgreSQL and Redis start anywhere: long paths, any user, after any death?"""

import os
import pwd
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import redis

from tests.tradingsite.stack import Stack, wait_until
from tradingsite.datafolder import PROJECT, DataFolder
from tradingsite.supervisor import kernel, postgres


def services(folder: Path) -> Stack:
    return Stack(folder, "--services-only")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Services that several tests ask."""
    with services(tmp_path_factory.mktemp("services") / "data") as started:
        yield started


def query(data: DataFolder, statement: str) -> str:
    done = postgres.psql(data, "site", statement)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_folder_too_deep_for_a_socket_works(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 60) / ("e" * 60)
    with services(folder) as started:
        assert query(started.data, "SELECT 1") == "1"
        assert len(str(started.data.redis_socket)) < 100
        started.kill("redis")
    assert not started.data.sockets.exists()


def test_a_folder_of_sockets_that_a_killed_supervisor_left_is_used_and_removed(
    tmp_path: Path,
) -> None:
    folder = tmp_path / ("d" * 60) / ("e" * 60)
    with services(folder) as killed:
        killed.stop(signal.SIGKILL)
    assert killed.data.sockets.exists()
    done = manage(folder, "migrate", "accounts", "0001", "--verbosity", "0")
    assert (done.returncode, done.stderr) == (0, "")
    assert not killed.data.sockets.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_needs_nobody_else(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    folder = tmp_path / "home" / "data"
    folder.mkdir(parents=True)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    become = lambda: kernel.become(nobody.pw_uid, nobody.pw_gid)  # noqa: E731
    with Stack(folder, "--services-only", as_user=become) as started:
        assert started.lines[-1] == "Services are ready"
        assert {path.stat().st_uid for path in folder.iterdir()} == {nobody.pw_uid}


def test_what_was_written_survives_a_killed_supervisor(tmp_path: Path) -> None:
    with services(tmp_path / "data") as first:
        query(first.data, "CREATE TABLE kept AS SELECT 42 AS answer")
        first.stop(signal.SIGKILL)
    with services(tmp_path / "data") as second:
        assert query(second.data, "SELECT answer FROM kept") == "42"


def test_a_full_redis_lets_go_of_answers_and_of_no_queue(running: Stack) -> None:
    path = str(running.data.redis_socket)
    with redis.Redis(unix_socket_path=path, socket_timeout=5) as store:
        assert store.config_get("maxmemory")["maxmemory"] == str(256 * 1024**2)
        store.config_set("maxmemory", "8mb")
        store.rpush("celery", "task")
        for number in range(200):
            store.set(f"answer:{number}", bytes(100_000), ex=300)
        assert store.lrange("celery", 0, -1) == [b"task"]
        assert 0 < cast(int, store.dbsize()) < 100


def test_a_killed_postgres_is_back_while_a_query_of_it_runs(running: Stack) -> None:
    sleeper = [str(postgres.binaries() / "psql"), "-h", str(running.data.sockets)]
    asked = [*sleeper, "-U", "site_app", "-d", "site", "-c", "SELECT pg_sleep(60)"]
    with subprocess.Popen(asked, stderr=subprocess.DEVNULL) as client:
        wait_until(lambda: "pg_sleep" in query(running.data, BUSY))
        running.kill("postgres")
        wait_until(lambda: postgres.answers(running.data), timeout_s=30)
        client.wait(30)


BUSY = "SELECT query FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active'"


def test_a_lock_file_of_a_dead_postgres_keeps_nobody_out(tmp_path: Path) -> None:
    with services(tmp_path / "data") as first:
        lock_file = first.data.postgres / "postmaster.pid"
        _, rest = lock_file.read_text().split("\n", 1)
    lock_file.write_text(f"{os.getpid()}\n{rest}")  # a number that somebody else has got meanwhile
    with services(tmp_path / "data") as second:
        assert query(second.data, "SELECT 1") == "1"


def manage(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "manage.py"), *words]
    own = {"DATA_DIR": str(folder), "DATABASE_OWNER_URL": ""}  # nothing of the tests' database
    environment = os.environ | own | environment
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_migrate_starts_postgres_for_itself_and_stops_it(tmp_path: Path) -> None:
    done = manage(tmp_path / "data", "migrate", "accounts", "0001", "--verbosity", "0")
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()


def test_a_bad_setting_starts_no_postgres_for_a_command(tmp_path: Path) -> None:
    done = manage(tmp_path, "migrate", DATABASE_OWNER_URL="postgresql://a@b/d")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert done.stderr.startswith("Tradingsite: DATABASE_OWNER_URL is given without DATABASE_URL")
    assert not DataFolder(tmp_path).postgres.exists()


@pytest.mark.parametrize("command", ["check", "migrate"])
@pytest.mark.parametrize("folder", ["a link to itself", "no folder"])
def test_a_data_folder_that_is_none_is_one_line(tmp_path: Path, folder: str, command: str) -> None:
    (tmp_path / "no folder").touch()
    (tmp_path / "a link to itself").symlink_to("a link to itself")
    done = manage(tmp_path / folder, command)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert done.stderr.startswith(f"Tradingsite cannot use {tmp_path / folder}: ")
    with services(tmp_path / folder) as refused:
        assert refused.stop() == 1
    assert len(refused.lines) == 1


def test_a_command_without_a_database_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    done = manage(tmp_path / "data", "changepassword", "alice")
    assert done.returncode == 1
    assert done.stderr.startswith("PostgreSQL does not answer; start Tradingsite with ./run first.")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["check_books", "check_audit", "stream"])
def test_without_any_data_a_command_is_one_line_and_makes_none(
    tmp_path: Path, command: str
) -> None:
    done = manage(tmp_path / "data", command)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "./run first" in done.stderr
    assert not (tmp_path / "data").exists()


def test_an_empty_database_is_one_line_and_exit_code_1(running: Stack) -> None:
    done = manage(running.data.root, "check_books")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "manage.py migrate" in done.stderr


def test_with_the_owners_address_alone_the_site_still_has_no_rights_of_an_owner(
    tmp_path: Path,
) -> None:
    with services(tmp_path / "data") as started:
        for statement in ("DROP OWNED BY site_app", "DROP ROLE site_app", BOSS):
            query(started.data, statement)
        query(started.data, "CREATE DATABASE given OWNER boss")
        address = f"postgresql://boss:secret@/given?host={started.data.sockets}"
        made = manage(tmp_path, "prepare_database", "--migrate", "-v0", DATABASE_URL=address)
        assert (made.returncode, "tradingsite.W001" in made.stderr) == (0, True), made.stderr
        asked = manage(tmp_path, "shell", "-v0", "-c", WHO, DATABASE_URL=address)
        assert asked.stdout.strip() == "('site_app', 'boss')", asked.stderr


def test_an_owner_who_may_make_no_role_is_told_what_a_superuser_has_to_do(tmp_path: Path) -> None:
    with services(tmp_path / "data") as started:
        for statement in ("DROP OWNED BY site_app", "DROP ROLE site_app", CLERK):
            query(started.data, statement)
        query(started.data, "CREATE DATABASE given OWNER clerk")
        address = f"postgresql://clerk:secret@/given?host={started.data.sockets}"
        told = manage(tmp_path, "prepare_database", "--migrate", "-v0", DATABASE_URL=address)
        found = re.search(r"let a superuser of PostgreSQL run  (.*;)  once", told.stderr)
        assert found, told.stderr
        for statement in found[1].split(";"):
            query(started.data, statement)
        made = manage(tmp_path, "prepare_database", "--migrate", "-v0", DATABASE_URL=address)
        assert made.returncode == 0, made.stderr


CLERK = "CREATE ROLE clerk LOGIN PASSWORD 'secret'"
BOSS = "CREATE ROLE boss LOGIN CREATEROLE PASSWORD 'secret'"
WHO = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT current_user, session_user")
    print(cursor.fetchone())
"""
