"""Who gets what at every address? The site's addresses, asked by five people with five methods.

The answers are kept in `every_url.txt`: one line per address, one status per visitor. After adding
an address, run `UPDATE_URLS=1 pytest tests/stories/test_every_url.py` and read the difference: it
is what has just been opened to whom.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver

TABLE = Path(__file__).with_suffix(".txt")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CONSOLE_METHODS = METHODS[:2]  # tests/tradingsite/test_console.py asks all of it by others
VISITORS = ("anonymous", "alice", "bob", "dana", "erin")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))+\)")
FORM: dict[str, Any] = {"content_type": "application/x-www-form-urlencoded"}
JSON: dict[str, Any] = {
    "data": "{}",
    "content_type": "application/json",
    "headers": {"Idempotency-Key": "any"},
}
OF_A_MODEL = re.compile(r"^/admin/(\w+)/(\w+)/<object_id>")
FEW = 10  # requests reach no limit
HANDLER = ClientHandler(enforce_csrf_checks=False)  # its middleware is loaded once
NOT_ALLOWED = ("405",) * len(VISITORS)

_asked = count()

Statuses = dict[str, tuple[str, ...]]  # method -> status of each visitor
Answers = dict[str, Statuses]  # by address


@dataclass(frozen=True)
class Visitor:
    """One who knocks: a browser that is signed in, or not."""

    name: str
    cookies: Mapping[str, str]

    def status(self, method: str, path: str) -> int:
        """What this visitor gets; whatever the request changed is undone."""
        if next(_asked) % FEW == 0:
            cache.clear()  # so that no limit is reached
        client = Client(raise_request_exception=False)
        client.handler = HANDLER
        client.cookies.load(dict(self.cookies))
        with transaction.atomic():
            response = client.generic(method, path, **(JSON if "/api/" in path else FORM))
            transaction.set_rollback(True)
        return response.status_code


def addresses() -> list[str]:
    """Every address of the URLconf, with its parameters by name; the API's first: quotes expire."""
    return sorted(set(_walk(get_resolver(), "/")), key=lambda name: ("/api/" not in name, name))


def ask(visitors: list[Visitor], address: str, values: Mapping[str, str]) -> Statuses:
    """What each visitor gets at `address` by each method; left out where it is 405 for all."""
    path = fill(address, values)
    answers = {
        method: tuple(str(visitor.status(method, path)) for visitor in visitors)
        for method in methods_of(address)
    }
    return {method: statuses for method, statuses in answers.items() if statuses != NOT_ALLOWED}


def methods_of(address: str) -> tuple[str, ...]:
    """With which methods an address is asked."""
    return CONSOLE_METHODS if address.startswith("/admin/") else METHODS


def fill(address: str, values: Mapping[str, str]) -> str:
    """A path of that address; rows of the console stand under the key of the first there is."""
    if found := OF_A_MODEL.match(address):
        row = apps.get_model(found[1], found[2])._default_manager.first()
        values = {**values, "object_id": str(row.pk if row else 0)}
    return re.sub(r"<(\w+)>", lambda parameter: values[parameter[1]], address)


def read() -> Answers:
    """The table as it was committed."""
    answers: Answers = {}
    for line in TABLE.read_text().splitlines():
        if not line.startswith("#"):
            address, *rest = line.split()
            answers[address] = {
                method: tuple(statuses.split("/"))
                for method, _, statuses in (cell.partition(":") for cell in rest)
            }
    return answers


def write(answers: Answers) -> None:
    """Commit this table."""
    lines = [f"# method:{'/'.join(VISITORS)}; methods left out are 405 for all"]
    for address, methods in answers.items():
        cells = (f"{method}:{'/'.join(statuses)}" for method, statuses in methods.items())
        lines.append("  ".join((address, *cells)))
    TABLE.write_text("\n".join(lines) + "\n")


def _walk(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + _plain(str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from _walk(pattern, route)


def _plain(route: str) -> str:
    named = PARAMETER.sub(lambda found: f"<{found[1] or found[2]}>", route)
    return named.removeprefix("^").removesuffix("$").removesuffix(r"\Z").replace("\\", "")
