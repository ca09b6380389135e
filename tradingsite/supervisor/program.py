"""What does the supervisor have to know of a program to keep it running and to stop it well?"""

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tradingsite.datafolder import OWNER_URL, PROJECT
from tradingsite.supervisor import kernel
from tradingsite.supervisor.account import Account

# Of what the operator set, this is told only to programs that name it among their `secrets`: what
# every program that loads Django's settings needs, and what single ones do.
AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
SITE = frozenset({"SECRET_KEY", "SECRET_KEY_FALLBACKS", "ENCRYPTION_KEYS", "EMAIL_URL", *AWS})
SECRETS = SITE | {"BACKUP_KEY", OWNER_URL, "OANDA_TOKEN", "NEWSAPI_KEY"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A command line with the way it wants to be stopped."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 5.0
    fast_exits_max: int = 5
    final_exit_codes: frozenset[int] = frozenset()
    memory_max_mb: int | None = None
    once: bool = False
    every_s: float = 0.0  # with `once`: run again, so long after its last start


def spawn(program: Program, log: Path) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, so that Ctrl-C reaches the supervisor alone."""
    log.parent.mkdir(mode=0o700, exist_ok=True)  # somebody may have cleared it away meanwhile
    with log.open("ab") as output:
        return subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/" if program.account else PROJECT,
            env=environment_of(program),
            start_new_session=True,
            preexec_fn=lambda: prepare_child(program),
        )


def environment_of(program: Program) -> dict[str, str]:
    """Ours without the secrets that are none of its business, and what it asks for."""
    hidden = SECRETS - program.secrets
    told = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**told, **program.environment}


def prepare_child(program: Program) -> None:
    """Between fork and exec: step down from root, then tie the child's life to ours."""
    step_down(program.account)
    kernel.end_with_parent(program.stop_signal)


def step_down(account: Account | None) -> None:
    """Become the account, where there is one to become."""
    if account:
        kernel.become(account.uid, account.gid)
