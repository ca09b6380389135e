"""Does the embedded PostgreSQL let the owner in by password alone, and who has that?"""

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tradingsite.stack import Stack
from tests.tradingsite.test_services import manage, query, services
from tradingsite.datafolder import OWNER_KEY, DataFolder
from tradingsite.supervisor import postgres

ASK = "from django.db import connections; connections['owner'].cursor()"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with services(tmp_path_factory.mktemp("owner") / "data") as started:
        yield started


def enter(data: DataFolder, role: str) -> subprocess.CompletedProcess[str]:
    """Try to connect as `role`, from the same account but without a password."""
    command = [str(postgres.binaries() / "psql"), "-w", "-h", str(data.sockets), "-U", role]
    return subprocess.run(
        [*command, "-d", "site", "-c", "SELECT 1"], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("role", ["site_owner", "postgres"])
def test_nobody_owns_anything_without_the_password(running: Stack, role: str) -> None:
    refused = enter(running.data, role)
    assert refused.returncode != 0
    assert "no password supplied" in refused.stderr
    assert enter(running.data, "site_app").returncode == 0


def test_what_a_child_is_told_does_not_open_the_owners_role(running: Stack) -> None:
    asked = manage(running.data.root, "shell", "-v0", "-c", ASK)
    assert asked.returncode == 1
    assert "no password supplied" in asked.stderr


def test_migrations_find_the_password_in_a_file_of_the_folders_owner(running: Stack) -> None:
    done = manage(running.data.root, "migrate", "accounts", "0001", "-v0")
    assert (done.returncode, done.stderr) == (0, "")
    key = running.data.root / "keys" / OWNER_KEY
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("is_older", [True, False])
def test_a_folder_without_the_key_gets_one_and_keeps_its_data(
    tmp_path: Path, is_older: bool
) -> None:
    with services(tmp_path / "data") as first:
        query(first.data, "CREATE TABLE kept AS SELECT 42 AS answer")
        if is_older:  # as folders were before owners had passwords
            query(first.data, "ALTER ROLE postgres PASSWORD NULL")
    (first.data.root / "keys" / OWNER_KEY).unlink()
    if is_older:
        postgres.doors(first.data).write_text("local all all trust\n")
    with services(tmp_path / "data") as second:
        assert query(second.data, "SELECT answer FROM kept") == "42"
        assert enter(second.data, "site_owner").returncode != 0
