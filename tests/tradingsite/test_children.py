"""When is a child started again, and when is it given up?"""

import signal
from pathlib import Path

import pytest

from tradingsite.datafolder import DataFolder
from tradingsite.supervisor import logfiles, postgres, programs, redis
from tradingsite.supervisor.child import Child, State
from tradingsite.supervisor.program import SECRETS, Program, environment_of


@pytest.fixture
def child(tmp_path: Path) -> Child:
    program = Program(name="true", command=("true",), final_exit_codes=frozenset({3}))
    return Child(program, tmp_path / "true.log")


def fall(child: Child, code: int) -> None:
    child.start()
    assert child.process
    child.process.wait()
    child.ended(code, on_purpose=False)


def test_five_fast_exits_are_enough(child: Child) -> None:
    states = []
    for _ in range(5):
        fall(child, 1)
        states.append(child.state)
    assert states == [State.WAITING] * 4 + [State.GIVEN_UP]


def test_a_child_that_somebody_kills_is_never_given_up(child: Child) -> None:
    for _ in range(8):
        fall(child, -signal.SIGKILL)
    assert child.state is State.WAITING


def test_a_taken_port_is_not_tried_again(child: Child) -> None:
    fall(child, 3)
    assert child.state is State.GIVEN_UP


def test_each_fast_exit_doubles_the_wait(child: Child) -> None:
    waits = []
    for _ in range(3):
        fall(child, -signal.SIGKILL)
        waits.append(child.start_again_at - child.started_at)
    assert waits[0] < waits[1] < waits[2] < 1.0


def test_a_large_log_is_cut_and_its_last_piece_kept(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab") as writer:
        writer.write(b"x" * 100)
        writer.flush()
        logfiles.cap(tmp_path, largest_bytes=50)
        writer.write(b"next")
    assert (log.read_bytes(), log.with_name("web.log.1").read_bytes()) == (b"next", b"x" * 100)


def test_a_log_that_cannot_be_cut_leaves_the_others_to_be_cut(tmp_path: Path) -> None:
    (tmp_path / "gone.log").symlink_to("nowhere")
    (tmp_path / "web.log.1").mkdir()
    for name in ("web.log", "worker.log"):
        (tmp_path / name).write_bytes(b"x" * 100)
    logfiles.cap(tmp_path, largest_bytes=50)
    sizes = {name: (tmp_path / name).stat().st_size for name in ("web.log", "worker.log")}
    assert sizes == {"web.log": 0, "worker.log": 0}


def test_a_folder_of_logs_that_was_cleared_away_is_made_again(child: Child) -> None:
    logs = child.log.parent / "logs"
    child.log = logs / "true.log"
    fall(child, 0)
    assert logs.stat().st_mode & 0o777 == 0o700


def told(program: Program) -> set[str]:
    return {name for name in SECRETS if name in environment_of(program)}


def test_each_program_is_told_the_secrets_it_works_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "canary")
    monkeypatch.setenv("FEEDS", "replay")
    site, data = {one.name: told(one) for one in programs.site()}, DataFolder(tmp_path)
    owners, own = {"DATABASE_OWNER_URL", "BACKUP_KEY"}, {"OANDA_TOKEN", "NEWSAPI_KEY"}
    assert not told(postgres.program(data, None)) | told(redis.program(data, None))
    assert not owners & set().union(*site.values())
    assert {name: kept & own for name, kept in site.items()} == {
        "web": {"NEWSAPI_KEY"},
        "worker": own,
        "stream": {"OANDA_TOKEN"},
        "quant": set(),
    }
    assert told(programs.migrate()) & owners == {"DATABASE_OWNER_URL"}
    assert told(programs.backup()) & (owners | own) == owners
    assert environment_of(programs.site()[0])["FEEDS"] == "replay"
