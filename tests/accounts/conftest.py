"""Set-up of the people's tests: hundreds of sign-ins need not cost what an attacker's would."""

from collections.abc import Iterator

import pytest

from accounts.passwords import Argon2id


@pytest.fixture(autouse=True, scope="package")
def cheap_hashes() -> Iterator[None]:
    """Hash with little memory and one pass."""
    patch = pytest.MonkeyPatch()
    patch.setattr(Argon2id, "memory_cost", 64)
    patch.setattr(Argon2id, "time_cost", 1)
    yield
    patch.undo()
