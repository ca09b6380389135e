"""Is every package others wrote listed with its licence?"""

import os
import re

from tests.tidy import licences
from tests.tidy.tree import report

LINE = re.compile(r"^\| ([^| ]+) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)


def test_every_locked_package_is_listed_with_its_licence() -> None:
    if os.environ.get("UPDATE_LICENCES"):
        licences.DOCUMENT.write_text(licences.document())
    listed = dict(LINE.findall(licences.DOCUMENT.read_text()))
    listed.pop("package")
    locked = {name for name, _ in licences.locked()}
    assert listed.keys() == locked, licences.__doc__
    faults = [
        name for name, licence in listed.items() if licence.strip().lower() in ("", "unknown")
    ]
    assert not faults, report(faults, "Nobody has read the licence of these.")
