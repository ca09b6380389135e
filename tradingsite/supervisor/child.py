"""How does one child fare? Running, waiting to be started again, resting, given up, or stopped."""

import signal
import subprocess
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tradingsite.supervisor.program import Program, spawn

FAST_EXIT_S = 5.0
LONGEST_WAIT_S = 8.0


class State(StrEnum):
    """What a child is doing."""

    RUNNING = "running"
    WAITING = "waiting"
    RESTING = "resting"
    GIVEN_UP = "given up"
    STOPPED = "stopped"


@dataclass(slots=True)
class Child:
    """One program under supervision; times are of the monotonic clock, in seconds."""

    program: Program
    log: Path
    state: State = State.WAITING
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    restarts: int = 0
    early_ends: int = 0
    fast_exits: int = 0
    exit_code: int | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self.process.pid if self.process else None

    def start(self) -> None:
        """Start the program now."""
        self.process = spawn(self.program, self.log)
        self.started_at = time.monotonic()
        self.state = State.RUNNING

    def ended(self, code: int, *, on_purpose: bool) -> None:
        """Take note that the process is gone, and decide whether and when it comes back.

        Somebody's SIGKILL slows the next start but is no reason to give up: the program did
        nothing wrong. `code` is negative for a signal, as subprocess says it.
        """
        if self.process:
            self.process.returncode = code
        self.process = None
        self.exit_code = code
        if on_purpose or (self.program.once and not self.program.every_s):
            self.state = State.STOPPED
            return
        if self.program.every_s:
            self.rest(self.started_at + self.program.every_s)
            return
        early = time.monotonic() - self.started_at < FAST_EXIT_S
        self.early_ends = self.early_ends + 1 if early else 0
        self.fast_exits = self.fast_exits + (code != -signal.SIGKILL) if early else 0
        if code in self.program.final_exit_codes or self.fast_exits >= self.program.fast_exits_max:
            self.state = State.GIVEN_UP
            return
        self.state = State.WAITING
        self.restarts += 1
        wait_s = min(0.1 * 2**self.early_ends, LONGEST_WAIT_S)
        self.start_again_at = time.monotonic() + wait_s

    def wait_longest(self) -> None:
        """Try again after the longest wait, however often it failed before."""
        self.state = State.WAITING
        self.start_again_at = time.monotonic() + LONGEST_WAIT_S

    def rest(self, until: float) -> None:
        """Run it at `until`, by the monotonic clock."""
        self.state, self.start_again_at = State.RESTING, until

    @property
    def is_due(self) -> bool:
        """Whether it is time to start it again."""
        waits = self.state in (State.WAITING, State.RESTING)
        return waits and time.monotonic() >= self.start_again_at
