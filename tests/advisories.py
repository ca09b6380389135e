"""Is anything we build on known to be vulnerable? Asks the advisory service of the Python index.

Run by `.ci/run`: `python -m tests.advisories`. Where the service cannot be reached it says so in
one line and fails nothing, because what it knows changes without a change of ours.
"""

import subprocess
import sys

import httpx

from tests.tidy.tree import PROJECT

SERVICE = "https://pypi.org/pypi/pip/json"  # one package's page: is the service there at all?
TIMEOUT_S = 5.0
LOCKS = ("requirements.txt", "requirements-dev.txt")
AWAY = "No advisory service can be reached: known vulnerabilities were not looked up."


def main(service: str = SERVICE) -> int:
    """0 when nothing is known, or nobody could be asked; else pip-audit's own exit code."""
    try:
        httpx.get(service, timeout=TIMEOUT_S).raise_for_status()
    except httpx.HTTPError:
        print(AWAY)
        return 0
    files = [part for lock in LOCKS for part in ("-r", lock)]
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", *files]
    return subprocess.run(command, cwd=PROJECT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
