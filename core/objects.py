"""Where do big things lie? Whole objects by key, in a folder (`file://`) or a bucket (`s3://`)."""

import base64
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from core import aws
from core.aws import Absent
from core.durable import keep_names
from core.errors import Broken
from core.masking import masked

DRAFT = ".draft-"  # how a file begins whose writer has not finished


class Store(Protocol):
    """A place of objects. Keys are relative paths with slashes."""

    def put(self, key: str, body: bytes) -> None:
        """Store an object whole, over an earlier one, or not at all; raises Retryable, Broken."""
        ...

    def get(self, key: str) -> bytes:
        """An object; raises Absent where there is none, Retryable, Broken."""
        ...

    def find(self, prefix: str = "") -> Iterator[str]:
        """Every key that begins so, sorted; raises Retryable, Broken."""
        ...

    def delete(self, key: str) -> None:
        """Take an object away; one that is not there is no trouble. Raises Retryable, Broken."""
        ...


def at(url: str) -> Store:
    """The store at `file:///folder` or `s3://bucket/prefix`; raises Broken for another address."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path and parts.netloc in ("", "localhost"):
        return Folder(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc and "@" not in parts.netloc:
        prefix = parts.path.strip("/")
        return Bucket(parts.netloc, f"{prefix}/" if prefix else "")
    raise Broken(f"{masked(url)!r} is neither file:///folder nor s3://bucket/prefix.")


@dataclass(frozen=True, slots=True)
class Folder:
    """Objects as files; a file appears under its name only when all of it is on the disk."""

    root: Path

    def put(self, key: str, body: bytes) -> None:
        """Write beside, flush, rename."""
        path = self._path(key)
        draft = path.with_name(f"{DRAFT}{secrets.token_hex(8)}")
        with _said(f"write {key}"):
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            try:
                _write_through(draft, body)
                draft.replace(path)
                keep_names(path.parent)
            finally:
                draft.unlink(missing_ok=True)

    def get(self, key: str) -> bytes:
        """The file's bytes."""
        with _said(f"read {key}"):
            return self._path(key).read_bytes()

    def find(self, prefix: str = "") -> Iterator[str]:
        """Walk the folder; drafts that a killed writer left are none of ours."""
        top = self.root / prefix.rpartition("/")[0]
        with _said(f"list {prefix}"):
            found = [
                (Path(folder) / name).relative_to(self.root).as_posix()
                for folder, _, names in os.walk(top, onerror=_raise)
                for name in names
                if not name.startswith(DRAFT)
            ]
        return iter(sorted(key for key in found if key.startswith(prefix)))

    def delete(self, key: str) -> None:
        """Remove the file."""
        with _said(f"delete {key}"):
            self._path(key).unlink(missing_ok=True)

    def sweep(self, before: datetime) -> int:
        """Remove the drafts of writers that were killed earlier than that; how many."""
        with _said("sweep"):
            old = [
                draft
                for draft in self.root.rglob(f"{DRAFT}*")
                if draft.stat().st_mtime < before.timestamp()
            ]
            for draft in old:
                draft.unlink(missing_ok=True)
        return len(old)

    def _path(self, key: str) -> Path:
        if not key or any(part in ("", ".", "..") for part in key.split("/")):
            raise Broken(f"{key!r} is no key of an object.")
        return self.root / key


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects in S3, which checks what arrives against the sha256 that goes with it."""

    name: str
    prefix: str = ""

    def put(self, key: str, body: bytes) -> None:
        """One request: the object is there whole, or not."""
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        with aws.translated(f"S3 put {key}"):
            self._s3.put_object(
                Bucket=self.name, Key=self.prefix + key, Body=body, ChecksumSHA256=digest
            )

    def get(self, key: str) -> bytes:
        """The object's bytes, of the length and checksum S3 names."""
        with aws.translated(f"S3 get {key}"):
            answer = self._s3.get_object(
                Bucket=self.name, Key=self.prefix + key, ChecksumMode="ENABLED"
            )
            body: bytes = answer["Body"].read()
            return body

    def find(self, prefix: str = "") -> Iterator[str]:
        """Page by page, in S3's order, which is sorted."""
        with aws.translated(f"S3 list {prefix or 'everything'}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=self.prefix + prefix
            )
            for page in pages:
                for found in page.get("Contents", ()):
                    yield found["Key"].removeprefix(self.prefix)

    def delete(self, key: str) -> None:
        """S3 says nothing of an object that was not there."""
        with aws.translated(f"S3 delete {key}"):
            self._s3.delete_object(Bucket=self.name, Key=self.prefix + key)

    @property
    def _s3(self) -> Any:
        return aws.client("s3")


@contextmanager
def _said(deed: str) -> Iterator[None]:
    """What the disk refuses, in our words: Absent, or Broken; a full disk wants a person too."""
    try:
        yield
    except FileNotFoundError as error:
        raise Absent(f"{deed}: not there.") from error
    except OSError as error:
        raise Broken(f"{deed}: {error.strerror or type(error).__name__}.") from error


def _write_through(path: Path, body: bytes) -> None:
    with path.open("xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _raise(error: OSError) -> None:
    """`os.walk` says nothing otherwise; a folder that is not there holds no keys."""
    if not isinstance(error, FileNotFoundError):
        raise error
