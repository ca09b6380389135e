"""Does anything lie about that nobody uses?"""

import ast
import re

from tests.tidy.tree import PROJECT, Source, files, name, report, sources

STARTED_BY_NAME = {
    *("manage.py", "tradingsite/asgi.py", "tradingsite/wsgi.py", "tradingsite/celery.py"),
    *("tradingsite/launcher.py", "tradingsite/installation.py"),
}
DJANGO_LOOKS_FOR = (
    "/apps.py",
    "/formats.py",
    "/admin.py",
    "/tasks.py",
    "/models.py",
    "/__init__.py",
)


def mentioned() -> str:
    """Every dotted path that is imported or written as text, one a line."""
    lines = []
    for source in sources():
        for node in source.nodes:
            if isinstance(node, ast.Import):
                lines += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                lines += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                lines.append(node.value)
    return "\n".join(lines)


def is_started_otherwise(source: Source) -> bool:
    found_by_place = "/management/" in source.name or "/templatetags/" in source.name
    return (
        source.is_test
        or source.name.startswith("bench/")
        or source.name in STARTED_BY_NAME
        or found_by_place
        or source.name.endswith(DJANGO_LOOKS_FOR)
    )


def test_every_module_is_used() -> None:
    text = mentioned()
    faults = [
        source.name
        for source in sources()
        if not is_started_otherwise(source)
        and source.name.removesuffix(".py").replace("/", ".") not in text
    ]
    assert not faults, report(faults, "Nobody imports these modules.")


def test_every_script_and_style_sheet_is_used() -> None:
    own = [path for path in files(".js", ".css") if path.is_relative_to(PROJECT / "static")]
    text = "\n".join(path.read_text() for path in [*files(".html", ".py", ".sh"), *own])
    faults = [name(path) for path in own if f"/{path.name}" not in text]
    assert not faults, report(faults, "No page, script or style sheet loads these files.")


def test_no_code_is_commented_out() -> None:
    faults = [
        f"{name(path)}:{number}"
        for path in files(".js")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line.strip().startswith("//") and line.rstrip().endswith((";", "{", "});"))
    ]
    assert not faults, report(faults, "Delete it; the history keeps it. (Python: ruff's ERA.)")


def test_no_two_advisory_locks_are_one() -> None:
    used = [
        (key, source.name)
        for source in sources()
        if not source.is_test
        for key in re.findall(r"= (7_263_\d+)", source.text)
    ]
    keys = [key for key, _ in used]
    faults = [f"{name} uses {key}" for key, name in used if keys.count(key) > 1]
    assert not faults, report(faults, "Locks are told apart by their numbers: take the next one.")
