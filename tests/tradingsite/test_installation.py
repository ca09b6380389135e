"""What does set-up say when something is missing, and what does it skip when nothing changed?"""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from market import catalog
from tradingsite import frontend, installation
from tradingsite.datafolder import PROJECT
from tradingsite.supervisor.progress import SetupError

SCRIPT = '#!/bin/sh\ncase "$*" in {cases} esac\n'


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., None]:
    """Puts a `python3.12` on the PATH that answers as told: which -c programs fail."""

    def make(*failing: str) -> None:
        cases = "".join(f"*{word}*) exit 1 ;; " for word in failing)
        fake = tmp_path / "python3.12"
        fake.write_text(SCRIPT.format(cases=cases + "*) exit 0 ;;"))
        fake.chmod(0o755)

    return make


def find_python(path: Path) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash
    command = [bash, "-c", f". '{PROJECT}/deploy/python.sh'; find_python"]
    environment = {"PATH": str(path)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_it_takes_a_python_that_fits(tmp_path: Path, python: Callable[..., None]) -> None:
    python()
    assert find_python(tmp_path).stdout == "python3.12\n"


def test_it_says_when_there_is_no_python(tmp_path: Path) -> None:
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("Tradingsite: Python 3.11, 3.12, 3.13 or 3.14 is needed")
    assert len(done.stderr.splitlines()) == 1


def test_it_says_when_venv_is_missing(tmp_path: Path, python: Callable[..., None]) -> None:
    python("ensurepip")
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("Tradingsite: python3.12 lacks venv/ensurepip")
    assert len(done.stderr.splitlines()) == 1


def test_it_says_when_the_disk_is_nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "DISK_NEEDED", 2**60)
    with pytest.raises(SetupError, match=r"GB of disk is free at .*; 2 GB needed"):
        installation.refuse_full_disk()


def test_ctrl_c_is_one_line_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["installation.py"])
    monkeypatch.setattr(installation, "VENV", tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", interrupted)
    assert installation.main() == 130
    assert "the next start goes on from here" in capsys.readouterr().err


def test_a_second_set_up_waits_for_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(installation, "VENV", tmp_path)
    ended: list[str] = []

    def second() -> None:
        with installation.alone():
            ended.append("second")

    other = threading.Thread(target=second)
    with installation.alone():
        other.start()
        other.join(0.3)
        ended.append("first")
    other.join()
    assert ended == ["first", "second"]
    assert "another set-up is under way" in capsys.readouterr().out


def test_what_is_installed_where_nobody_may_write_is_used_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "VENV", tmp_path / "nowhere")
    with installation.alone():
        pass


def test_it_says_when_memory_is_short(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(installation, "MEMORY_NEEDED", 2**60)
    installation.warn_about_memory()
    assert "MB of memory is free" in capsys.readouterr().out


def test_it_says_when_the_network_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "HASHED", ("--index-url", "http://127.0.0.1:9/", "nothing"))
    for name in ("PIP_RETRIES", "UV_HTTP_RETRIES"):
        monkeypatch.setenv(name, "0")
    with pytest.raises(SetupError, match="is the network reachable"):
        installation.pip("requirements.txt")


def test_what_did_not_change_is_skipped_at_once() -> None:
    if frontend.is_due():
        pytest.skip("the front end was changed and not built again")
    began = time.process_time()
    assert not frontend.is_due()
    assert time.process_time() - began < 0.5


def test_a_changed_template_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontend, "PROJECT", tmp_path)
    template = tmp_path / "templates" / "deep" / "page.html"
    template.parent.mkdir(parents=True)
    seen = set()
    for text in ("one", "two", "two"):
        template.write_text(text)
        seen.add(frontend.digest(frontend.source_files()))
    assert len(seen) == 2


@pytest.mark.django_db
def test_every_listed_currency_has_its_flag() -> None:
    assert {info.flag for info in catalog.currencies()} - {""} == set(frontend.FLAGS)


def test_it_refuses_an_icon_that_does_not_exist() -> None:
    with pytest.raises(frontend.FrontendError, match="no-such-icon"):
        frontend.icon_sprite(["check", "no-such-icon"])
