"""Is money free of floats?"""

import ast
from collections.abc import Iterator

from tests.tidy.tree import Source, report, sources

MONEY_PATHS = (
    *("core/money.py", "portfolio/", "market/consolidation.py", "market/quotes.py"),
    *("market/board.py", "market/fixings.py", "market/today.py"),
)
FLOAT_NAMES = {"float", "FloatField"}


def floats(source: Source) -> Iterator[str]:
    """Where a float could come in; a number of seconds (`…_s`) may be one."""
    seconds = {
        id(inner)
        for node in source.nodes
        if _names_seconds(node)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant)
    }
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            if id(node) not in seconds:
                yield f"{source.at(node)} holds {node.value!r}"
        elif getattr(node, "id", getattr(node, "attr", None)) in FLOAT_NAMES:
            yield f"{source.at(node)} makes a float"


def _names_seconds(node: ast.AST) -> bool:
    names: list[str | None] = []
    if isinstance(node, ast.Assign):
        names = [getattr(target, "id", None) for target in node.targets]
    elif isinstance(node, ast.AnnAssign):
        names = [getattr(node.target, "id", None)]
    elif isinstance(node, ast.keyword):
        names = [node.arg]
    return any(name and name.lower().endswith("_s") for name in names)


def test_every_money_path_leads_somewhere() -> None:
    names = [source.name for source in sources()]
    lost = [path for path in MONEY_PATHS if not any(name.startswith(path) for name in names)]
    assert not lost, report(lost, "A path that names nothing guards nothing.")


def test_no_float_enters_a_money_path() -> None:
    faults = [
        fault
        for source in sources()
        if source.name.startswith(MONEY_PATHS)
        for fault in floats(source)
    ]
    assert not faults, report(faults, "Money and prices are Decimal; a float here is a defect.")
