"""How are secrets kept that we have to read again? Sealed with the installation's keys.

AES-256-GCM (NIST SP 800-38D) with random nonces. A sealed text names its key; what it is for and
whose it is are authenticated with it, so a text moved to another person's row does not open.
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import Broken
from core.secrets import ring

VERSION = "v1"
NONCE_BYTES = 12


def seal(text: str, *, purpose: str, owner: object) -> str:
    """`text` as it may be stored: `v1:<key id>:<base64 of nonce and ciphertext>`."""
    key = ring.current()
    nonce = os.urandom(NONCE_BYTES)
    body = AESGCM(key.material).encrypt(nonce, text.encode(), _context(purpose, owner, key.id))
    return f"{VERSION}:{key.id}:{base64.b64encode(nonce + body).decode()}"


def unseal(sealed: str, *, purpose: str, owner: object) -> str:
    """What `seal` was given.

    Raises Broken where the key is lost, the text was changed, or it belongs to another person or
    purpose.
    """
    key = ring.named(key_id(sealed))
    try:
        body = base64.b64decode(sealed.rpartition(":")[2], validate=True)
        nonce, context = body[:NONCE_BYTES], _context(purpose, owner, key.id)
        return AESGCM(key.material).decrypt(nonce, body[NONCE_BYTES:], context).decode()
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise Broken("A stored secret does not open: it was changed, or moved.") from error


def key_id(sealed: str) -> str:
    """Which key a text was sealed with; empty for a text that `seal` did not make."""
    version, _, rest = sealed.partition(":")
    return rest.partition(":")[0] if version == VERSION else ""


def resealed(sealed: str, *, purpose: str, owner: object) -> str:
    """The same secret under the current key; unchanged where it is already. Raises Broken."""
    if key_id(sealed) == ring.current().id:
        return sealed
    return seal(unseal(sealed, purpose=purpose, owner=owner), purpose=purpose, owner=owner)


def _context(purpose: str, owner: object, key: str) -> bytes:
    """The associated data: lengths in front, so no two triples read alike."""
    parts = (purpose, str(owner), key)
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
