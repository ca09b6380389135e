"""Is this the same request again? The caller's key, and a hash of what was asked with it."""

import hashlib
import json
import re

from rest_framework.request import Request

from core.errors import Code, Refused

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]{1,128}")


def idempotency_key(request: Request, *, required: bool = True) -> str | None:
    """The caller's key, 1-128 visible ASCII characters without a comma.

    Raises Refused `idempotency_key_missing` where one is required, `malformed` for any other text.
    Servers join two headers of one name by a comma: which of the two was meant, nobody can say.
    """
    key = request.headers.get(HEADER)
    if key is None:
        if required:
            raise Refused(Code.IDEMPOTENCY_KEY_MISSING, f"Send an {HEADER} header.")
        return None
    if not KEY.fullmatch(key):
        words = f"{HEADER} is sent once: 1-128 visible ASCII characters without a comma."
        raise Refused(Code.MALFORMED, words)
    return key


def request_hash(request: Request) -> str:
    """SHA-256 (hex) of method, path and canonical body: equal for requests that mean the same."""
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    asked = "\n".join((request.method or "", request.path, body))
    return hashlib.sha256(asked.encode()).hexdigest()
