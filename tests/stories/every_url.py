"""Who gets what at every address? The site's addresses, asked by four people with five methods.

The answers are kept in `every_url.txt`: one line per address and method, one status per visitor.
After adding an address, run `UPDATE_URLS=1 pytest tests/stories/test_every_url.py` and read the
difference: it is what you have just opened to whom.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User

TABLE = Path(__file__).with_suffix(".txt")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
VISITORS = ("anonymous", "alice", "bob", "dana")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))+\)")

Answers = dict[tuple[str, str], tuple[str, ...]]  # (address, method) -> status of each visitor


@dataclass(frozen=True)
class Visitors:
    """The four who knock; the first has no account."""

    alice: User
    bob: User
    dana: User

    def client(self, name: str) -> Client:
        """A browser of that person, which sends no CSRF token."""
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        if name != "anonymous":
            client.force_login(getattr(self, name))
        return client


def addresses() -> Iterator[str]:
    """Every address of the URLconf, with its parameters by name."""
    yield from sorted(set(_walk(get_resolver(), "/")))


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


def ask(visitors: Visitors, address: str, values: Mapping[str, str]) -> Answers:
    """What each visitor gets at `address`; whatever a request changed is undone."""
    path = re.sub(r"<(\w+)>", lambda found: values[found[1]], address)
    answers: Answers = {}
    for method in METHODS:
        statuses = []
        for name in VISITORS:
            client = visitors.client(name)
            with transaction.atomic():
                statuses.append(str(client.generic(method, path).status_code))
                transaction.set_rollback(True)
        answers[address, method] = tuple(statuses)
    return answers


def read() -> Answers:
    """The table as it was committed."""
    lines = [line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    return {(address, method): tuple(statuses) for address, method, *statuses in lines}


def write(answers: Answers) -> None:
    """Commit this table."""
    width = max(len(address) for address, _ in answers) + 2
    head = f"{'# address':{width}}{'method':8}{'  '.join(VISITORS)}"
    lines = [
        f"{address:{width}}{method:8}{'  '.join(statuses)}"
        for (address, method), statuses in answers.items()
    ]
    TABLE.write_text("\n".join([head, *lines]) + "\n")
