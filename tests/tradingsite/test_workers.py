"""What does `./test` say of a path that does not exist?"""

import os
import subprocess
import sys

import pytest

from tests import workers
from tradingsite.datafolder import PROJECT


def test_a_path_that_does_not_exist_is_named() -> None:
    command = [sys.executable, "-m", "pytest", *workers.ARGUMENTS, "tests/nowhere.py::test_it"]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST")
    }
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "there is no tests/nowhere.py::test_it" in done.stderr
