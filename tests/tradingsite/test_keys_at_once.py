"""Do commands that change keys at once, or changes under way, lose a secret for good?"""

import threading
import time
from io import StringIO
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core.errors import Retryable
from core.secrets import ring
from tests.tradingsite.test_key_rotation import keys_file, opens, sealed, stored  # noqa: F401
from tradingsite import key_rotation

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.mark.parametrize("choice", [[], ["--resume"], ["--forget-old"]])
def test_it_refuses_a_second_command_while_one_changes_keys(
    keys_file: Path,  # noqa: F811
    choice: list[str],
) -> None:
    ring.add()
    before = keys_file.read_text()
    with ring.alone(), pytest.raises(CommandError, match="Another command"):
        call_command("rotate_keys", *choice, stdout=StringIO())
    assert keys_file.read_text() == before


def test_a_key_added_by_hand_while_old_ones_are_forgotten_loses_nothing(
    keys_file: Path,  # noqa: F811
) -> None:
    rows = stored(400)
    new = ring.add()

    def add_at_half_time() -> None:
        under_new = Authenticator.objects.filter(data__secret__startswith=f"v1:{new.id}")
        while not under_new.exists():
            time.sleep(0.01)
        ring.add()
        connection.close()

    other = threading.Thread(target=add_at_half_time)
    other.start()
    with pytest.raises(Retryable, match="by hand"):
        key_rotation.forget()
    other.join()
    assert all(opens(row) for row in Authenticator.objects.select_related("user"))
    assert len(ring.every_key()) == 3
    assert len(rows) == 400


def test_a_secret_that_is_stored_while_old_keys_are_forgotten_opens(
    keys_file: Path,  # noqa: F811
) -> None:
    (row,) = stored(1)
    is_sealed = threading.Event()

    def store_late() -> None:
        with transaction.atomic():
            Authenticator.objects.filter(pk=0).exists()
            text = sealed(row.user_id)
            is_sealed.set()
            time.sleep(1)
            Authenticator.objects.filter(pk=row.pk).update(data={"secret": text})
        connection.close()

    person = threading.Thread(target=store_late)
    person.start()
    is_sealed.wait()
    key_rotation.rotate()
    key_rotation.forget()
    person.join()
    assert opens(Authenticator.objects.select_related("user").get())
    assert len(ring.every_key()) == 1
