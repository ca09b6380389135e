"""Do names and words say what they mean?"""

import ast
import re

from tests.tidy.tree import report, sources

GRAB_BAGS = {
    *("services", "utils", "helpers", "common", "base", "selectors"),
    *("misc", "others", "manager", "managers", "handlers", "tools"),
}
DICTATED = {"tradingsite/postgres/base.py"}  # Django looks for a database backend there
OWNERLESS = re.compile(r"#.*\b(TODO(?!\([a-z]+\): )|FIXME|XXX|HACK)\b")


def test_no_file_is_a_grab_bag() -> None:
    faults = [
        source.name
        for source in sources()
        if source.name not in DICTATED
        and GRAB_BAGS & {part.removesuffix(".py") for part in source.name.split("/")}
    ]
    assert not faults, report(faults, "A file is named by a noun of the field, not by its layer.")


def test_every_module_says_which_question_it_answers() -> None:
    faults = [
        source.name
        for source in sources()
        if source.text.strip() and not ast.get_docstring(source.tree)
    ]
    assert not faults, report(faults, "A module begins with a docstring: the question it answers.")


def test_a_test_is_named_as_a_sentence() -> None:
    faults = [
        f"{source.at(node)} {node.name}"
        for source in sources()
        if source.is_test
        for node in source.functions
        if node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert not faults, report(faults, "A test's name is a sentence: test_it_refuses_a_used_quote.")


def test_work_left_over_has_an_owner() -> None:
    faults = [
        f"{source.name}:{number}"
        for source in sources()
        for number, line in enumerate(source.text.splitlines(), 1)
        if OWNERLESS.search(line) and source.name != "tests/tidy/test_names.py"
    ]
    assert not faults, report(faults, "Finish it, or write `# TODO(name): what` with an owner.")


def test_every_package_of_tests_mirrors_an_app_or_has_a_purpose() -> None:
    purposes = {"tests", "stories", "browser", "tidy"}
    apps = {source.name.split("/")[0] for source in sources() if not source.is_test}
    folders = {source.name.split("/")[-2] for source in sources() if source.is_test}
    faults = sorted(
        folder
        for folder in folders - purposes - apps
        if any(s.name.startswith(f"tests/{folder}/test_") for s in sources())
    )
    assert not faults, report(faults, "tests/<app>/ mirrors the apps; else stories, browser, tidy.")
