"""Which keys seal our secrets? The first seals, all of them open, so that keys can be changed.

The keys are texts: those of ENCRYPTION_KEYS, else the lines of a file in the data folder, newest
first. The file is looked at on every use, so a new key reaches every process at once.
"""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from core.durable import keep_names
from core.errors import Broken, Retryable
from core.secrets.envelope import is_wrapped, opened, wrapped_key

KEY_BYTES = 32
USE = b"tradingsite stored secrets v1"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the ring; its id may be shown, the rest never is."""

    id: str
    text: str = field(repr=False)
    material: bytes = field(repr=False)


def every_key() -> tuple[Key, ...]:
    """The whole ring, the sealing key first. Raises Broken where there is none."""
    if settings.ENCRYPTION_KEYS:
        return _read(tuple(settings.ENCRYPTION_KEYS))
    path = Path(settings.ENCRYPTION_KEYS_FILE)
    try:
        changed = path.stat()
    except OSError as error:
        raise Broken("The file of encryption keys is gone.") from error
    return _lines(path, changed.st_mtime_ns, changed.st_ino)


def current() -> Key:
    """The key that seals. Raises Broken."""
    return every_key()[0]


def named(key_id: str) -> Key:
    """The key of that id. Raises Broken where it is lost."""
    for key in every_key():
        if key.id == key_id:
            return key
    raise Broken(f"A stored secret cannot be opened: encryption key {key_id or '?'} is lost.")


@contextmanager
def alone() -> Iterator[None]:
    """Hold off every other change of the file's keys. Raises Retryable where one is under way."""
    if settings.ENCRYPTION_KEYS:  # not ours to change
        yield
        return
    path = Path(settings.ENCRYPTION_KEYS_FILE)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Retryable("Another command is changing the keys; wait for its end.") from error
        yield


def add() -> Key:
    """Put a new key in front of the file's, within `alone`.

    Raises Broken where the keys come from outside.
    """
    text = wrapped() if settings.KMS_KEY_ID else secrets.token_urlsafe(48)
    _replace([text, *(key.text for key in every_key())])
    return current()


def wrapped() -> str:
    """A new key as KMS wraps it, for ENCRYPTION_KEYS; no secret. Raises Broken without KMS."""
    if not settings.KMS_KEY_ID:
        raise Broken("KMS_KEY_ID names no master key of AWS KMS that could wrap a key.")
    return wrapped_key()


def forget(key_ids: frozenset[str]) -> None:
    """Take keys that seal nothing any more out of the file, within `alone`. Raises Broken."""
    _replace([key.text for key in every_key() if key.id not in key_ids])


def _replace(texts: list[str]) -> None:
    if settings.ENCRYPTION_KEYS:
        raise Broken(
            "The keys are set by ENCRYPTION_KEYS: change them there, the newest first, and restart"
            " every process (rotate_keys --print-wrapped makes one that AWS KMS wraps)."
        )
    path = Path(settings.ENCRYPTION_KEYS_FILE)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(texts) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    keep_names(path.parent)  # a power cut must not take back a key that seals something already


@lru_cache(maxsize=2)
def _lines(path: Path, _changed_ns: int, _inode: int) -> tuple[Key, ...]:
    return _read(tuple(filter(None, path.read_text().splitlines())))


@lru_cache(maxsize=2)
def _read(texts: tuple[str, ...]) -> tuple[Key, ...]:
    if not texts:
        raise Broken("There is no encryption key.")
    found = opened(text for text in texts if is_wrapped(text))
    return tuple(_key(text, found.get(text, text.encode())) for text in texts)


def _key(text: str, secret: bytes) -> Key:
    derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=USE).derive(secret)
    return Key(hashlib.sha256(text.encode()).hexdigest()[:8], text, derived)
