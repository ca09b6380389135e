"""Do the Docker files describe the same processes as the supervisor?"""

import re
import shlex
from typing import Any

import pytest
import yaml

from tests.everything import told_to_a_site
from tradingsite.datafolder import PROJECT
from tradingsite.supervisor import postgres, programs
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
    once = {programs.migrate().name, programs.backup().name}
    assert set(services) - NOT_OURS == supervised | {"live", "pages", "beat"} | once


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


def test_only_migrate_and_backup_know_the_owner(services: dict[str, Any]) -> None:
    knowing = {name for name, one in services.items() if OWNER in one.get("environment", {})}
    assert knowing == {"migrate", "backup"}
    assert [name for name, one in services.items() if KEY in one.get("environment", {})] == [
        "backup"
    ]


def test_limits_are_the_supervisors(services: dict[str, Any]) -> None:
    for program in (programs.web(), programs.worker(), programs.stream(), programs.quant()):
        said = services["live" if program.name == "web" else program.name]["environment"]
        ours = {name: said.get(name) for name in program.environment if name != AS_ROOT}
        assert ours == {k: v for k, v in program.environment.items() if k != AS_ROOT}, program.name
    assert services["pages"]["environment"] == services["live"]["environment"]


def test_roles_have_the_rights_that_the_supervisor_gives_them() -> None:
    said = re.compile(r"CREATE ROLE (site_\w+) ([A-Z ]+?)(?: PASSWORD .*)?;")
    in_a_container = (PROJECT / "deploy/postgres-roles.sh").read_text()
    assert said.findall(in_a_container) == said.findall(postgres.ROLES) != []


def test_all_have_the_time_to_end_that_the_supervisor_gives_them(services: dict[str, Any]) -> None:
    longest = max(program.grace_s for program in programs.site())
    for name in services.keys() - NOT_OURS:
        assert int(services[name]["stop_grace_period"].rstrip("s")) >= longest, name
        stays_a_shell = {"sh", "exec"} & set(services[name]["command"].split()) == {"sh"}
        assert services[name].get("init", False) == stays_a_shell, name


def test_every_setting_of_the_readme_reaches_the_site(services: dict[str, Any]) -> None:
    said = services["migrate"]["environment"].keys() | services["backup"]["environment"].keys()
    assert told_to_a_site() - said - OF_THE_IMAGE == set()


def test_no_default_holds_a_brace_that_would_end_it_early() -> None:
    assert not re.search(r"\$\{[^}]*\{", (PROJECT / "docker-compose.yml").read_text())


OWNER, KEY, AS_ROOT = "DATABASE_OWNER_URL", "BACKUP_KEY", "C_FORCE_ROOT"
OF_THE_IMAGE = {"PORT", "DATA_DIR", "DATABASE_POOL_MAX", *programs.SOON}
