"""Do the lock files install everywhere, from whichever index the operator uses?"""

import json
import re
import subprocess

import pytest

from tests.tidy.tree import PROJECT, report

ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|--trusted-host")
PINNED = re.compile(r"^([A-Za-z0-9_.\[\]-]+)==(\S+)(.*)", re.MULTILINE)
PLATFORMS = ("darwin-arm64", "linux-arm64-gnu", "linux-x64-gnu")
SUBJECT_MAX = 60


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_every_python_package_is_pinned_by_hash_and_no_address(lock: str) -> None:
    text = (PROJECT / lock).read_text()
    assert not ADDRESS.search(text)
    blocks = re.split(r"\n(?=\S)", text)
    faults = [block.split()[0] for block in blocks if PINNED.match(block) and "sha256" not in block]
    assert not faults, report(faults, f"{lock} gives no hash for these.")
    assert len(PINNED.findall(text)) > 20


def test_the_npm_lock_names_no_registry_and_every_platform() -> None:
    packages = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    installed = {path: entry for path, entry in packages.items() if path}
    assert not [path for path, entry in installed.items() if "resolved" in entry]
    fetched = {path: entry for path, entry in installed.items() if not entry.get("inBundle")}
    assert not [path for path, entry in fetched.items() if "integrity" not in entry]
    for platform in PLATFORMS:
        assert any(path.endswith(f"oxide-{platform}") for path in installed), platform


def test_commit_subjects_fit_on_a_line() -> None:
    log = subprocess.run(
        ["git", "log", "--format=%s", "-n", "200"], cwd=PROJECT, capture_output=True, text=True
    )
    if log.returncode != 0:
        pytest.skip("not a git checkout")
    faults = [subject for subject in log.stdout.splitlines() if len(subject) > SUBJECT_MAX]
    assert not faults, report(faults, f"A commit's subject has at most {SUBJECT_MAX} characters.")
