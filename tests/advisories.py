"""Is anything we build on known to be vulnerable? Asks the advisory service of the Python index.

Run by `.ci/run`: `python -m tests.advisories`. Where the service cannot be reached, or a mirror
without advisories answers in its place, it says so in one line and fails nothing, because what is
known changes without a change of ours.
"""

import json
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
    command += ["--format", "json", "--progress-spinner", "off"]
    asked = subprocess.run(command, cwd=PROJECT, check=False, stdout=subprocess.PIPE, text=True)
    print("\n".join(told(asked.stdout)))
    return asked.returncode


def told(answer: str) -> list[str]:
    """What is known of each library in lines, and of how many nobody could be asked.

    A mirror has packages and no advisories: pip-audit then finds nothing, and is content.
    """
    libraries = json.loads(answer)["dependencies"] if answer else []
    asked = [one for one in libraries if "skip_reason" not in one]
    lines = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {hole['fix_versions']}"
        for one in asked
        for hole in one["vulns"]
    ]
    if not asked:
        return [AWAY]
    return [*lines, f"{len(asked)} of {len(libraries)} libraries were looked up."]


if __name__ == "__main__":
    sys.exit(main())
