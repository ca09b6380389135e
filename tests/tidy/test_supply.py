"""Is what we build on fetched, stored and sent in ways that cannot be turned against us?"""

import ast
import json

import pytest
from django.conf import settings

from tests import advisories, everything
from tests.tidy.tree import Source, report, sources

# They run what they read.
DANGEROUS = {
    "pickle",
    "cPickle",
    "dill",
    "joblib",
    "shelve",
    "marshal",
    "jsonpickle",
    "cloudpickle",
}
UNSAFE_CALLS = {"yaml.load", "yaml.unsafe_load", "yaml.full_load", "pandas.read_pickle"}
NOWHERE = "http://127.0.0.1:9/"


def imported(source: Source) -> set[str]:
    """The first names of every module a file imports."""
    found = set()
    for node in source.nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_nothing_is_unpickled() -> None:
    faults = [
        f"{source.name} imports {name}"
        for source in sources()
        for name in imported(source) & DANGEROUS
    ]
    assert not faults, report(faults, "Reading these formats runs what they hold. Take JSON.")


def test_nothing_is_read_by_a_loader_that_makes_objects() -> None:
    faults = [
        source.at(node)
        for source in sources()
        for node in source.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) in UNSAFE_CALLS
    ]
    assert not faults, report(faults, "Take yaml.safe_load or JSON.")


def test_tasks_sessions_and_messages_travel_as_json() -> None:
    assert settings.CELERY_TASK_SERIALIZER == "json"
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")


def test_every_check_run_looks_for_grave_faults() -> None:
    [bandit] = [command for command in everything.CHECKS if command[0] == "bandit"]
    assert {"-lll", "accounts", "core", "market", "portfolio", "tradingsite"} <= set(bandit)


def test_an_absent_advisory_service_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert advisories.main(NOWHERE) == 0
    assert capsys.readouterr().out.strip() == advisories.AWAY


def test_libraries_nobody_could_ask_about_are_not_called_safe() -> None:
    away = {"name": "one", "skip_reason": "Dependency not found on PyPI"}
    hole = {"id": "CVE-1", "fix_versions": ["2"]}
    asked = {"name": "two", "version": "1", "vulns": [hole]}
    assert advisories.told(json.dumps({"dependencies": [away]})) == [advisories.AWAY]
    assert advisories.told(json.dumps({"dependencies": [away, asked]})) == [
        "two 1: CVE-1, mended in ['2']",
        "1 of 2 libraries were looked up.",
    ]
