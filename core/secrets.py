"""How are secrets kept that we have to read again? Sealed with the installation's keys.

The first key of ENCRYPTION_KEYS seals; all of them open, so that keys can be changed.
"""

import base64
import hashlib
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from core.errors import Broken


def seal(text: str) -> str:
    """`text`, encrypted and authenticated."""
    return _ring(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What `seal` was given; raises Broken when no key of ours opens it."""
    try:
        return _ring(tuple(settings.ENCRYPTION_KEYS)).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Broken(
            "A stored secret cannot be opened: is a key of ENCRYPTION_KEYS lost?"
        ) from error


@cache
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    digests = (hashlib.sha256(key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
