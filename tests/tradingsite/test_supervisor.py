"""Does one command start everything, keep it running and stop it? Real processes throughout."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.tradingsite.stack import Stack, wait_until
from tradingsite.supervisor import processes, up


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack") / "a b+c%20&d#é") as started:
        yield started


def test_it_says_when_and_where_it_is_ready(stack: Stack) -> None:
    ready = [line for line in stack.lines if line.startswith("Tradingsite is ready")]
    assert ready == [f"Tradingsite is ready: http://127.0.0.1:{stack.port}"]
    assert f"http://localhost:{stack.port}" in stack.lines[-1]
    assert (stack.get("/healthz"), stack.get("/")) == (200, 200)


def test_each_step_is_a_line_with_its_time(stack: Stack) -> None:
    steps = [line for line in stack.lines if re.match(r" +\d+\.\d s  \S", line)]
    assert len(steps) >= 4


def test_keys_are_readable_by_their_owner_only(stack: Stack) -> None:
    found = [path.stat().st_mode & 0o777 for path in (stack.data.root / "keys").iterdir()]
    assert found
    assert set(found) == {0o600}


def test_logs_are_readable_by_their_owner_only(stack: Stack) -> None:
    assert stack.data.logs.stat().st_mode & 0o077 == 0


def test_it_refuses_a_second_start_on_the_same_folder(stack: Stack) -> None:
    with Stack(stack.data.root) as second:
        assert second.stop() == 1
    assert len(second.lines) == 1
    assert f"already runs on {stack.data.root}" in second.lines[0]
    assert stack.get("/healthz") == 200


@pytest.mark.parametrize(
    ("option", "given", "said"),
    [
        ("--data", "", "it is empty: name a folder"),
        ("--data", "/tmp/two\nlines", "its name is no readable text"),
        ("--data", "/tmp/\udcff", "its name is no readable text"),
        ("--port", "٣", "٣ is not a port"),
        ("--port", "0", "0 is not a port"),
        ("--port", "65536", "65536 is not a port"),
    ],
)
def test_it_refuses_what_names_no_folder_and_no_port(
    option: str, given: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        up.parse([option, given])
    assert ended.value.code == 2
    assert f"{option}: {said}" in capsys.readouterr().err


def test_a_folder_in_an_unreadable_place_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", "/tmp/\udcff")
    with pytest.raises(SystemExit):
        up.parse([])


def test_a_comma_in_its_name_keeps_no_folder_from_working(tmp_path: Path) -> None:
    with Stack(tmp_path / "this, and that", "--services-only") as started:
        assert started.lines[-1] == "Services are ready"
        assert started.stop() == 0
    assert not started.data.sockets.exists()


def test_it_refuses_a_port_that_is_taken(tmp_path: Path) -> None:
    second = Stack(tmp_path / "data")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", second.port))
        taken.listen()
        with second:
            assert second.stop() == 1
    assert len(second.lines) == 1
    assert f"port {second.port} cannot be used" in second.lines[0]
    assert not second.data.postgres.exists()


@pytest.mark.parametrize("name", ["postgres", "redis", "web", "worker", "stream", "quant"])
def test_a_killed_child_is_back_by_itself(stack: Stack, name: str) -> None:
    stack.kill(name)
    wait_until(lambda: stack.get("/") == 200)
    assert stack.children()[name]["restarts"] >= 1


def test_a_killed_clock_is_back_by_itself(stack: Stack) -> None:
    wait_until(lambda: clock_of(stack) != 0)
    killed = clock_of(stack)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: clock_of(stack) not in (killed, 0))


def test_a_killed_worker_takes_its_clock_along_where_nobody_sees_to_it(stack: Stack) -> None:
    wait_until(lambda: clock_of(stack) != 0)
    clock, supervisor = clock_of(stack), stack.process.pid
    os.kill(supervisor, signal.SIGSTOP)
    try:
        os.kill(stack.children()["worker"]["pid"], signal.SIGKILL)
        wait_until(lambda: has_ended(clock))
    finally:
        os.kill(supervisor, signal.SIGCONT)
    wait_until(lambda: clock_of(stack) not in (clock, 0))


def has_ended(pid: int) -> bool:
    """Whether that process is gone, or waits for its parent to notice."""
    return not any(found.pid == pid and not found.zombie for found in processes.all_processes())


def clock_of(stack: Stack) -> int:
    """The process id of beat, the worker's only child; 0 where it has none."""
    worker = stack.children()["worker"]["pid"]
    try:
        children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
    except OSError:
        return 0
    return int(children[0]) if children else 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_in_order(tmp_path: Path, how: signal.Signals) -> None:
    with Stack(tmp_path / "data", "--services-only") as started:
        assert started.stop(how) == 0
    assert not processes.of_home(started.data.root, started.data.postgres)
    assert "database system is shut down" in (started.data.logs / "postgres.log").read_text()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_who_stops_it_before_it_is_ready_gets_no_success(
    tmp_path: Path, how: signal.Signals
) -> None:
    with Stack(tmp_path / "data", until=("PostgreSQL is ready",)) as started:
        assert started.stop(how) == 128 + how
    assert started.lines[-1].endswith("stopping before everything was ready")
    assert not processes.of_home(started.data.root, started.data.postgres)


