"""Does a start leave PostgreSQL's files to the account that made them?"""

import os
from pathlib import Path

import pytest

from tradingsite.supervisor import account
from tradingsite.supervisor.progress import SetupError

OURS = account.Account(os.geteuid(), os.getegid())
STRANGER = account.Account(os.geteuid() + 1, os.getegid())


def test_it_refuses_files_of_another_account(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="start as that one, or choose another data folder"):
        account.refuse_foreign(tmp_path, STRANGER)


@pytest.mark.parametrize("runs_as", [OURS, None])
def test_its_own_files_and_none_are_welcome(
    tmp_path: Path, runs_as: account.Account | None
) -> None:
    account.refuse_foreign(tmp_path, runs_as)
    account.refuse_foreign(tmp_path / "nothing yet", runs_as)
