"""Recovery codes that came of a sealed seed become hashes; they go on to work."""

from typing import Any

from django.db import migrations, transaction

from accounts import recovery_codes, second_factor
from core.errors import Broken


def hash_them(apps: Any, schema_editor: Any) -> None:
    """Row by row; a seed that no key of the ring opens stays as it is.

    Ten hashes a person take half a second. What is done stays done where this is broken off, and
    meanwhile nobody waits for more than their own row, nor gets a code back that they used.
    """
    alias = schema_editor.connection.alias
    rows = apps.get_model("mfa", "Authenticator").objects.using(alias)
    by_seed = rows.filter(type="recovery_codes", data__has_key="seed")
    for pk in list(by_seed.values_list("pk", flat=True)):
        with transaction.atomic(using=alias):
            if row := by_seed.select_for_update().filter(pk=pk).first():
                _hash(row)


def _hash(row: Any) -> None:
    try:
        with second_factor.acting_for(row.user):
            row.data = recovery_codes.without_seed(row)
    except Broken:
        return
    row.save(update_fields=["data"])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0007_takeouts"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(hash_them, migrations.RunPython.noop)]
