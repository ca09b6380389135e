"""How are the tests shared out among processes? `./test` loads this as a plugin of pytest.

Each process has PostgreSQL and Redis of its own. A file stays whole, and so does a folder whose
tests share one running site.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tradingsite.datafolder import become_owner

NAMES = ("gw0", "gw1")  # as pytest-xdist calls them
FOLDERS = "TEST_DATA_DIRS"  # in it, one data folder a name
WHOLE = "tests/browser/"
ARGUMENTS = (
    *("-p", "tests.workers", "--numprocesses", str(len(NAMES)), "--no-loadscope-reorder"),
    # There are services for these processes alone: none takes the place of one that crashed.
    *("--max-worker-restart", "0"),
)


class Shares(LoadFileScheduling):  # type: ignore[misc]  # it comes without types
    """Which tests stay together."""

    def _split_scope(self, nodeid: str) -> str:
        return WHOLE if nodeid.startswith(WHOLE) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Shares:
    return Shares(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Before the settings are read, choose this process's own services."""
    if name := os.environ.get("PYTEST_XDIST_WORKER"):
        use(Path(os.environ[FOLDERS]) / name)
    yield


def pytest_configure(config: pytest.Config) -> None:
    """Name a path there is none of: by itself, who shares the tests out says nothing of it."""
    for given in config.args:
        if not (config.invocation_params.dir / given.split("::")[0]).exists():
            raise pytest.UsageError(f"there is no {given}")


def use(folder: Path) -> None:
    """Let the settings of this process mean the services in that data folder, as their owner."""
    os.environ["DATA_DIR"] = str(folder)
    os.environ.pop("DATABASE_OWNER_URL", None)
    become_owner()
