"""Which keys do tests give? One per venue, with a canary for a secret, and how they are tested."""

import base64

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from accounts.models import User
from portfolio import credentials, tasks
from portfolio.credentials import Wish
from portfolio.models import ExchangeKey
from tests.venue.state import Venue

CANARY = "Canary0Bird0In0A0Coal0Mine0"


def _pem() -> str:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        .decode()
        .strip()
    )


KEYS = {
    "kraken": f"{CANARY}KeyKraken",
    "coinbase": f"organizations/{CANARY}/apiKeys/KeyCoinb",
    "binance": f"{CANARY}KeyBinan",
}
SECRETS = {
    "kraken": base64.b64encode((CANARY * 3).encode()[:64]).decode(),
    "coinbase": _pem(),
    "binance": f"{CANARY}{CANARY}",
}


def wish(venue: str = "binance", mode: str = "real", **other: str) -> Wish:
    """A key that is in order."""
    given = {"label": "Mine", "key": KEYS[venue], "secret": SECRETS[venue]} | other
    return Wish(venue=venue, mode=mode, **given)


def grant(venue: Venue, *may: str) -> None:
    """Let the venue know the key."""
    venue.grant(KEYS[venue.name], SECRETS[venue.name], *may)


def after_test(row: ExchangeKey) -> ExchangeKey:
    """The row after the worker has asked the venue."""
    tasks.test_key(row.pk)
    row.refresh_from_db()
    return row


def kept(user: User, venue: str = "binance", mode: str = "real") -> ExchangeKey:
    """A key of `user`, not tested."""
    return credentials.add(user, wish(venue, mode))
