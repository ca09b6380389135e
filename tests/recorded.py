"""Where are the recorded market messages? Beside the project; tests that need them skip else."""

import os
from pathlib import Path

import pytest

FOLDER = Path(
    os.environ.get("SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
)


def path(name: str) -> Path:
    """The recorded file of that name; skips the test where it is absent."""
    file = FOLDER / name
    if not file.exists():
        pytest.skip(f"recorded data {name} is not beside this checkout")
    return file
