"""How are the children kept running and stopped in order? One loop, woken by signals."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType

from tradingsite.datafolder import DataFolder
from tradingsite.supervisor import disk, kernel, logfiles, processes, report
from tradingsite.supervisor.child import Child, State
from tradingsite.supervisor.program import Program
from tradingsite.supervisor.progress import SetupError, note

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
HOUSEKEEPING_S = 10.0
NEXT = {State.WAITING: "starting it again", State.RESTING: "trying again at the usual time"}


class StopAsked(Exception):
    """Somebody asked the supervisor to stop before it was ready; `number` is that signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Watch:
    """The children of one data folder, in the order they were started."""

    def __init__(self, data: DataFolder) -> None:
        self.data = data
        self.children: dict[str, Child] = {}
        self.stop_asked = False
        self.stop_signal = 0
        self._looked_at = 0.0
        self._orphans_possible = False
        self._wake, wake_end = os.pipe()
        for end in (self._wake, wake_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # started by nohup: a terminal that closes is none of our business
            signal.signal(number, self._ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to be woken
        kernel.adopt_orphans()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked, self.stop_signal = True, number

    def start(self, program: Program) -> Child:
        """Start a program and keep it running from now on."""
        child = Child(program, self.data.logs / f"{program.name}.log")
        self.children[program.name] = child
        child.start()
        self.publish()
        return child

    def repeat(self, program: Program, *, first_in_s: float) -> None:
        """Run a program now and then, from a while after now."""
        child = Child(program, self.data.logs / f"{program.name}.log")
        child.rest(time.monotonic() + first_in_s)
        self.children[program.name] = child

    def until(self, check: Callable[[], bool], *, timeout_s: float, every_s: float = 0.05) -> bool:
        """Keep the children running until `check` holds; False when the time is over.

        Raises StopAsked.
        """
        deadline = time.monotonic() + timeout_s
        while not check():
            if time.monotonic() > deadline:
                return False
            self.turn(wait_s=every_s)
            if self.stop_asked:
                raise StopAsked(self.stop_signal)
        return True

    def run_once(self, program: Program, *, timeout_s: float) -> int:
        """Run a program to its end beside the others; its exit code, of what it said the reason.

        Raises StopAsked, and SetupError where it came to no end of its own.
        """
        child = self.start(program)
        in_time = self.until(lambda: child.pid is None, timeout_s=timeout_s)
        if not in_time:
            self.stop([program.name])
        del self.children[program.name]
        code = child.exit_code or 0
        if not in_time or code < 0:
            how = f"was ended by signal {-code}" if in_time else f"took longer than {timeout_s:g} s"
            raise SetupError(f"{program.name} {how}; see {child.log}")
        return code

    def forever(self) -> None:
        """Keep the children running until somebody asks to stop."""
        while not self.stop_asked:
            self.turn(wait_s=1.0)

    def turn(self, *, wait_s: float) -> None:
        """One round: sleep until something happens, reap, start again what is due."""
        waiting = any(child.state is State.WAITING for child in self.children.values())
        select.select([self._wake], [], [], min(wait_s, 0.1) if waiting else wait_s)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 512)
        changed = self.reap()
        self.end_orphans()
        for child in self.children.values():
            if child.is_due and not self.stop_asked:
                self._start_again(child)
                changed = True
        if changed:
            self.publish()
        self.keep_house()

    def _start_again(self, child: Child) -> None:
        try:
            child.start()
        except OSError as error:  # no room for a log, or too many processes: that passes
            note(f"{child.program.name} cannot be started ({error}), trying again")
            child.wait_longest()

    def reap(self) -> bool:
        """Collect every process that ended; True where one of them was a child of ours."""
        found = False
        while (ended := wait_for_any()) is not None:
            pid, code = ended
            for child in self.children.values():
                if child.pid == pid:
                    self._take_note(child, pid, code)
                    found = True
            self._orphans_possible = True
        return found

    def _take_note(self, child: Child, pid: int, code: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)  # what it forked and left in its session
        child.ended(code, on_purpose=self.stop_asked)
        if child.state is State.GIVEN_UP and disk.is_full(self.data):
            note(f"the disk is full: make room; {child.program.name} waits for that")
            child.wait_longest()
            return
        if child.state is State.STOPPED or (child.state is State.RESTING and code == 0):
            return
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        then = NEXT.get(child.state, "NOT starting it again")
        note(f"{child.program.name} ended ({how}), {then}; see {child.log}")

    def end_orphans(self) -> None:
        """End what dead children left; backends of a dead PostgreSQL would keep the next out."""
        if not self._orphans_possible:
            return
        known = {child.pid for child in self.children.values()}
        orphans = [found for found in processes.children() if found.pid not in known]
        for orphan in orphans:
            backend = orphan.command.startswith("postgres:")
            processes.send(orphan.pid, signal.SIGQUIT if backend else signal.SIGKILL)
        self._orphans_possible = bool(orphans)

    def keep_house(self) -> None:
        """Now and then: cap the log files, replace a child that has grown too large."""
        if time.monotonic() - self._looked_at < HOUSEKEEPING_S:
            return
        self._looked_at = time.monotonic()
        logfiles.cap(self.data.logs)
        for child in self.children.values():
            limit = child.program.memory_max_mb
            if limit and child.pid and processes.memory_mb(child.pid) > limit:
                note(f"{child.program.name} has grown past {limit} MB, replacing it")
                processes.send(child.pid, child.program.stop_signal)

    def stop(self, names: Sequence[str]) -> None:
        """Stop these children together, each within its own grace, then without."""
        self.stop_asked = True
        stopping = [self.children[name] for name in names if name in self.children]
        began = time.monotonic()
        for child in stopping:
            if child.pid:
                processes.send(child.pid, child.program.stop_signal)
            else:
                child.state = State.STOPPED
        while living := [child for child in stopping if child.pid]:
            for child in living:
                if child.pid and time.monotonic() - began > child.program.grace_s:
                    processes.send(child.pid, signal.SIGKILL)
            self.turn(wait_s=0.05)

    def publish(self) -> None:
        """Write who runs for `/readyz` and for people; what a full disk refuses comes later."""
        with contextlib.suppress(OSError):
            report.write(self.data, self.children)


def wait_for_any() -> tuple[int, int] | None:
    """One ended process and its code (negative: the signal); None where none has ended."""
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, os.waitstatus_to_exitcode(status)) if pid else None
