"""Are doors thin, rooms pure of doors, and imports at the top?"""

import ast
from collections.abc import Iterator

from tests.tidy.tree import DOORS, Source, report, sources

ORM_MODULES = ("django.db",)
ORM_NAMES = {
    *("objects", "_default_manager", "select_related", "prefetch_related", "select_for_update"),
    *("annotate", "aggregate", "bulk_create", "bulk_update", "get_or_create", "update_or_create"),
    *("values_list", "save", "refresh_from_db", "get_object_or_404", "get_list_or_404"),
}
ORM_FREE_OF_GUARD = {"get_queryset", "queryset", "lookups"}  # admin.py: querysets and field options
SIGNAL_MODULES = ("django.dispatch", "django.db.models.signals", "django.core.signals")
SIGNALS_ALLOWED = {"accounts/audit.py"}  # receivers of allauth's and contrib.auth's own signals
LATE_IMPORTS_ALLOWED = {"manage.py"}  # the supervisor must not load Django
BROAD_ALLOWED = ("tasks.py", "consumers.py")
DOOR_NAMES = {door.removesuffix(".py") for door in DOORS}
WIRING = ("tradingsite/", "tests/", "bench/")


def imported(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every module and name a file imports, as dotted paths."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def queries(source: Source) -> Iterator[str]:
    """Where a door touches the database."""
    spared: set[ast.AST] = set()
    if source.name.endswith("/admin.py"):
        for function in source.functions:
            if function.name in ORM_FREE_OF_GUARD or function.name.startswith("formfield_"):
                spared |= set(ast.walk(function))
    elif "/management/" not in source.name:  # commands may run the owner's SQL files
        for node, path in imported(source):
            if path.startswith(ORM_MODULES) and not path.endswith("Error"):
                yield f"{source.at(node)} imports {path}"
    for node in source.nodes:
        name = getattr(node, "attr", None) or getattr(node, "id", None)
        if name in ORM_NAMES and node not in spared:
            yield f"{source.at(node)} uses {name}"


def test_doors_hold_no_query() -> None:
    faults = [fault for source in sources() if source.is_door for fault in queries(source)]
    assert not faults, report(faults, "A door calls one room; the room asks the database.")


def test_rooms_do_not_know_the_doors() -> None:
    faults = [
        f"{source.at(node)} imports {path}"
        for source in sources()
        if not source.is_door and not source.name.startswith(WIRING) and "urls" not in source.name
        for node, path in imported(source)
        if any(part in DOOR_NAMES for part in path.split(".")[1:2]) and path.split(".")[0] in APPS
    ]
    assert not faults, report(faults, "Doors call rooms, never the other way round.")


APPS = {source.name.split("/")[0] for source in sources() if source.name.endswith("/apps.py")}


def test_doors_of_the_web_send_tasks_by_name() -> None:
    faults = [
        f"{source.at(node)} imports {path}"
        for source in sources()
        if source.is_door and not source.name.endswith("tasks.py")
        for node, path in imported(source)
        if path.split(".")[0] in APPS and path.split(".")[1:2] == ["tasks"]
    ]
    assert not faults, report(faults, "Send a task by its name: the web process never loads it.")


def test_nobody_listens_to_django_signals() -> None:
    faults = [
        f"{source.at(node)} imports {path}"
        for source in sources()
        if source.name not in SIGNALS_ALLOWED and not source.is_test
        for node, path in imported(source)
        if path.startswith(SIGNAL_MODULES)
    ]
    assert not faults, report(faults, "No signals: lower floors store facts, upper floors read.")


def test_imports_stand_at_the_top() -> None:
    faults = [
        source.at(inner)
        for source in sources()
        if source.name not in LATE_IMPORTS_ALLOWED
        for function in source.functions
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not faults, report(faults, "Imports inside functions are how cycles hide.")


def test_models_do_not_override_save() -> None:
    faults = [
        source.at(node)
        for source in sources()
        if source.name.endswith("models.py") or "/models/" in source.name
        for node in source.functions
        if node.name in {"save", "delete"}
    ]
    assert not faults, report(faults, "A row saves itself and nothing else.")
