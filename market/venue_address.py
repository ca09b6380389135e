"""Where does a venue live? The operator's EXCHANGES may move every address ccxt holds for it."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from core.errors import Broken

SOCKET_SCHEMES = ("ws", "wss")


def settle(client: Any, venue: str) -> Any:
    """Give a ccxt client the operator's options, pace, sandbox and addresses; returns the client.

    Raises Broken where a sandbox is asked of a venue for which ccxt knows none.
    """
    wanted = settings.EXCHANGES.get(venue)
    if wanted is None:
        return client
    client.options = client.deep_extend(client.options, wanted.options or {})
    if wanted.rate_limit_ms is not None:
        client.rateLimit = wanted.rate_limit_ms
    if wanted.sandbox:
        if not client.urls.get("test"):
            raise Broken(f"EXCHANGES asks for a sandbox, but {venue} has none.")
        client.set_sandbox_mode(True)
    client.urls["api"] = moved(client.urls["api"], base_url=wanted.base_url, ws_url=wanted.ws_url)
    return client


def moved(addresses: Any, *, base_url: str | None, ws_url: str | None) -> Any:
    """Every address in a tree of dicts, with scheme and host replaced and its path kept.

    A path in `base_url` or `ws_url` goes in front; None leaves addresses of that kind alone.
    """
    if isinstance(addresses, dict):
        return {
            name: moved(below, base_url=base_url, ws_url=ws_url)
            for name, below in addresses.items()
        }
    if not isinstance(addresses, str):
        return addresses
    parts = urlsplit(addresses)
    target = ws_url if parts.scheme in SOCKET_SCHEMES else base_url
    if target is None:
        return addresses
    query = f"?{parts.query}" if parts.query else ""
    return target.rstrip("/") + parts.path + query
