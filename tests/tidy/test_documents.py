"""Do the documents speak of what is there?"""

import re
from pathlib import Path

import pytest

from tests.everything import told_to_a_site
from tests.tidy.tree import PROJECT, files, report

NAMED = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|sql|toml|txt|json|yml))`")
MADE_LATER = ("var/", "build/", "node_modules/", "static/vendor/", "static/css/app.css")
READ = re.compile(r"\b(?:env\.\w+|number|server|networks)\(\s*\"([A-Z_]+)\"")
DOCUMENTS = [path.name for path in PROJECT.glob("*.md")]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_a_document_names_exists(document: str) -> None:
    text = (PROJECT / document).read_text()
    faults = [
        f"{document}:{text[: found.start()].count(chr(10)) + 1} {found[1]}"
        for found in NAMED.finditer(text)
        if not (PROJECT / found[1]).exists() and not found[1].startswith(MADE_LATER)
        if is_meant_as_a_file(found[1])
    ]
    assert not faults, report(faults, "A document names files that do not exist.")


def test_the_readme_explains_every_variable_that_settings_read() -> None:
    settings = (PROJECT / "tradingsite" / "settings").glob("*.py")
    read = {name for path in settings for name in READ.findall(path.read_text())}
    assert len(read) > 30
    assert read <= told_to_a_site()


def is_meant_as_a_file(name: str) -> bool:
    """Addresses of the site (`convert/`) and routes of the API look like folders."""
    if "/" not in name:
        return name not in {path.name for path in files(Path(name).suffix)}
    first = name.split("/")[0]
    return (PROJECT / first).is_dir() or name.endswith((".py", ".sql", ".html"))
