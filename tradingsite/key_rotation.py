"""How do the encryption keys change while the site runs? A new one seals, then every row follows.

Every process sees the new key at once (`core/secrets/ring.py`); old ones stay until `forget`, so
nothing sealed a moment ago is ever unreadable.
"""

from dataclasses import dataclass

from django.conf import settings

from accounts import second_factor
from core.errors import Retryable
from core.secrets import ring, rotation, waiting


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did."""

    key_id: str
    rows: int
    old: tuple[str, ...]


def rotate() -> Rotated:
    """Make a new key and bring every stored secret under it.

    Where ENCRYPTION_KEYS holds the keys, its first one is the new one. It may be run again at any
    time: after a crash it goes on where it stopped. Raises Broken; Retryable while another command
    changes the keys, as all of these do.
    """
    with ring.alone():
        if not settings.ENCRYPTION_KEYS:
            ring.add()
        return _resealed()


def resume() -> Rotated:
    """Bring every stored secret under the sealing key; makes none. Raises Broken, Retryable."""
    with ring.alone():
        return _resealed()


def forget() -> Rotated:
    """Resume, then take the keys out of the ring that were old before. Raises Broken, Retryable.

    Whoever sealed under one of them and has not committed yet is waited for. Backups made before
    still hold secrets under them: a restored one needs its keys' export.
    """
    with ring.alone():
        before = ring.every_key()
        waiting.for_older_transactions()
        done = _resealed()
        if ring.every_key() != before:
            raise Retryable("The keys were changed by hand meanwhile; none is forgotten.")
        ring.forget(frozenset(done.old))
        return done


def _resealed() -> Rotated:
    rows = second_factor.reseal() + rotation.everywhere()
    first, *old = ring.every_key()
    return Rotated(first.id, rows, tuple(key.id for key in old))
