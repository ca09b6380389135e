"""Do our scripts write only where they mean to? Somebody's text as a key may say `__proto__`."""

import re

from tests.tidy.tree import PROJECT, report

SCRIPTS = sorted((PROJECT / "static" / "js").rglob("*.js"))
COMPUTED = re.compile(r"\]\s*(?:=(?![=>])|\+=|\?\?=|\|\|=)")
LITERAL = re.compile(r"(?:const|let)\s+\[|\[(?:\d+|\"[^\"]*\")\]\s*=")
# Keys are names out of our own catalog of studies, places in a list, or written down in the code.
OURS = {
    "Object.assign(this.values, fields);",
    "for (const entry of this.entries) Object.assign(entry, UNKNOWN());",
    "parameters[first.name] = String(length);",
    "this.chosen[place].parameters[input.name] = input.value;",
    "this.chosen[place] = { ...this.chosen[place] };",
}
MERGES = re.compile(
    r"Object\.assign\((?!this, \{|input, \{|document\.createElement)|setPrototypeOf|eval\("
)


def test_no_script_writes_under_a_key_that_somebody_else_chose() -> None:
    faults = [
        f"{path.name}:{number} {line.strip()}"
        for path in SCRIPTS
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (COMPUTED.search(line) and not LITERAL.search(line)) or MERGES.search(line)
        if line.strip() not in OURS
    ]
    assert not faults, report(faults, "Use a Map, or say here why the key is ours.")
