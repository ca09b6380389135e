"""Which processes make up the site, and with what limits? The Docker files list the same ones."""

import sys
from importlib.util import find_spec

from tradingsite.datafolder import OWNER_URL
from tradingsite.supervisor.program import SITE, Program

PORT_TAKEN = 3  # the web launcher's exit code; trying again would not help
POOLS = {"web": 10, "worker": 4, "stream": 3, "quant": 2}
CELERY = ("-A", "tradingsite", "worker", "--loglevel", "INFO")
THREADS = ("-P", "threads", "-c", "4")
CLOCK = ("-B", "-s", "/dev/null")  # beat inside; its schedule is kept in the database
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat")
# One task at a time in a forked child, which alone loads heavy libraries. Once that has passed
# 180 MB, which indicators never do and pyarrow always does, it is replaced after its task.
FORKED = ("-P", "prefork", "-c", "1", "--max-memory-per-child", "180000")
OWN_QUEUE = ("-Q", "quant", "-n", "quant@%h")
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
BACKUP_EVERY_S, FIRST_BACKUP_S = 3600.0, 180.0
# People wait: the second is for a database that hangs, and ends no statement itself.
SOON = {"DATABASE_STATEMENT_TIMEOUT_MS": "5000", "DATABASE_ANSWER_TIMEOUT_MS": "7000"}
CAPABILITIES = ("talib", "pandas", "pyarrow")  # any of them gives quant something to do


def site() -> list[Program]:
    """Web, worker with its clock, the writer of prices, heavy work; started in this order."""
    heavy = [quant()] if any(map(find_spec, CAPABILITIES)) else []
    return [web(), worker(), stream(), *heavy]


def web() -> Program:
    """Pages, API and sockets; ten seconds for open requests, three to leave."""
    return Program(
        name="web",
        command=(sys.executable, "-m", "tradingsite.launcher"),
        environment=limits("web") | SOON,
        secrets=SITE | {"NEWSAPI_KEY"},
        grace_s=13,
        final_exit_codes=frozenset({PORT_TAKEN}),
    )


def worker() -> Program:
    """Celery's tasks in threads of one process; beat runs inside it."""
    return Program(
        name="worker",
        command=(sys.executable, "-m", "celery", *CELERY, *THREADS, *QUIET, *CLOCK),
        environment=limits("worker") | {"C_FORCE_ROOT": "1"},
        secrets=SITE | {"OANDA_TOKEN", "NEWSAPI_KEY"},
        grace_s=12,
        memory_max_mb=400,
    )


def stream() -> Program:
    """The one writer of prices."""
    return Program(
        name="stream",
        command=(sys.executable, "manage.py", "stream"),
        environment=limits("stream"),
        secrets=SITE | {"OANDA_TOKEN"},
        grace_s=8,
    )


def quant() -> Program:
    """Celery's heavy tasks: whatever is named `*.quant.*`."""
    return Program(
        name="quant",
        command=(sys.executable, "-m", "celery", *CELERY, *FORKED, *QUIET, *OWN_QUEUE),
        environment=limits("quant") | {"C_FORCE_ROOT": "1"} | ONE_THREAD,
        secrets=SITE,
        grace_s=12,
        memory_max_mb=400,
    )


def backup() -> Program:
    """An encrypted copy of the database every hour, made under the owner's role."""
    return Program(
        name="backup",
        command=(sys.executable, "manage.py", "backup", "--if-due"),
        secrets=SITE | {OWNER_URL, "BACKUP_KEY"},
        once=True,
        every_s=BACKUP_EVERY_S,
    )


def settings() -> Program:
    """Read every setting once, so that a bad one is told before anything else is started."""
    return Program(
        name="settings",
        command=(sys.executable, "-m", "tradingsite.settings_check"),
        secrets=SITE | {OWNER_URL, "OANDA_TOKEN"},
        once=True,
    )


def migrate() -> Program:
    """Bring the database's tables, rules, grants and catalog up to date."""
    return Program(
        name="migrate",
        command=(sys.executable, "manage.py", "prepare_database", "--migrate"),
        secrets=SITE | {OWNER_URL, "OANDA_TOKEN"},
        once=True,
    )


def limits(name: str) -> dict[str, str]:
    """How many database connections a process may hold; what is freed goes back at once."""
    return {
        "DATABASE_POOL_MAX": str(POOLS[name]),
        "MALLOC_ARENA_MAX": "1",  # for all threads together
        "MALLOC_TRIM_THRESHOLD_": "131072",
    }
