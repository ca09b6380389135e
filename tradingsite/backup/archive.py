"""What is a backup? Encrypted parts in a store, and a manifest that is written last.

Each part is sealed with AES-256-GCM under a key made for this backup alone (HKDF-SHA256, RFC 5869);
its number and whether it is the last are authenticated with it (the STREAM construction of
Hoang, Reyhanitabar, Rogaway and Vizár, 2015). The manifest names every part with its sha256 and
carries an HMAC. Without a manifest there is no backup: a killed writer leaves none.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.aws import Absent
from core.errors import Broken
from core.objects import Store

PART_BYTES = 16 * 2**20
SALT_BYTES = 32
ID_FORMAT = "%Y-%m-%dT%H-%M-%SZ"
MANIFEST = "manifest.json"


class Damaged(Broken):
    """A backup is not what was written, or was written under another key."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was written, when and from which server; sizes in bytes, checksums as hex sha256."""

    id: str
    server: str
    key_id: str
    salt: str
    sizes: tuple[int, ...]
    checksums: tuple[str, ...]

    @property
    def made_at(self) -> datetime:
        """When the dump began, UTC."""
        return moment(self.id)

    @property
    def size(self) -> int:
        """Bytes of all parts together."""
        return sum(self.sizes)

    def text(self) -> bytes:
        """The form in which it is authenticated."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(told, sort_keys=True).encode()


def moment(backup_id: str) -> datetime:
    """When a backup of that id began, UTC; raises ValueError for a name that is none."""
    return datetime.strptime(f"{backup_id}+0000", f"{ID_FORMAT}%z")


def key_id(secret: str) -> str:
    """The name of a backup key, which may be shown."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def write(
    store: Store, dump: Iterable[bytes], *, at: datetime, server: str, secret: str
) -> Manifest:
    """Store a dump; where `dump` raises, nothing that counts is left. Raises Retryable, Broken."""
    backup_id, salt = at.strftime(ID_FORMAT), os.urandom(SALT_BYTES)
    cipher = AESGCM(_derived(secret, salt, b"parts"))
    sizes, checksums = [], []
    for number, (piece, is_last) in enumerate(_parts(dump)):
        body = cipher.encrypt(_nonce(number), piece, _context(backup_id, number, is_last=is_last))
        store.put(_part(backup_id, number), body)
        sizes.append(len(body))
        checksums.append(hashlib.sha256(body).hexdigest())
    manifest = Manifest(
        backup_id, server, key_id(secret), salt.hex(), tuple(sizes), tuple(checksums)
    )
    mac = _mac(secret, manifest)
    told = json.dumps({"manifest": json.loads(manifest.text()), "mac": mac}, indent=1)
    store.put(f"{backup_id}/{MANIFEST}", told.encode())
    return manifest


def manifest(store: Store, backup_id: str, *, secret: str) -> Manifest:
    """A backup's manifest, proved genuine. Raises Damaged, Absent, Retryable, Broken."""
    try:
        told = json.loads(store.get(f"{backup_id}/{MANIFEST}"))
        found = Manifest(**{**told["manifest"], **_tuples(told["manifest"])})
        mac, ours = str(told["mac"]).encode(), _mac(secret, found).encode()
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"The manifest of {backup_id} cannot be read.") from error
    if found.key_id != key_id(secret):
        raise Damaged(f"{backup_id} was written under key {found.key_id}, not {key_id(secret)}.")
    if not hmac.compare_digest(mac, ours) or found.id != backup_id:
        raise Damaged(f"The manifest of {backup_id} was changed.")
    return found


def read(store: Store, found: Manifest, *, secret: str) -> Iterator[bytes]:
    """The dump, piece by piece, each proved genuine. Raises Damaged, Retryable, Broken."""
    cipher = AESGCM(_derived(secret, bytes.fromhex(found.salt), b"parts"))
    for number, checksum in enumerate(found.checksums):
        name = _part(found.id, number)
        try:
            body = store.get(name)
        except Absent as error:
            raise Damaged(f"{name} is missing.") from error
        if hashlib.sha256(body).hexdigest() != checksum:
            raise Damaged(f"{name} is not what was written: {len(body)} bytes, wrong checksum.")
        context = _context(found.id, number, is_last=number == len(found.checksums) - 1)
        try:
            yield cipher.decrypt(_nonce(number), body, context)
        except InvalidTag as error:
            raise Damaged(f"{name} does not open.") from error


def listing(store: Store) -> list[str]:
    """The ids of whole backups, oldest first; what a killed writer left is none."""
    names = [key.partition("/") for key in store.find()]
    return sorted(one for one, _, name in names if name == MANIFEST and _is_id(one))


def remove(store: Store, backup_id: str) -> None:
    """Take a backup away, its manifest first."""
    store.delete(f"{backup_id}/{MANIFEST}")
    for key in list(store.find(f"{backup_id}/")):
        store.delete(key)


def leftovers(store: Store) -> list[str]:
    """Ids of which there are parts and no manifest; folders of somebody else are none."""
    found = {key.partition("/")[0] for key in store.find()} - set(listing(store))
    return sorted(filter(_is_id, found))


def _is_id(name: str) -> bool:
    try:
        moment(name)
    except ValueError:
        return False
    return True


def _parts(dump: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The same bytes in pieces of PART_BYTES, and whether a piece is the last one."""
    kept = bytearray()
    for chunk in dump:
        kept += chunk
        while len(kept) > PART_BYTES:
            yield bytes(kept[:PART_BYTES]), False
            del kept[:PART_BYTES]
    yield bytes(kept), True


def _part(backup_id: str, number: int) -> str:
    return f"{backup_id}/part-{number:06}"


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _context(backup_id: str, number: int, *, is_last: bool) -> bytes:
    return f"{backup_id}/{number}/{'last' if is_last else 'more'}".encode()


def _derived(secret: str, salt: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=salt, info=b"tradingsite backup " + use).derive(secret.encode())


def _mac(secret: str, found: Manifest) -> str:
    key = _derived(secret, bytes.fromhex(found.salt), b"manifest")
    return hmac.new(key, found.text(), "sha256").hexdigest()


def _tuples(told: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(told[name]) for name in ("sizes", "checksums")}
