"""What does `./test` run? Style and floors; then pytest, with types and a part of it beside."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import chromium, part
from tradingsite.datafolder import PROJECT
from tradingsite.supervisor import kernel

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports",),
    ("bandit", "-q", "-r", "-lll", "accounts", "core", "market", "portfolio", "tradingsite"),
)
TYPES = ("mypy", ".")
# These only compute and do not mind what else runs: where every test is asked for, another
# processor does them meanwhile, and is done long before sites are watched by the clock.
COMPUTING = (
    *("tests/accounts", "tests/portfolio", "tests/tidy"),
    *(f"tests/stories/test_{name}.py" for name in ("every_url", "api_fuzz", "csrf_matrix")),
    *(f"tests/stories/test_{name}.py" for name in ("bad_input", "injection", "query_counts")),
)
# Tests decide themselves what the site is told; whatever the terminal holds must not leak in.
OURS = (
    *("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PORT", "PUBLIC_URL", "FEEDS", "DEBUG"),
    *("SECRET_KEY", "ENCRYPTION_KEYS", "EXCHANGES", "ALLOWED_HOSTS", "TRUSTED_PROXIES"),
    *("EMAIL_URL", "DEFAULT_FROM_EMAIL", "SIGNUP_OPEN", "REAL_TRADING_ENABLED"),
    *("DATABASE_POOL_MAX", "DATABASE_STATEMENT_TIMEOUT_MS", "DATA_DIR"),
)


def main(arguments: list[str]) -> int:
    """Run it all; the exit code of the first step that fails. What ran beside comes last."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the services are stopped
    for name in OURS:
        os.environ.pop(name, None)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    if found := chromium.obtain():
        os.environ["CHROMIUM"] = found
    else:
        print("No Chromium could be found or installed: browser tests are skipped.", flush=True)
    for check in CHECKS:
        if code := part.timed(check):
            return code
    apart = () if arguments else COMPUTING
    commands = [TYPES, (sys.executable, "-m", "tests.part", *apart)] if apart else [TYPES]
    with ExitStack() as stack:
        others = [stack.enter_context(beside(command)) for command in commands]
        code = part.run([*arguments, *(f"--ignore={path}" for path in apart)])
        return next(filter(None, [code, *(result() for result in others)]), 0)


@contextmanager
def beside(command: tuple[str, ...]) -> Iterator[Callable[[], int]]:
    """Run one step while others run; asked for its exit code, print what it said."""
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdout=said,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: kernel.end_with_parent(signal.SIGTERM),
        )

        def result() -> int:
            code = child.wait()
            said.seek(0)
            print(said.read().decode(), end="")
            print(f"meanwhile  {' '.join(command[:3])}: {part.verdict(code)}", flush=True)
            return code

        try:
            yield result
        finally:
            child.terminate()
            child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
