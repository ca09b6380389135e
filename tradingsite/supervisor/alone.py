"""How does one command get PostgreSQL when nothing runs? It is started, and stopped after it."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator

from tradingsite.datafolder import DataFolder
from tradingsite.supervisor import account, leftovers, lock, postgres
from tradingsite.supervisor.program import spawn
from tradingsite.supervisor.progress import SetupError

START_TIMEOUT_S = 60.0


@contextlib.contextmanager
def postgres_for_one_command(*, to_itself: bool = False) -> Iterator[None]:
    """PostgreSQL answers inside the block: the running one, or our own where none runs.

    Does nothing where DATABASE_URL names a server. Raises SetupError where it cannot start, or
    where the command wants it `to_itself` and Tradingsite runs.
    """
    data = DataFolder.of_this_process()
    if os.environ.get("DATABASE_URL") or (not to_itself and postgres.answers(data)):
        yield
        return
    with lock.take(data.lock):
        server = start(data)
        try:
            wait_until_it_answers(data, server)
            postgres.create_database(data, account.for_services())
            yield
        finally:
            server.send_signal(postgres.STOP_SIGNAL)
            server.wait()
            leftovers.forget_sockets(data)


def start(data: DataFolder) -> subprocess.Popen[bytes]:
    """Clean up after an earlier start and start the server."""
    runs_as = account.for_services()
    account.refuse_foreign(data.postgres, runs_as)
    account.private_folder(data.sockets, runs_as)
    account.private_folder(data.logs, None)
    leftovers.end(data)
    postgres.create_cluster(data, runs_as)
    return spawn(postgres.program(data, runs_as), data.logs / "postgres.log")


def wait_until_it_answers(data: DataFolder, server: subprocess.Popen[bytes]) -> None:
    """Wait for the first connection; raises SetupError where the server ends instead."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while not postgres.answers(data):
        if server.poll() is not None or time.monotonic() > deadline:
            raise SetupError(f"PostgreSQL did not start; see {data.logs / 'postgres.log'}.")
        time.sleep(0.05)
