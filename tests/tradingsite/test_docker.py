"""Do the Docker files describe the same processes as the supervisor?"""

import shlex
from typing import Any

import pytest
import yaml

from tradingsite.datafolder import PROJECT
from tradingsite.supervisor import programs
from tradingsite.supervisor.program import Program

NOT_OURS = {"postgres", "valkey", "proxy"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    text = (PROJECT / "docker-compose.yml").read_text()
    return dict(yaml.safe_load(text)["services"])


def words(program: Program) -> list[str]:
    """The command line after the interpreter."""
    return [word for word in program.command[1:] if word != "-m"]


def test_every_process_of_the_supervisor_is_a_service(services: dict[str, Any]) -> None:
    supervised = {program.name for program in programs.site()} - {"web"}
    assert set(services) - NOT_OURS == supervised | {"live", "pages", "beat", "migrate"}


def test_commands_are_the_supervisors(services: dict[str, Any]) -> None:
    assert shlex.split(services["stream"]["command"])[1:] == words(programs.stream())
    assert shlex.split(services["quant"]["command"]) == words(programs.quant())
    assert shlex.split(services["migrate"]["command"])[1:] == words(programs.migrate())
    assert "tradingsite.launcher" in services["live"]["command"]
    without_clock = [word for word in words(programs.worker()) if word not in programs.CLOCK]
    assert shlex.split(services["worker"]["command"]) == without_clock


def test_the_image_holds_no_tests_and_no_history() -> None:
    left_out = (PROJECT / ".dockerignore").read_text().split()
    assert {".git", ".env", "tests", "bench", "docs"} <= set(left_out)


def test_only_migrate_knows_the_owner(services: dict[str, Any]) -> None:
    knowing = {name for name, one in services.items() if OWNER in one.get("environment", {})}
    assert knowing == {"migrate"}


OWNER = "DATABASE_OWNER_URL"
