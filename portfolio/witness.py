"""Which seal was the newest? Noted outside PostgreSQL: in Redis, and in a file of the data folder.

So seals that are cut off at the end are missed, also after Redis was emptied by a restart.
"""

import json
from pathlib import Path

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from redis import RedisError

from portfolio.models import Seal

KEY = "portfolio:newest-seal"
Note = tuple[int, str]  # a seal's number and digest

log = structlog.get_logger(__name__)


def seen() -> set[Note]:
    """The newest seals as noted outside PostgreSQL; none where nobody knows one."""
    return {note for note in (_in_redis(), _in_file()) if note}


def is_there(number: int, digest: str) -> bool:
    """Whether that very seal is in the database."""
    return bool(Seal.objects.filter(number=number, digest=digest).exists())


def note(number: int, digest: str) -> None:
    """Note a seal that was made, unless one that was noted is missing: that is to be found out."""
    if not all(is_there(*one) for one in seen()):
        return
    draft = file().with_suffix(".new")
    try:
        draft.write_text(json.dumps([number, digest]))
        draft.replace(file())
    except OSError:
        log.exception("the newest seal could not be noted in the data folder")
    cache.set(_key(), (number, digest), timeout=None)


def forget() -> None:
    """Forget what was noted. Raises RedisError, OSError."""
    file().unlink(missing_ok=True)
    cache.delete(_key())


def file() -> Path:
    """Of this database: a restored or tested one may share the folder."""
    return Path(settings.SEAL_WITNESS) / f"seal-{connection.settings_dict['NAME']}.json"


def _in_redis() -> Note | None:
    try:
        kept = cache.get(_key())
    except RedisError:
        return None
    return (int(kept[0]), str(kept[1])) if kept else None


def _in_file() -> Note | None:
    try:
        number, digest = json.loads(file().read_text())
        return int(number), str(digest)
    except (OSError, ValueError, TypeError):
        return None


def _key() -> str:
    return f"{KEY}:{connection.settings_dict['NAME']}"