def test_ctrl_c_while_the_database_is_made_is_a_stop_and_no_failure(tmp_path: Path) -> None:
    started = Stack(tmp_path / "data", "--services-only", as_user=os.setsid)

    def press() -> None:  # the terminal tells every process of the group
        wait_until(lambda: (tmp_path / "data" / "postgres.new").exists())
        os.killpg(started.process.pid, signal.SIGINT)

    with ThreadPoolExecutor(1) as fingers:
        pressed = fingers.submit(press)
        with started:
            assert started.stop() == 128 + signal.SIGINT
        pressed.result()
    assert started.lines[-1].endswith("stopping before everything was ready")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DEBUG", "perhaps", "DEBUG must be true or false, not 'perhaps'"),
        ("FEEDS", "bourse", "FEEDS names bourse; known are binance, coinbase,"),
        ("EXCHANGES", '{"bourse": {}}', "EXCHANGES names bourse; known are binance, coinbase,"),
        ("DATABASE_OWNER_URL", "postgresql://a@b/d", "DATABASE_OWNER_URL is given without"),
    ],
)
def test_a_bad_setting_is_one_line_before_anything_is_started(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    with Stack(tmp_path / "data", environment={name: value}) as refused:
        assert refused.stop() == 1
    assert len(refused.lines) == 1
    assert refused.lines[0].startswith(f"Tradingsite: {said}")
    assert not refused.data.postgres.exists()


def test_who_kills_a_step_of_the_start_is_not_told_what_an_earlier_one_said(tmp_path: Path) -> None:
    with Stack(tmp_path / "data", environment={"DEBUG": "perhaps"}) as refused:
        assert refused.stop() == 1
    started = Stack(tmp_path / "data")

    def kill() -> None:
        wait_until(lambda: bool(started.children().get("settings", {}).get("pid")))
        os.kill(started.children()["settings"]["pid"], signal.SIGKILL)

    with ThreadPoolExecutor(1) as other:
        killed = other.submit(kill)
        with started:
            assert started.stop() == 1
        killed.result()
    said = f"Tradingsite: settings was ended by signal 9; see {started.data.logs / 'settings.log'}"
    assert started.lines[-1] == said


def test_a_killed_supervisor_leaves_nothing_and_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Stack(folder, "--services-only") as first:
        first.stop(signal.SIGKILL)
    with Stack(folder, "--services-only") as second:
        assert second.lines[-1] == "Services are ready"
        assert second.stop() == 0
    assert not processes.of_home(second.data.root, second.data.postgres)


def test_it_uses_the_database_and_redis_it_is_given(tmp_path: Path) -> None:
    with Stack(tmp_path / "services", "--services-only") as given:
        addresses = {
            "DATABASE_URL": given.data.database_url("site_app"),
            "DATABASE_OWNER_URL": given.data.owner_url,
            "REDIS_URL": given.data.redis_url,
        }
        with Stack(tmp_path / "site", environment=addresses) as site:
            assert site.get("/") == 200
            assert set(site.children()) == {"web", "worker", "stream", "quant"}
            for child in site.children().values():
                environment = Path(f"/proc/{child['pid']}/environ").read_bytes()
                assert b"DATABASE_OWNER_URL" not in environment
