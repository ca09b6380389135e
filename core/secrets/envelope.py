"""Who opens the keys that AWS KMS keeps wrapped? A process of its own, which ends at once.

With KMS_KEY_ID, new keys of the ring are data keys of KMS, stored wrapped (`kms:<base64>`): who
steals the data folder or the environment has nothing. boto3 is heavy, so the site's processes ask
`python -m core.secrets.kms` over pipes; keys stand in no argument and no environment.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping

from core.errors import Broken

WRAPPED = "kms:"
WAIT_S = 60


def is_wrapped(text: str) -> bool:
    """Whether a stored key is one that KMS has to open."""
    return text.startswith(WRAPPED)


def wrapped_key() -> str:
    """A new data key, wrapped. Raises Broken where KMS refuses."""
    return str(_ask({"make": True})["made"])


def opened(wrapped: Iterable[str]) -> Mapping[str, bytes]:
    """What KMS makes of wrapped keys. Raises Broken where it refuses."""
    texts = list(wrapped)
    if not texts:
        return {}
    answer = _ask({"open": texts})["opened"]
    return {text: base64.b64decode(answer[text]) for text in texts}


def _ask(question: object) -> dict[str, dict[str, str]]:
    command = [sys.executable, "-m", "core.secrets.kms"]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=json.dumps(question), stdout=subprocess.PIPE, text=True, timeout=WAIT_S
        )
        done.check_returncode()
        answer: dict[str, dict[str, str]] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise Broken("AWS KMS does not open the encryption keys; the log says why.") from error
    return answer
