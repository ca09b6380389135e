"""Which letters lie in the data folder? For administrators, where no mail server is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail.backends.filebased import EmailBackend as Files

from core import clock

SHOWN_MAX = 50
KEPT = timedelta(days=14)
DASHES = b"\n" + b"-" * 79


@dataclass(frozen=True, slots=True)
class Post:
    """One letter as it lies there."""

    to: str
    subject: str
    date: str
    text: str


class PrivateFiles(Files):
    """Letters hold links that open accounts: only the owner of the data folder may read them."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        Path(settings.EMAIL_FILE_PATH).mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def _get_filename(self) -> str:
        """A file for each letter; Django's names can fall together within a second."""
        return str(Path(self.file_path) / f"{clock.now():%Y%m%d-%H%M%S}-{uuid4().hex}.log")


def is_used() -> bool:
    """Are letters kept as files here?"""
    return not settings.EMAIL_URL


def newest() -> list[Post]:
    """The latest letters, newest first."""
    files = sorted(_files(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return [_read(file) for file in files[:SHOWN_MAX]]


def forget_old() -> int:
    """Delete letters older than 14 days; how many there were."""
    until = (clock.now() - KEPT).timestamp()
    return _delete(file for file in _files() if file.stat().st_mtime < until)


def forget(*addresses: str) -> int:
    """Delete the letters to these addresses; how many there were."""
    return _delete(file for file in _files() if _read(file).to in addresses)


def _files() -> list[Path]:
    return list(Path(settings.EMAIL_FILE_PATH).glob("*.log")) if is_used() else []


def _delete(files: Iterable[Path]) -> int:
    gone = list(files)
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


def _read(file: Path) -> Post:
    raw = file.read_bytes().partition(DASHES)[0]
    message = BytesParser(policy=policy.default).parsebytes(raw)
    body = message.get_body(("plain",))
    return Post(
        to=str(message["to"] or ""),
        subject=str(message["subject"] or ""),
        date=str(message["date"] or ""),
        text=str(body.get_content()) if body else "",
    )
