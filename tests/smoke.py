"""Does a fresh clone start from a bare environment, show the board and stop? Run by .ci/run."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
NETWORK = r".*_PROXY|SSL_CERT_.*|NODE_EXTRA_CA_CERTS|(PIP|UV|NPM_CONFIG)_.*"
KEPT = re.compile(rf"PATH|HOME|LANG|{NETWORK}", re.IGNORECASE)
SETUP_TIMEOUT_S = 420.0
STOP_TIMEOUT_S = 30.0


def main() -> int:
    """Clone, run, look, stop; the exit code."""
    with tempfile.TemporaryDirectory(prefix="tradingsite-smoke-") as folder:
        Path(folder).chmod(0o755)
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", str(PROJECT), str(clone)], check=True)
        port = free_port()
        process = start(clone, port)
        watchdog = threading.Timer(SETUP_TIMEOUT_S, process.kill)
        watchdog.start()
        try:
            wait_until_ready(process, port)
            look(port)
        finally:
            watchdog.cancel()
            code = stop(process)
    if code != 0:
        sys.exit(f"smoke test: ./run ended with exit code {code}")
    print("smoke test: a fresh clone started, showed the board and stopped", flush=True)
    return 0


def start(clone: Path, port: int) -> subprocess.Popen[str]:
    """`./run` in the clone, with nothing in the environment but the way to the network."""
    bare = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
    command = ["./run", "--port", str(port)]
    return subprocess.Popen(command, cwd=clone, env=bare, stdout=subprocess.PIPE, text=True)


def wait_until_ready(process: subprocess.Popen[str], port: int) -> None:
    """Pass on what `./run` prints until it says that it is ready."""
    wanted = f"Tradingsite is ready: http://127.0.0.1:{port}"
    for line in process.stdout or ():
        print("  |", line.rstrip(), flush=True)
        if line.strip() == wanted:
            return
    sys.exit("smoke test: ./run ended before it was ready")


def look(port: int) -> None:
    """Load the board and one of the style sheets it names."""
    page = get(f"http://127.0.0.1:{port}/")
    for needed in ("USD", "EUR", "BTC"):
        if needed not in page:
            sys.exit(f"smoke test: the board does not show {needed}")
    sheet = re.search(r'href="(/static/css/app[^"]*\.css)"', page)
    if not sheet or "--surface" not in get(f"http://127.0.0.1:{port}{sheet[1]}"):
        sys.exit("smoke test: the board has no style sheet")


def get(address: str) -> str:
    """The body of an answer; raises on any status but 2xx."""
    with urllib.request.urlopen(address, timeout=20) as answer:
        return str(answer.read().decode())


def stop(process: subprocess.Popen[str]) -> int:
    """Ask it to stop and wait; the exit code."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(STOP_TIMEOUT_S)
    print(f"  | stopped in {time.monotonic() - began:.1f} s", flush=True)
    return code


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
