"""What lies in the repository? Every file of ours, read and parsed once for all tidy tests."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "var", "node_modules", "build", "vendor", "__pycache__"}
DOORS = {"views.py", "api.py", "consumers.py", "tasks.py", "admin.py"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: `name` is its path in the project, with slashes."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.name)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def is_test(self) -> bool:
        return self.name.startswith("tests/")

    @property
    def is_door(self) -> bool:
        folder, _, file = self.name.rpartition("/")
        if file == "__init__.py" or self.is_test:
            return False
        return file in DOORS or folder.endswith("management/commands")

    @property
    def functions(self) -> Iterator[Function]:
        return (node for node in self.nodes if isinstance(node, Function))

    def at(self, node: ast.AST) -> str:
        """Where `node` stands, as editors understand it."""
        return f"{self.name}:{getattr(node, 'lineno', 1)}"


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Our files with one of those suffixes, sorted."""
    found = []
    for folder, folders, names in os.walk(PROJECT):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS and name[0] != ".")
        found += [Path(folder, name) for name in sorted(names) if name.endswith(suffixes)]
    return tuple(found)


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file of ours; generated migrations left out."""
    return tuple(
        Source(name(path), path.read_text())
        for path in files(".py")
        if path.parent.name != "migrations"
    )


def name(path: Path) -> str:
    """The path of a file in the project, with slashes."""
    return path.relative_to(PROJECT).as_posix()


def lines_of(node: ast.AST) -> int:
    """How many lines a function or class takes, its decorators left out."""
    return (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1


def report(faults: list[str], rule: str) -> str:
    """The message of a failed rule: what is asked, then each place."""
    return "\n  ".join([rule, *faults])
