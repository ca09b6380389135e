"""Recovery codes that came of a sealed seed become hashes; they go on to work."""

from typing import Any

from django.db import migrations

from accounts import recovery_codes, second_factor
from core.errors import Broken


def hash_them(apps: Any, schema_editor: Any) -> None:
    """Row by row; a seed that no key of the ring opens stays as it is."""
    rows = apps.get_model("mfa", "Authenticator").objects.using(schema_editor.connection.alias)
    for row in rows.filter(type="recovery_codes", data__has_key="seed").iterator():
        try:
            with second_factor.acting_for(row.user):
                row.data = recovery_codes.without_seed(row)
        except Broken:
            continue
        row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_takeouts"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(hash_them, migrations.RunPython.noop)]
