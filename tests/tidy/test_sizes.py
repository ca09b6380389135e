"""Is everything small enough to be read in one go?"""

import ast
import re

from tests.tidy.tree import Function, Source, files, lines_of, name, report, sources

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
DOOR_FUNCTION_LINES_MAX = 25
TEST_LINES_MAX = 30
CLASS_LINES_MAX = 250
LINE_LENGTH_MAX = 100
PRAGMA = re.compile(r"  # (type: ignore|noqa).*")
TEMPLATE_LINES_MAX = 80


def test_files_are_short() -> None:
    faults = [
        f"{name(path)} has {lines}"
        for path in files(".py", ".js", ".src.css", ".sql")
        if path.parent.name != "migrations"
        and (lines := path.read_text().count("\n")) > FILE_LINES_MAX
    ]
    assert not faults, report(faults, f"A file has at most {FILE_LINES_MAX} lines: split by noun.")


def test_functions_are_short() -> None:
    faults = [
        f"{source.at(node)} {node.name} has {lines_of(node)}, allowed {allowed(source, node)}"
        for source in sources()
        for node in source.functions
        if lines_of(node) > allowed(source, node)
    ]
    assert not faults, report(faults, "Functions are short; doors and tests shorter still.")


def allowed(source: Source, node: Function) -> int:
    if source.is_door:
        return DOOR_FUNCTION_LINES_MAX
    is_test = source.is_test and node.name.startswith("test_")
    return TEST_LINES_MAX if is_test else FUNCTION_LINES_MAX


def test_classes_are_short() -> None:
    faults = [
        f"{source.at(node)} {node.name} has {lines_of(node)}"
        for source in sources()
        for node in source.nodes
        if isinstance(node, ast.ClassDef) and lines_of(node) > CLASS_LINES_MAX
    ]
    assert not faults, report(faults, f"A class has at most {CLASS_LINES_MAX} lines.")


def test_lines_are_short() -> None:
    faults = [
        f"{name(path)}:{number} has {len(line)}"
        for path in files(".py", ".js", ".src.css")
        if path.parent.name != "migrations"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(PRAGMA.sub("", line)) > LINE_LENGTH_MAX
    ]
    assert not faults, report(faults, f"A line has at most {LINE_LENGTH_MAX} characters.")


def test_templates_are_short() -> None:
    faults = [
        f"{name(path)} has {lines}"
        for path in files(".html")
        if (lines := path.read_text().count("\n")) > TEMPLATE_LINES_MAX
    ]
    assert not faults, report(
        faults, f"A template has at most {TEMPLATE_LINES_MAX} lines: move parts to components/."
    )
