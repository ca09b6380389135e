"""Under which account do PostgreSQL and Redis run? Our own; as root, one without privileges."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from tradingsite.supervisor.progress import SetupError

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A system account to step down to."""

    uid: int
    gid: int


def for_services() -> Account | None:
    """The account to step down to; None where we are an ordinary user already.

    Raises SetupError for root on a system without any such account.
    """
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise SetupError("PostgreSQL does not run as root: create a system account named postgres.")


def private_folder(path: Path, account: Account | None) -> None:
    """Make sure `path` is a folder of mode 0700 that belongs to the account.

    Raises SetupError where somebody else owns it already.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = account.uid if account else os.geteuid()
    found = path.lstat()
    if found.st_uid not in (owner, os.geteuid()) or path.is_symlink():
        raise SetupError(f"{path} belongs to somebody else: choose another data folder.")
    if account:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)


def refuse_foreign(path: Path, account: Account | None) -> None:
    """Raise SetupError where PostgreSQL's files in `path` belong to another account: it asks."""
    due = account.uid if account else os.geteuid()
    owner = path.stat().st_uid if path.exists() else due
    if owner == due:
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"account {owner}"
    raise SetupError(f"{path} belongs to {name}: start as that one, or choose another data folder.")
