"""What does AWS KMS do for us? It makes data keys and opens wrapped ones (envelope encryption).

Run as a program: a JSON question on standard input, a JSON answer on standard output.
"""

import base64
import json
import os
import sys

import django
from django.conf import settings

from core import aws
from core.errors import PlatformError
from core.secrets.envelope import WRAPPED

CONTEXT = {"purpose": "tradingsite stored secrets"}  # KMS authenticates it with each key


class KeyService:
    """One master key of AWS KMS."""

    def __init__(self, master_key_id: str) -> None:
        self.master_key_id = master_key_id
        self.client = aws.client("kms")

    def make(self) -> str:
        """A new 256-bit data key, wrapped. Raises Retryable or Broken."""
        with aws.translated("making a data key"):
            made = self.client.generate_data_key_without_plaintext(
                KeyId=self.master_key_id, KeySpec="AES_256", EncryptionContext=CONTEXT
            )
        return WRAPPED + base64.b64encode(made["CiphertextBlob"]).decode()

    def open(self, wrapped: str) -> bytes:
        """The data key inside a wrapped one. Raises Retryable or Broken."""
        blob = base64.b64decode(wrapped.removeprefix(WRAPPED))
        with aws.translated("opening a data key"):
            opened = self.client.decrypt(
                KeyId=self.master_key_id, CiphertextBlob=blob, EncryptionContext=CONTEXT
            )
        return bytes(opened["Plaintext"])


def answer(question: dict[str, list[str]], service: KeyService) -> dict[str, object]:
    """What one question is answered with; raises Retryable or Broken."""
    if "make" in question:
        return {"made": service.make()}
    opened = {text: base64.b64encode(service.open(text)).decode() for text in question["open"]}
    return {"opened": opened}


def main() -> int:
    """Answer the question on standard input; 1 where KMS refuses."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingsite.settings")
    django.setup(set_prefix=False)
    try:
        told = answer(json.load(sys.stdin), KeyService(settings.KMS_KEY_ID))
    except PlatformError as error:
        sys.stderr.write(f"AWS KMS: {error}\n")
        return 1
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
