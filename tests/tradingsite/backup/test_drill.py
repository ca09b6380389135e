"""The drill: dump, lose everything, restore into a new cluster; every table is the same."""

import json
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.tradingsite.test_services import manage, query, services
from tradingsite.datafolder import DataFolder

PEOPLE = """
from accounts import second_factor
from accounts.models import User
from allauth.mfa.totp.internal.auth import TOTP
from portfolio import trading_accounts
for n in range(25):
    user = User.objects.create_user(f"person{n}", f"p{n}@example.org", None)
    trading_accounts.ensure_virtual(user=user)
with second_factor.acting_for(user):
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
"""
SEED = """
from accounts import second_factor
from allauth.mfa.models import Authenticator
row = Authenticator.objects.get()
with second_factor.acting_for(row.user):
    print(second_factor.SecondFactorAdapter().decrypt(row.data["secret"]))
"""
TABLES = """
SELECT relname FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
SUM = """
SELECT '{0} ' || count(*) || ' ' || md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), ''))
FROM {0} t
"""
OUR_SEED = "JBSWY3DPEHPK3PXP"


@dataclass(frozen=True)
class Drill:
    """Where the backup lies, the keys that were exported, and what every table held."""

    url: str
    keys: dict[str, str]
    checksums: list[str]


def checksums(data: DataFolder) -> list[str]:
    """Rows and md5 of every table."""
    tables = query(data, TABLES).split()
    assert len(tables) > 30
    return sorted(query(data, " UNION ALL ".join(map(SUM.format, tables))).splitlines())


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Drill:
    """A site with people and money, backed up; then its data folder is never used again."""
    folder = tmp_path_factory.mktemp("drill")
    url = (folder / "store").as_uri()
    with services(folder / "lost") as site:
        root = site.data.root
        must(root, "prepare_database", "--migrate", "-v0")
        must(root, "shell", "-v0", "-c", PEOPLE)
        must(root, "backup", BACKUP_URL=url)
        must(root, "export_keys", str(folder / "keys.env"))
        before = checksums(site.data)
    lines = (folder / "keys.env").read_text().splitlines()
    keys = {name: json.loads(text) for name, _, text in (line.partition("=") for line in lines)}
    return Drill(url, keys, before)


def must(root: Path, *words: str, **environment: str) -> str:
    done = manage(root, *words, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def restored(drill: Drill, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    data = DataFolder(tmp_path_factory.mktemp("new") / "data")
    said = must(data.root, "restore", BACKUP_URL=drill.url, **drill.keys)
    assert "25 journal entries" in said
    return data


def test_every_table_is_the_same_in_a_new_cluster(drill: Drill, restored: DataFolder) -> None:
    with services(restored.root):
        assert checksums(restored) == drill.checksums
        assert must(restored.root, "shell", "-v0", "-c", SEED, **drill.keys).strip() == OUR_SEED
        assert "The books hold." in must(restored.root, "check_books")


def test_without_the_key_of_stored_secrets_they_stay_shut(
    drill: Drill, restored: DataFolder
) -> None:
    with services(restored.root):
        refused = manage(restored.root, "shell", "-v0", "-c", SEED)
        assert refused.returncode != 0
        assert OUR_SEED not in refused.stdout


def test_a_running_site_is_not_replaced_under_its_feet(drill: Drill, restored: DataFolder) -> None:
    with services(restored.root):
        refused = manage(restored.root, "restore", "--replace", BACKUP_URL=drill.url, **drill.keys)
        assert refused.returncode == 1
        assert "already runs" in refused.stderr
        assert "--replace" in must(restored.root, "restore", "--help")


def test_what_is_there_is_kept_beside(drill: Drill, restored: DataFolder) -> None:
    refused = manage(restored.root, "restore", BACKUP_URL=drill.url, **drill.keys)
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    said = must(restored.root, "restore", "--replace", BACKUP_URL=drill.url, **drill.keys)
    assert "site_before_" in said


def test_a_wrong_key_changes_nothing(drill: Drill, restored: DataFolder) -> None:
    keys = drill.keys | {"BACKUP_KEY": "not the one"}
    refused = manage(restored.root, "restore", "--replace", BACKUP_URL=drill.url, **keys)
    assert refused.returncode == 1
    assert "was written under key" in refused.stderr
    with services(restored.root):
        assert query(restored, "SELECT count(*) FROM portfolio_journalentry") == "25"


def test_an_outside_database_in_use_is_not_replaced(
    drill: Drill, restored: DataFolder, tmp_path: Path
) -> None:
    given = {"BACKUP_URL": drill.url, "DATABASE_OWNER_URL": restored.owner_url, **drill.keys}
    given |= {"DATABASE_URL": restored.database_url("site_app")}
    other = tmp_path / "other"
    with services(restored.root):
        with psycopg.connect(given["DATABASE_URL"], application_name="web"):
            refused = manage(other, "restore", "--replace", **given)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "The database site is in use by 'web': stop" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
        assert "25 journal entries" in must(other, "restore", "--replace", **given)
