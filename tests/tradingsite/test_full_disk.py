"""A full disk, at start and while running: one clear line, nothing lost, well again with room."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tradingsite.stack import Stack, wait_until
from tests.tradingsite.test_services import query, services
from tradingsite.supervisor import disk, logfiles, postgres


def mount(path: Path, megabytes: int, *options: str) -> bool:
    """A disk of that size at `path`; False where this machine does not let us."""
    flags = ",".join((f"size={megabytes}m", *options))
    command = ["mount", "-t", "tmpfs", "-o", flags, "tmpfs", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk with 8 MB."""
    path = tmp_path / "disk"
    path.mkdir()
    if os.geteuid() != 0 or not mount(path, 8):
        pytest.skip("only root may mount a small disk, and not on every machine")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def fill(path: Path) -> None:
    """Write until nothing more fits."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"x" * disk.MB) == disk.MB:
            pass
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
        while file.write(b"x"):
            pass


def test_a_start_on_a_full_disk_is_one_line_and_works_once_there_is_room(small: Path) -> None:
    with services(small / "data") as refused:
        assert refused.stop() == 1
    assert len(refused.lines) == 1
    assert "is full: 8 MB are free, 256 MB are needed" in refused.lines[0]
    assert list(small.iterdir()) == []
    assert mount(small, 400, "remount")
    with services(small / "data") as started:
        query(started.data, "CREATE TABLE kept AS SELECT 42 AS answer")
    fill(small / "filler")
    with services(small / "data") as again:
        assert again.stop() == 1
    assert len(again.lines) == 1
    assert "0 MB are free, 64 MB are needed" in again.lines[0]
    (small / "filler").unlink()
    with services(small / "data") as restarted:
        assert query(restarted.data, "SELECT answer FROM kept") == "42"


def test_a_disk_that_fills_up_stops_writes_and_nothing_else(small: Path) -> None:
    assert mount(small, 400, "remount")
    with services(small / "data") as stack:
        query(stack.data, "CREATE TABLE kept AS SELECT 42 AS answer")
        fill(small / "filler")
        refused = postgres.psql(
            stack.data, "site", "CREATE TABLE lost AS SELECT generate_series(1, 10000000)"
        )
        assert "No space left" in refused.stderr
        for name in ("redis", "postgres"):  # the supervisor cannot even write down who runs
            os.kill(stack.children()[name]["pid"], 9)
        wait_until(lambda: any("ended (signal 9)" in line for line in said(stack)))
        (small / "filler").unlink()
        wait_until(lambda: postgres.answers(stack.data), timeout_s=60)
        assert query(stack.data, "SELECT answer FROM kept") == "42"
        assert stack.stop() == 0


def said(stack: Stack) -> list[str]:
    """The next line the supervisor prints, with all before."""
    stack.lines.append(stack.process.stdout.readline())  # type: ignore[union-attr]
    return stack.lines


def test_a_log_is_emptied_where_no_older_piece_can_be_kept(small: Path) -> None:
    log = small / "web.log"
    fill(log)
    logfiles.cap(small, largest_bytes=50)
    assert log.stat().st_size == 0
