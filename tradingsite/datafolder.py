"""Where does one installation keep its files? Paths, sockets and keys, from DATA_DIR alone."""

import contextlib
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.durable import keep_names

PROJECT = Path(__file__).resolve().parent.parent
OWNER_URL = "DATABASE_OWNER_URL"
OWNER_KEY = "database_owner"
PORT = 8000
SOCKET_PATH_MAX = 100  # bytes; PostgreSQL and the kernel refuse more than 107


@dataclass(frozen=True, slots=True)
class DataFolder:
    """One installation's folder; nothing here touches the disk until a file is asked for."""

    root: Path

    @classmethod
    def of_this_process(cls) -> "DataFolder":
        """The folder named by DATA_DIR; `var/` in the project where it is unset."""
        return cls(Path(os.path.realpath(os.environ.get("DATA_DIR") or PROJECT / "var")))

    @property
    def sockets(self) -> Path:
        """Folder of the Unix sockets: below the root, or a short one if that is too long.

        PostgreSQL and its clients read a comma as the end of a name.
        """
        wanted = self.root / "run"
        is_short = len(os.fsencode(wanted / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_MAX
        if is_short and "," not in str(wanted):
            return wanted
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path("/tmp") / f"tradingsite-{os.getuid()}-{digest}"  # noqa: S108

    @property
    def redis_socket(self) -> Path:
        """Socket of the embedded Redis."""
        return self.sockets / "redis.sock"

    @property
    def postgres(self) -> Path:
        """The embedded PostgreSQL's cluster."""
        return self.root / "postgres"

    @property
    def logs(self) -> Path:
        """What each process printed."""
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        """Held by the one supervisor of this folder; contains its process id."""
        return self.root / "up.lock"

    @property
    def supervisor_state(self) -> Path:
        """Which children run, wait or were given up, as JSON; `/readyz` reads it."""
        return self.root / "supervisor.json"

    @property
    def port(self) -> int:
        """Where this installation answered last: what a command beside it calls its address."""
        try:
            return int(json.loads(self.supervisor_state.read_text())["port"])
        except (OSError, ValueError, KeyError, TypeError):  # it never ran, or told nothing
            return PORT

    @property
    def mail(self) -> Path:
        """Where mail is written as files when no mail server is configured."""
        return self.root / "mail"

    def database_url(self, role: str) -> str:
        """Address of the embedded PostgreSQL for a role; `site_app` needs no password there."""
        return f"postgresql://{role}@/site?host={quote(str(self.sockets))}"

    @property
    def owner_url(self) -> str:
        """Address of the embedded PostgreSQL for the tables' owner, with its password."""
        return self.database_url(f"site_owner:{self.key(OWNER_KEY)}")

    @property
    def keys(self) -> Path:
        """Folder of the secrets; the first thing anybody asks for."""
        return self.root / "keys"

    def has_key(self, name: str) -> bool:
        """Whether that secret was made already."""
        return (self.keys / name).exists()

    @property
    def redis_url(self) -> str:
        """Address of the embedded Redis."""
        return f"unix://{quote(str(self.redis_socket))}"

    def key(self, name: str) -> str:
        """The secret of that name: made once, kept in a file only its owner may read."""
        return self.key_file(name).read_text().strip()

    def key_file(self, name: str) -> Path:
        """The file of that secret, made where there is none."""
        path = self.keys / name
        if not self.has_key(name):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create_privately(path, secrets.token_urlsafe(48))
        return path


def become_owner() -> None:
    """Let this process, before it reads its settings, be the owner of the embedded database."""
    if not os.environ.get("DATABASE_URL") and not os.environ.get(OWNER_URL):
        os.environ[OWNER_URL] = DataFolder.of_this_process().owner_url


def _create_privately(path: Path, text: str) -> None:
    """Write a new file with mode 0600; a file that another process made first stays.

    It is on the disk, name and all, before anything can be protected with what is in it.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    keep_names(path.parent)
