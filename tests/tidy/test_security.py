"""Does docs/security.md answer every requirement of ASVS 5.0, levels 1 and 2, by what is there?"""

import re
from collections import Counter

from tests.tidy.tree import PROJECT, report

DOCUMENT = (PROJECT / "docs" / "security.md").read_text()
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| ([a-z ]+) \| (.*) \|$", re.MULTILINE)
ROWS = ROW.findall(DOCUMENT)
STATES = {"met", "not applicable", "open"}
# How many requirements each chapter has at levels 1 and 2 (5.0.0 of May 2025).
OF_CHAPTER = {
    **{1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29},
    **{11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16, 17: 7},
}
FILE = re.compile(r"(?:^|[ `(])([a-z]+/[\w./-]+\.[a-z]+)")


def test_every_requirement_is_answered_once() -> None:
    ids = [row[0] for row in ROWS]
    assert len(ids) == len(set(ids))
    assert Counter(int(one.split(".")[0]) for one in ids) == OF_CHAPTER


def test_every_answer_has_a_state_and_a_reason() -> None:
    faults = [row[0] for row in ROWS if row[3] not in STATES or len(row[4]) < 5]
    assert not faults, report(faults, "A row says met, not applicable or open, and why.")


def test_every_file_it_names_exists() -> None:
    named = set(FILE.findall(DOCUMENT))
    assert len(named) > 50
    faults = sorted(path for path in named if not (PROJECT / path).exists())
    assert not faults, report(faults, "docs/security.md names files that do not exist.")


def test_it_counts_its_own_rows() -> None:
    count = Counter(row[3] for row in ROWS)
    said = f"{count['met']} met, {count['not applicable']} not applicable, {count['open']} open."
    assert said in DOCUMENT
