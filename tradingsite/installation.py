"""What has to be installed before Tradingsite can start? Run by ./run and ./test, stdlib only.

Every step leaves a sha256 stamp of what it read and is skipped while that has not changed.
"""

import argparse
import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[0] = str(PROJECT)  # started by path, so that the caller's folder does not matter

from tradingsite import frontend  # noqa: E402
from tradingsite.supervisor.progress import SetupError, complain, say, step  # noqa: E402

VENV = Path(sys.prefix)
DISK_NEEDED = 2 * 2**30
MEMORY_NEEDED = 2**30
CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
UV_LOCK = "requirements-uv.txt"
HASHED = ("--require-hashes", "--no-deps", "-r")


def main() -> int:
    """Install what is missing; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what tests and benchmarks need")
    options = parser.parse_args()
    trust_system_certificates()
    try:
        warn_about_memory()
        with alone():
            install(["requirements.txt", *(["requirements-dev.txt"] if options.dev else [])])
            if frontend.is_due():
                with step("front end is built"):
                    frontend.build()
    except (SetupError, frontend.FrontendError) as error:
        complain(f"Tradingsite: {error}")
        return 1
    except KeyboardInterrupt:
        complain("Tradingsite: set-up was stopped; the next start goes on from here.")
        return 128 + signal.SIGINT
    return 0


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One set-up at a time: ./run and ./test share the packages. Whoever comes second waits."""
    try:
        lock = (VENV / "set-up.lock").open("a")
    except OSError:  # nothing can be installed here either
        yield
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("        another set-up is under way here; waiting for its end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(locks: list[str]) -> None:
    """Install the pinned packages of the lock files, checked by hash."""
    due = [name for name in locks if not stamp_of(name).is_current()]
    if not due:
        return
    refuse_full_disk()
    if not stamp_of(UV_LOCK).is_current():
        with step("uv is installed"):
            pip(UV_LOCK)
            stamp_of(UV_LOCK).leave()
    for name in due:
        with step(f"packages of {name} are installed"):
            uv(name)
            stamp_of(name).leave()


def refuse_full_disk() -> None:
    """Raise SetupError where the packages would not fit."""
    free = shutil.disk_usage(PROJECT).free
    if free < DISK_NEEDED:
        raise SetupError(f"only {free / 2**30:.1f} GB of disk is free at {PROJECT}; 2 GB needed.")


def warn_about_memory() -> None:
    """Say so where less than 1 GB is available; it may still be enough."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return
    found = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    available = found.get("MemAvailable", MEMORY_NEEDED)
    if available < MEMORY_NEEDED:
        say(f"Only {available / 2**20:.0f} MB of memory is free; Tradingsite wants 1 GB.")


def trust_system_certificates() -> None:
    """Let uv and npm trust what the system trusts, as pip does: companies add their own there."""
    paths = (os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *CERTIFICATES)
    if found := next((path for path in paths if path and Path(path).is_file()), None):
        os.environ.setdefault("UV_SYSTEM_CERTS", "true")
        os.environ.setdefault("NODE_EXTRA_CA_CERTS", found)


def pip(lock: str) -> None:
    """Install by pip, which every virtual environment has; raises SetupError."""
    os.environ.setdefault("PIP_RETRIES", "1")
    run([sys.executable, "-m", "pip", "install", "-q", *HASHED, lock], lock)


def uv(lock: str) -> None:
    """Install by uv, many times as fast as pip; raises SetupError."""
    command = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", sys.executable]
    try:
        run([*command, *HASHED, lock], lock)
    except SetupError:
        say("        uv could not; trying pip, which knows this machine's pip.conf")
        pip(lock)


def run(command: list[str], what: str) -> None:
    """Run one installer with our environment, proxies and certificates included."""
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        said = reason(done.stderr or done.stdout)
        raise SetupError(f"could not install {what}; is the network reachable? ({said})")


def reason(text: str) -> str:
    """The line of an installer's output that says why, without the notices after it."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["it said nothing"])[-1][:300]


class Stamp:
    """A file that remembers what was installed from a lock file, and for which Python."""

    def __init__(self, lock: str) -> None:
        self.path = VENV / f"{lock}.sha256"
        about = f"{platform.python_version()} {platform.machine()} {sys.platform}"
        text = (PROJECT / lock).read_bytes() + about.encode()
        self.wanted = hashlib.sha256(text).hexdigest()

    def is_current(self) -> bool:
        """Whether the packages are installed already."""
        return self.path.exists() and self.path.read_text() == self.wanted

    def leave(self) -> None:
        """Remember that they are."""
        self.path.write_text(self.wanted)


def stamp_of(lock: str) -> Stamp:
    """The stamp of one lock file."""
    return Stamp(lock)


if __name__ == "__main__":
    sys.exit(main())
