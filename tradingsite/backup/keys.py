"""Which keys must survive the machine? Those of backups, stored secrets and signatures."""

import json
import os

from django.conf import settings

from core.secrets import ring


def backup_key() -> str:
    """The key backups are encrypted with: BACKUP_KEY, else one made once in the data folder."""
    return os.environ.get("BACKUP_KEY") or settings.DATA.key("backup_key")


def export(path: str) -> list[str]:
    """Write them into a new file that only its owner may read; their names.

    The file is what the environment of a new installation needs. Raises OSError where the file
    exists or cannot be made, Broken where there is no encryption key.
    """
    found = {
        "SECRET_KEY": settings.SECRET_KEY,
        "ENCRYPTION_KEYS": ",".join(key.text for key in ring.every_key()),
        "BACKUP_KEY": backup_key(),
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("".join(f"{name}={json.dumps(text)}\n" for name, text in found.items()))
    return list(found)
